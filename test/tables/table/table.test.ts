/** Tables and their columns. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { arange, array, shared, zeros } from '../../../src/arrays/index.ts'
import { CategoryColumn, NumberColumn, Table } from '../../../src/tables/index.ts'

const table = new Table([
  new NumberColumn('price', array([1.5, NaN, 300])),
  new CategoryColumn('cut', array(Int8Array.of(1, -1, 0)), ['Good', 'Ideal']),
])

test('a table of arrays knows its rows, names and missing values', () => {
  assert.equal(table.rows, 3)
  assert.deepEqual(table.names, ['price', 'cut'])
  assert.deepEqual([table.has('cut'), table.has('Cut')], [true, false])
  assert.deepEqual(
    table.columns.map(({ missing }) => missing),
    [1, 1],
  )
  assert.deepEqual(table.row(0), { price: 1.5, cut: 'Ideal' })
  assert.deepEqual(table.row(1), { price: NaN, cut: null })
})

test('an unknown column is refused with the names that come close', () => {
  assert.throws(() => table.column('pice'), {
    code: 'ERR_INDEX',
    message: "Expected the name of a column, got 'pice'. Did you mean 'price'?",
  })
  assert.throws(() => table.column('carat'), {
    message: "Expected the name of a column, got 'carat'. There are 'price', 'cut'.",
  })
})

test('columns of unequal lengths or equal names are no table', () => {
  const x = new NumberColumn('x', zeros([2], 'float64'))
  assert.throws(() => new Table([x, new NumberColumn('y', zeros([3], 'float64'))]), {
    code: 'ERR_SHAPE',
    message: "Expected 2 values in column 'y' like in the first column, got 3.",
  })
  assert.throws(() => new Table([x, x]), {
    code: 'ERR_INDEX',
    message: "Expected different column names, got 'x' twice.",
  })
  assert.throws(() => new NumberColumn('m', zeros([2, 2], 'float64')), {
    code: 'ERR_SHAPE',
    message: "Expected values of one axis for column 'm', got shape [2, 2].",
  })
  assert.throws(() => new NumberColumn('m', Float64Array.of(1, 2) as never), {
    name: 'TypeError',
    message:
      "Expected the values of column 'm' as an NDArray, got an object of class Float64Array. Make one with array(values).",
  })
  const codes = zeros([2], 'float64') as never
  assert.throws(() => new CategoryColumn('c', codes, ['a']), {
    code: 'ERR_DTYPE',
    message:
      "Expected int8, int16, int32, uint8, uint16 or uint32 values for column 'c', got float64.",
  })
  assert.throws(() => new CategoryColumn('c', () => codes, ['a']).values, { code: 'ERR_DTYPE' })
})

test('a preview lines numbers up to the right and texts to the left', () => {
  const preview = ['3 rows × 2 columns', 'price  cut', '  1.5  Ideal', '    –  –', '  300  Good']
  assert.deepEqual(String(table).split('\n'), preview)
  assert.equal(inspect(table), preview.join('\n'))
})

test('a preview leaves out what is too much', () => {
  const columns = Array.from(
    { length: 40 },
    (_, k) => new NumberColumn(`column${k}`, zeros([20], 'float64')),
  )
  const note = new CategoryColumn('note', array(new Int8Array(20)), ['two\n  lines '.repeat(9)])
  const lines = String(new Table([note, ...columns])).split('\n')
  assert.equal(lines[0], '20 rows × 41 columns')
  assert.match(lines[2]!, /^two lines two lines two…/)
  assert.equal(lines.length, 1 + 1 + 8 + 2)
  assert.equal(lines[10], '…')
  assert.match(lines[11]!, /^and columns column\d+, .*…$/)
  assert.ok(lines.every((line) => line.length <= 100))
})

test('columns that are made on first use are made once', () => {
  let made = 0
  const column = new CategoryColumn(
    'k',
    () => {
      made++
      return array(Int8Array.of(0, 0))
    },
    () => [`category ${++made}`],
  )
  assert.equal(made, 0)
  assert.deepEqual([column.get(0), column.get(1), column.missing], ['category 1', 'category 1', 0])
  assert.equal(made, 2)
  assert.ok(Object.isFrozen(column.categories))
})

test('a column shows its length and first values, and gives all of them as a list', () => {
  const [price, cut] = table.columns
  assert.equal(inspect(price), "NumberColumn 'price' [3] [1.5, –, 300]")
  assert.equal(inspect(cut), "CategoryColumn 'cut' [3] ['Ideal', –, 'Good']")
  assert.deepEqual(price!.toArray(), [1.5, NaN, 300])
  assert.deepEqual(cut!.toArray(), ['Ideal', null, 'Good'])
  const strided = array(Int8Array.of(0, 1, 1, 0, 0, 1)).slice([null, null, -2])
  const names = ['a\n\u001b[2J', 'b'.repeat(30)]
  const column = new CategoryColumn('c', strided, names)
  assert.deepEqual(column.toArray(), [names[1], names[0], names[1]])
  assert.equal(
    String(column),
    `CategoryColumn 'c' [3] ['${'b'.repeat(23)}…', 'a \ufffd[2J', '${'b'.repeat(23)}…']`,
  )
  assert.equal(
    String(new NumberColumn('n', arange(0, 10))),
    "NumberColumn 'n' [10] [0, 1, 2, 3, 4, 5, 6, 7, …]",
  )
  const values = shared([600])
  const freed = new NumberColumn('n', values)
  values[Symbol.dispose]()
  assert.equal(inspect(freed), "NumberColumn 'n' (memory gone)")
  assert.throws(() => new CategoryColumn('c', array(Int8Array.of(3)), ['a']).toArray(), {
    code: 'ERR_FORMAT',
  })
})

test('a selection of columns shares them, and disposing of it frees nothing', () => {
  const values = shared([3])
  const whole = new Table([...table.columns, new NumberColumn('n', values)])
  const some = whole.select(['n', 'price'])
  assert.deepEqual([some.names, some.rows], [['n', 'price'], 3])
  assert.equal(some.column('n').arrays[0]!, values)
  assert.deepEqual(whole.without(['price']).names, ['cut', 'n'])
  assert.equal(whole.without(['price', 'cut', 'n']).rows, 3)
  some[Symbol.dispose]()
  some.select(['n'])[Symbol.dispose]()
  assert.equal(values.get(0), 0)
  assert.throws(() => whole.select(['prize']), { code: 'ERR_INDEX' })
  assert.throws(() => whole.select(['n', 'n']), { code: 'ERR_INDEX' })
  assert.throws(() => whole.without(['prize']), { code: 'ERR_INDEX' })
  assert.throws(() => whole.select('price' as never), {
    name: 'TypeError',
    message:
      "Expected a list of names of columns, as in table.select(['age', 'city']), got 'price'.",
  })
})
