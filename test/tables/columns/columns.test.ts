/** Columns of every kind against lists of the same values. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  array,
  dtypes,
  NDArray,
  shared,
  type TypedArrayOf,
  zeros,
} from '../../../src/arrays/index.ts'
import { typedArrayMaker } from '../../../src/arrays/internal.ts'
import { LinearRegression } from '../../../src/learn/index.ts'
import { decode, encode } from '../../../src/objects/internal.ts'
import {
  BooleanColumn,
  CategoryColumn,
  type CodeType,
  type Column,
  DateColumn,
  type DateUnit,
  designMatrix,
  isColumn,
  NumberColumn,
  type NumberType,
  plainColumn,
  Table,
  TextColumn,
  type Validity,
} from '../../../src/tables/index.ts'

const numberTypes = dtypes.filter((dtype): dtype is NumberType => dtype !== 'bool')

/** A bitmap with further bits set behind the last row, which mean nothing. */
function bitsOf(isThere: readonly boolean[]): Validity {
  const bytes = new Uint8Array(Math.ceil(isThere.length / 8)).fill(0xff)
  for (const [row, there] of isThere.entries()) if (!there) bytes[row >> 3]! &= ~(1 << (row & 7))
  return array(bytes)
}

/** Values at every second place of an array that begins with another one. */
function spread<D extends NumberType | 'bool'>(values: TypedArrayOf<D>, dtype: D): NDArray<D> {
  const wide = zeros([2 * values.length + 1], dtype)
  for (const [i, value] of values.entries()) wide.data[1 + 2 * i] = value as never
  return wide.slice([1, 2 * values.length + 1, 2])
}

function saveAndLoad<T>(value: T): T {
  const { tree, arrays } = encode(value)
  return decode({ tree: JSON.parse(JSON.stringify(tree)) as never, arrays }) as T
}

/** What every column promises, against the cells that it must hold; null is no value. */
function promiseCells(column: Column, cells: readonly unknown[]): void {
  const none = column.kind === 'number' ? NaN : null
  const expected = cells.map((cell) => cell ?? none)
  assert.equal(column.size, cells.length)
  assert.deepEqual(
    cells.map((_, row) => column.get(row)),
    expected,
  )
  assert.deepEqual(column.toArray(), expected)
  assert.equal(column.missing, cells.filter((cell) => cell === null).length)
  assert.deepEqual(
    column.missingMask().toArray(),
    cells.map((cell) => (cell === null ? 1 : 0)),
  )
  for (const [row, cell] of cells.entries()) {
    assert.equal(column.isMissing(row), cell === null)
    assert.equal(column.text(row) === null, cell === null)
    assert.deepEqual(column.get(row - cells.length), expected[row])
  }
  assert.equal(
    String(column).split('–').length - 1,
    cells.slice(0, 8).filter((c) => c === null).length,
  )
}

/** The same promises of all that may be made of a column. */
function promiseColumn(column: Column, cells: readonly unknown[]): void {
  promiseCells(column, cells)
  const renamed = column.renamed('other')
  assert.equal(renamed.name, 'other')
  promiseCells(renamed, cells)
  assert.deepEqual(renamed.arrays, column.arrays)
  const loaded = saveAndLoad(column)
  assert.equal(loaded.kind, column.kind)
  promiseCells(loaded, cells)
  for (const start of [0, 1, 8, 9])
    if (start <= cells.length) promiseCells(column.rows(start, cells.length), cells.slice(start))
  promiseCells(column.rows(0, cells.length >> 1), cells.slice(0, cells.length >> 1))
}

const holes = fc.array(fc.boolean(), { maxLength: 40 })

for (const dtype of numberTypes) {
  test(`a column of ${dtype} holds its numbers, with and without a bitmap`, () => {
    const isBig = dtype === 'int64' || dtype === 'uint64'
    const Typed = typedArrayMaker(dtype)
    fc.assert(
      fc.property(
        holes,
        fc.infiniteStream(fc.bigInt(-(2n ** 63n), 2n ** 64n - 1n)),
        (isThere, stream) => {
          const values = new Typed(isThere.length)
          for (const [i] of isThere.entries()) {
            const { value } = stream.next() as { value: bigint }
            values[i] = (
              isBig ? value : Number(value % 1000n) / (dtype.startsWith('f') ? 8 : 1)
            ) as never
          }
          const cellOf = (value: number | bigint): unknown =>
            typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value
          const cells = Array.from(values, cellOf)
          promiseColumn(new NumberColumn('a', spread(values, dtype)), cells)
          promiseColumn(
            new NumberColumn('a', spread(values, dtype), { validity: bitsOf(isThere) }),
            cells.map((cell, row) => (isThere[row] ? cell : null)),
          )
        },
      ),
      { numRuns: 30 },
    )
  })
}

test('NaN is no value in a column of floats, whatever its bitmap says', () => {
  const values = array([1, NaN, 3, NaN])
  promiseColumn(new NumberColumn('a', values), [1, null, 3, null])
  const validity = bitsOf([true, true, false, false])
  promiseColumn(new NumberColumn('a', values, { validity }), [1, null, null, null])
})

test('integers beyond 2^53 are bigints, and others numbers', () => {
  const column = new NumberColumn('id', array(BigInt64Array.of(2n ** 53n + 1n, 7n, -(2n ** 63n))))
  assert.deepEqual(column.toArray(), [2n ** 53n + 1n, 7, -(2n ** 63n)])
  assert.equal(column.text(2), '-9223372036854775808')
})

for (const dtype of ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32'] as const) {
  test(`categories with ${dtype} codes hold their texts, with and without a bitmap`, () => {
    const categories = ['', 'b', 'ü,"x"', 'b b']
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: -1, max: 3 }), fc.boolean())), (list) => {
        const codes = list.map(([code]) => (dtype.startsWith('u') ? Math.max(code, 0) : code))
        const values = spread(
          array([...codes], { dtype }).toTypedArray() as never,
          dtype,
        ) as NDArray<CodeType>
        const cells = codes.map((code) => (code < 0 ? null : categories[code]!))
        promiseColumn(new CategoryColumn('k', values, categories), cells)
        const isThere = list.map(([, there]) => there)
        promiseColumn(
          new CategoryColumn('k', values, categories, { validity: bitsOf(isThere) }),
          cells.map((cell, row) => (isThere[row] ? cell : null)),
        )
      }),
      { numRuns: 30 },
    )
  })
}

test('columns of texts hold every text, with offsets of 32 and 64 bits', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('', '"', 'é', '\u0000', '\n'),
  )
  fc.assert(
    fc.property(fc.array(fc.option(text)), (cells) => {
      const column = TextColumn.from('t', cells)
      promiseColumn(column, cells)
      const offsets = array(BigInt64Array.from(column.offsets.toArray() as number[], BigInt))
      const { bytes, validity } = column
      promiseColumn(new TextColumn('t', { offsets, bytes }, { validity }), cells)
      assert.deepEqual(column.toCategories().toArray(), cells)
    }),
  )
})

test('columns of true and false hold them', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.boolean())), (cells) => {
      const values = spread(
        Uint8Array.from(cells, (cell) => (cell === true ? 1 : 0)),
        'bool',
      )
      const validity = bitsOf(cells.map((cell) => cell !== null))
      const column = new BooleanColumn('b', values, { validity })
      promiseColumn(column, cells)
      promiseCells(
        column.toNumbers(),
        cells.map((cell) => (cell === null ? null : Number(cell))),
      )
    }),
  )
})

test('dates are Date objects where those are exact, else bigints, and always exact texts', () => {
  const perDay: Record<DateUnit, bigint> = {
    day: 1n,
    s: 86_400n,
    ms: 86_400_000n,
    us: 86_400_000_000n,
    ns: 86_400_000_000_000n,
  }
  fc.assert(
    fc.property(
      fc.constantFrom<DateUnit>('day', 's', 'ms', 'us', 'ns'),
      fc.array(fc.tuple(fc.date({ noInvalidDate: true }), fc.bigInt(0n, 999_999n), fc.boolean())),
      (unit, list) => {
        const counts = list.map(([date, more]) => {
          const exact = BigInt(date.getTime()) * 1_000_000n + more
          const count = (exact * perDay[unit]) / perDay.ns
          return BigInt.asIntN(64, count) === count ? count : more
        })
        const isThere = list.map(([, , there]) => there)
        const column = new DateColumn('d', array(BigInt64Array.from(counts)), unit, {
          validity: bitsOf(isThere),
        })
        const cells = counts.map((count, row) => {
          if (!isThere[row]) return null
          const scaled = count * perDay.ms
          if (scaled % perDay[unit] !== 0n) return count
          return new Date(Number(scaled / perDay[unit]))
        })
        promiseColumn(column, cells)
        for (const [row, cell] of cells.entries()) {
          if (!(cell instanceof Date)) continue
          const iso = cell.toISOString()
          const text = column.text(row)!
          if (unit === 'day') assert.equal(text, iso.slice(0, iso.indexOf('T')))
          else if (unit === 's') assert.equal(text, iso.slice(0, -5))
          else assert.equal(text.slice(0, iso.length - 1), iso.slice(0, -1))
        }
      },
    ),
  )
})

test('a bitmap of another length, dtype or layout is refused by name', () => {
  const values = array([1, 2, 3])
  const make = (validity: unknown) => () =>
    new NumberColumn('a', values, { validity: validity as Validity })
  assert.throws(make(array(new Uint8Array(2))), {
    code: 'ERR_SHAPE',
    message:
      "Expected `validity` of column 'a' to have 1 bytes side by side, one bit for each of 3 rows, got shape [2] with strides [1].",
  })
  assert.throws(make(array([1])), {
    code: 'ERR_DTYPE',
    message: "Expected `validity` of column 'a' as uint8, one bit a row, got float64.",
  })
  assert.throws(make([1]), TypeError)
})

test('damaged offsets of texts are refused, at once or when a text is asked for', () => {
  const bytes = array(Uint8Array.of(97, 98, 99))
  const make = (...offsets: number[]) =>
    new TextColumn('t', { offsets: array(Int32Array.from(offsets)), bytes })
  for (const wrong of [[0, 4], [-1, 2], [2, 1], []])
    assert.throws(() => make(...wrong), { code: wrong.length === 0 ? 'ERR_SHAPE' : 'ERR_FORMAT' })
  const column = make(0, 2, 1, 3)
  assert.equal(column.get(0), 'ab')
  assert.throws(() => column.get(1), {
    code: 'ERR_FORMAT',
    message:
      /^Expected the text in row 1 \(counted from 0\) of column 't' inside of its 3 bytes, got bytes 2 to 1\./,
  })
})

test('states of version 1, of numbers and categories, still load', () => {
  const tree = (type: string, state: object): object => ({ $: 'instance', type, version: 1, state })
  const at = (number: number): object => ({ $: 'ndarray', array: number })
  const arrays = [array([1, NaN]), array(Int8Array.of(-1, 0))]
  const numbers = tree('onecopy.NumberColumn', { name: 'a', values: at(0) })
  const texts = tree('onecopy.CategoryColumn', { name: 'k', values: at(1), categories: ['x'] })
  const load = (state: object): Column => {
    const column: unknown = decode({ tree: state, arrays })
    assert.ok(isColumn(column))
    return column
  }
  promiseCells(load(numbers), [1, null])
  promiseCells(load(texts), [null, 'x'])
})

/** A table of all kinds. */
function everyKind(): Table {
  const validity = bitsOf([true, false, true, true])
  return new Table([
    new NumberColumn('count', array(Int32Array.of(1, 99, 3, 4)), { validity }),
    new NumberColumn('id', array(BigInt64Array.of(1n, 2n, 3n, 2n ** 60n + 1n))),
    new CategoryColumn('kind', array(Uint8Array.of(0, 1, 1, 0)), ['x', 'y'], { validity }),
    TextColumn.from('note', ['a', null, 'c', 'ddd']),
    new BooleanColumn('ok', array([true, false, true, false]), { validity }),
    new DateColumn('day', array(Int32Array.of(0, 1, 19_782, 3)), 'day'),
  ])
}

test('a table of all kinds prints them, and gives rows of them', () => {
  const table = everyKind()
  assert.equal(
    String(table),
    [
      '4 rows × 6 columns',
      'count                   id  kind  note  ok     day',
      '    1                    1  x     a     true   1970-01-01',
      '    –                    2  –     –     –      1970-01-02',
      '    3                    3  y     c     true   2024-02-29',
      '    4  1152921504606846977  x     ddd   false  1970-01-04',
    ].join('\n'),
  )
  assert.deepEqual(table.row(3), {
    count: 4,
    id: 2n ** 60n + 1n,
    kind: 'x',
    note: 'ddd',
    ok: false,
    day: new Date('1970-01-04'),
  })
  assert.equal(String(saveAndLoad(table)), String(table))
})

test('disposing of a table frees the arrays of every kind', () => {
  const numbers = shared([3], 'int32')
  const bits = shared([1], 'uint8')
  const table = new Table([
    new NumberColumn('a', numbers, { validity: bits }),
    TextColumn.from('t', ['a', 'b', 'c']),
  ])
  table[Symbol.dispose]()
  assert.throws(() => table.column('a').get(0), { code: 'ERR_DETACHED' })
  assert.throws(() => table.column('t').get(0), { code: 'ERR_DETACHED' })
  assert.equal(bits.mapping?.isGone, true)
  assert.equal(String(table.column('t')), "TextColumn 't' (memory gone)")
})

test('rename and withColumn share the columns', () => {
  const table = everyKind()
  const renamed = table.rename({ count: 'id', id: 'count' })
  assert.deepEqual(renamed.names, ['id', 'count', 'kind', 'note', 'ok', 'day'])
  assert.equal(renamed.column('id', 'number').values, table.column('count', 'number').values)
  assert.throws(() => table.rename({ count: 'id' }), {
    code: 'ERR_INDEX',
    message: "Expected different column names, got 'id' twice.",
  })
  assert.throws(() => table.rename({ cout: 'x' }), {
    code: 'ERR_INDEX',
    message: /Did you mean 'count'/,
  })
  assert.throws(() => table.rename({}), TypeError)
  const more = new NumberColumn('more', array([1, 2, 3, 4]))
  assert.deepEqual(table.withColumn(more).names, [...table.names, 'more'])
  const other = table.withColumn(more.renamed('kind'))
  assert.deepEqual(other.names, table.names)
  assert.equal(other.column('kind').kind, 'number')
  other[Symbol.dispose]()
  assert.equal(more.get(0), 1)
  assert.throws(() => table.withColumn(new NumberColumn('a', array([1]))), {
    code: 'ERR_SHAPE',
    message: "Expected 4 rows in column 'a' like in the table, got 1.",
  })
  assert.throws(() => table.withColumn([1] as never), TypeError)
})

test('a column may be asked for by its kind', () => {
  assert.equal(everyKind().column('note', 'text').get(2), 'c')
  assert.throws(() => everyKind().column('note', 'number'), {
    code: 'ERR_INDEX',
    message: "Expected column 'note' to be of kind 'number', got kind 'text'.",
  })
})

test('models take numbers and categories with a bitmap, true and false, and refuse texts and dates with the way out', async () => {
  const table = everyKind()
  const { X, names } = designMatrix(table.without(['note', 'day']), {
    target: 'id',
    missing: 'drop',
  })
  assert.deepEqual(names, ['count', 'kind=x', 'kind=y', 'ok'])
  assert.deepEqual(X.toArray(), [
    [1, 1, 0, 1],
    [3, 0, 1, 1],
    [4, 1, 0, 0],
  ])
  assert.deepEqual(plainColumn(table.column('kind')).toArray(), ['x', null, 'y', 'x'])
  assert.equal(plainColumn(table.column('id')), table.column('id'))
  assert.equal(plainColumn(table.column('count')), plainColumn(table.column('count')))
  assert.throws(() => designMatrix(table.without(['day']), { target: 'id' }), {
    code: 'ERR_INDEX',
    message:
      "Expected numbers or categories in column 'note', got a TextColumn. Leave it out, or turn it into categories: " +
      "table.withColumn(table.column('note').toCategories()).",
  })
  const numbers = table.select(['count', 'ok', 'id'])
  await assert.rejects(new LinearRegression().fit(numbers.withColumn(table.column('day')), 'id'), {
    code: 'ERR_INDEX',
    message: /^Expected numbers or categories in column 'day', got a DateColumn\./,
  })
  const whole = await new LinearRegression().fit(numbers, 'id', { rows: [0, 2, 3] })
  assert.deepEqual([...(whole.featureNamesIn_ ?? [])], ['count', 'ok'])
})
