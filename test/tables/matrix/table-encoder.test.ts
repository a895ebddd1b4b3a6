/** Encoders that are fitted to one table and encode others. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { array, zeros } from '../../../src/arrays/index.ts'
import {
  CategoryColumn,
  designMatrix,
  NumberColumn,
  Table,
  TableEncoder,
  type TableEncoderOptions,
} from '../../../src/tables/index.ts'
import { readText } from '../csv-file.ts'

const train = await readText('a,kind,y,b\n1,pear,10,5\n2,apple,20,6\n3,fig,30,7\n4,apple,40,8\n')

test('another table gets the columns and categories of the fitted one', async () => {
  const encoder = new TableEncoder({ target: 'y' }).fit(train)
  const other = await readText('b,other,kind,a\n1,x,fig,2\n3,y,apple,4\n')
  const { X, names, rows, droppedRows } = encoder.transform(other)
  assert.deepEqual(names, ['a', 'kind=apple', 'kind=fig', 'kind=pear', 'b'])
  assert.deepEqual(X.toArray(), [
    [2, 0, 1, 0, 1],
    [4, 1, 0, 0, 3],
  ])
  assert.deepEqual([rows, droppedRows], [undefined, 0])
  const ordinal = new TableEncoder({ columns: ['kind'], categories: 'ordinal' }).fit(train)
  assert.deepEqual(ordinal.transform(other).X.toArray(), [[1], [0]])
})

test('a matrix comes with its encoder, which encodes the table in the same way', async () => {
  const { X, encoder, names } = designMatrix(train, { target: 'y' })
  assert.deepEqual(encoder.transform(train).X.toArray(), X.toArray())
  assert.deepEqual(encoder.names_, names)
  assert.deepEqual(Object.entries(encoder.schema).join(), 'a,number,kind,category,b,number')
  const again = await readText('a,kind,y,b\n9,fig,3,1\n,fig,3,1\n1,fig,,1\n', {
    schema: { ...encoder.schema, y: 'number' },
  })
  const drops = new TableEncoder({ target: 'y', missing: 'drop' }).fit(train)
  const test = designMatrix(again, { target: 'y', encoder: drops })
  assert.deepEqual(
    [test.X.toArray(), test.y.toArray(), test.rows, test.droppedRows, test.encoder === drops],
    [[[9, 0, 1, 0, 1]], [3], Int32Array.of(0), 2, true],
  )
  // Without the target, a row that lacks it is kept.
  assert.deepEqual(drops.transform(again).rows, Int32Array.of(0, 2))
})

test('an unknown category is refused with its row, or ignored', async () => {
  const other = await readText('kind\nfig\nNA\nkiwi\n')
  const options = { columns: ['kind'], missing: 'keep' } as const
  const kinds = (more: TableEncoderOptions = {}) => new TableEncoder({ ...options, ...more })
  const message =
    "Expected a category of column 'kind' that the fitted table has, got 'kiwi' in row 2 (counted from 0)."
  const advice =
    "make the encoder with `designMatrix(table, { target, unknown: 'ignore' })` or " +
    "`new TableEncoder({ unknown: 'ignore' })`."
  assert.throws(() => kinds().fit(train).transform(other), {
    code: 'ERR_INDEX',
    message: `${message} To encode it as zeros, ${advice}`,
    details: { column: 'kind', row: 2, got: 'kiwi' },
  })
  assert.throws(() => kinds({ categories: 'ordinal' }).fit(train).transform(other), {
    message: `${message} To encode it as NaN, ${advice}`,
  })
  assert.deepEqual(kinds({ unknown: 'ignore' }).fit(train).transform(other).X.toArray(), [
    [0, 1, 0],
    [NaN, NaN, NaN],
    [0, 0, 0],
  ])
  const ordinal = kinds({ unknown: 'ignore', categories: 'ordinal' }).fit(train)
  assert.deepEqual(ordinal.transform(other).X.toArray(), [[1], [NaN], [NaN]])
  // In a row that is left out, and in no row at all, it does no harm.
  const left = await readText('kind,a\nkiwi,NA\nfig,1\n')
  const drops = new TableEncoder({ columns: ['kind', 'a'], missing: 'drop' }).fit(train)
  assert.deepEqual(drops.transform(left).X.toArray(), [[0, 1, 0, 1]])
  const unused = new CategoryColumn('kind', array(Int8Array.of(1)), ['kiwi', 'fig'])
  assert.deepEqual(
    kinds()
      .fit(train)
      .transform(new Table([unused]))
      .X.toArray(),
    [[0, 1, 0]],
  )
})

test('a column of another kind is refused, unless it has no value', async () => {
  const encoder = new TableEncoder({ columns: ['a', 'kind'], missing: 'keep' }).fit(train)
  assert.throws(() => encoder.transform(new Table([train.column('a')])), {
    code: 'ERR_INDEX',
    message:
      "Expected a column 'kind' as in the fitted table, got a table without one. There are 'a'.",
  })
  const texts = await readText('a,kind\n1,fig\noops,fig\n')
  assert.throws(() => encoder.transform(texts), {
    code: 'ERR_INDEX',
    message:
      "Expected numbers in column 'a' as in the fitted table, got texts such as '1', 'oops'. Read the " +
      'table with `schema: encoder.schema`.',
  })
  const numbers = await readText('a,kind\n1,2\n')
  assert.throws(() => encoder.transform(numbers), {
    message:
      "Expected texts in column 'kind' as in the fitted table, got numbers. Read the table with " +
      '`schema: encoder.schema`.',
  })
  const nothing = await readText('a,kind\nNA,\nNA,\n')
  assert.deepEqual(encoder.transform(nothing).X.toArray(), [Array(4).fill(NaN), Array(4).fill(NaN)])
  const nothingAsText = await readText('a,kind\nNA,fig\n', { schema: { a: 'category' } })
  assert.deepEqual(encoder.transform(nothingAsText).X.toArray(), [[NaN, 0, 1, 0]])
  const asFitted = await readText('a,kind\n1,2\n', { schema: encoder.schema })
  assert.throws(() => encoder.transform(asFitted), /got '2' in row 0/)
})

test('missing values of another table are refused unless the encoder has a rule', async () => {
  const other = await readText('a,kind\n1,fig\n,fig\n')
  const encoder = new TableEncoder({ columns: ['a', 'kind'] }).fit(train)
  assert.throws(() => encoder.transform(other), {
    code: 'ERR_VALUE',
    message: /got 1 of 2 rows without: a \(1\)/,
  })
})

test('options belong to the encoder, and no method takes them', () => {
  const encoder = new TableEncoder({ columns: ['kind'] }).fit(train)
  for (const name of ['fit', 'transform', 'fitTransform'] as const) {
    const call = encoder[name].bind(encoder) as (...values: unknown[]) => unknown
    assert.throws(() => call(train, { unknown: 'ignore' }), {
      name: 'TypeError',
      message:
        `Expected \`${name}\` of a TableEncoder to get a table alone, got a second argument: ` +
        'an object of class Object. Pass options to `new TableEncoder(options)` or ' +
        '`designMatrix(table, options)`.',
    })
    assert.doesNotThrow(() => call(train, undefined))
  }
})

test('a code without a category is refused, whoever meets it', () => {
  const column = new CategoryColumn('k', array(Int8Array.of(0, 2)), ['p', 'q'])
  const table = new Table([column])
  const error = {
    code: 'ERR_FORMAT',
    message:
      "Expected codes below 2, the number of categories, in column 'k', got 2 in row 1 (counted from " +
      '0). Its codes or its categories are damaged.',
  }
  assert.throws(() => column.get(1), error)
  for (const categories of ['one-hot', 'ordinal'] as const)
    for (const unknown of ['error', 'ignore'] as const)
      assert.throws(() => new TableEncoder({ categories, unknown }).fitTransform(table), error)
})

test('a matrix that no machine has memory for is refused with its size', () => {
  const columns = Array.from({ length: 100 }, (_, k) => new NumberColumn(`c${k}`, zeros([1])))
  const encoder = new TableEncoder().fit(new Table(columns))
  const long = columns.map(({ name }) => new NumberColumn(name, zeros([1]).broadcastTo([1e10]), 0))
  assert.throws(() => encoder.transform(new Table(long)), {
    code: 'ERR_MEMORY',
    message:
      'Expected memory for a matrix of 10000000000 rows and 100 columns, which takes 8000 GB; this ' +
      "machine or container has less. Choose fewer `columns`, or categories: 'ordinal', which makes " +
      'one column of each.',
  })
})

test('rows longer than a block are encoded whole', () => {
  const width = 200_000
  const codes = array(Int32Array.of(0, width - 1, 7))
  const texts = Array.from({ length: width }, (_, k) => String(k).padStart(6, '0'))
  const table = new Table([new CategoryColumn('k', codes, texts)])
  const { X } = new TableEncoder({ maxCategories: width }).fitTransform(table)
  assert.deepEqual(X.shape, [3, width])
  const ones = Array.from(X.data.keys()).filter((i) => X.data[i] !== 0)
  assert.deepEqual(ones, [0, 2 * width - 1, 2 * width + 7])
})

test('names of the language itself are names like others', async () => {
  const table = await readText('constructor,__proto__,toString\n1,x,2\n3,y,4\n')
  const { X, names, encoder } = designMatrix(table, { target: 'toString' })
  assert.deepEqual(names, ['constructor', '__proto__=x', '__proto__=y'])
  assert.deepEqual(X.toArray(), encoder.transform(table).X.toArray())
  const row = await readText('constructor,__proto__\n5,y\n', { schema: encoder.schema })
  assert.deepEqual(encoder.transform(row).X.toArray(), [[5, 0, 1]])
})

test('encoders that can not be used are refused', () => {
  assert.throws(() => new TableEncoder().transform(train), {
    code: 'ERR_NOT_FITTED',
    message:
      'Expected a fitted TableEncoder, got one that has not seen a table. Call fit(table) first.',
  })
  assert.throws(() => new TableEncoder().schema, { code: 'ERR_NOT_FITTED' })
  assert.throws(() => new TableEncoder({ unknown: 'skip' as 'ignore' }), {
    code: 'ERR_OPTION',
    message: "Expected `unknown` to be 'error' or 'ignore', got 'skip'.",
  })
  assert.throws(() => new TableEncoder({ columns: [] }).fit(train), {
    code: 'ERR_INDEX',
    message: 'Expected at least one column to encode, got none.',
  })
  const encoder = new TableEncoder().fit(train)
  assert.throws(() => designMatrix(train, { target: 'y', encoder }), {
    code: 'ERR_INDEX',
    message:
      "Expected `encoder` without the target 'y' among its columns. Fit it with `target: 'y'`.",
  })
  assert.throws(() => designMatrix(train, { target: 'y', encoder, missing: 'drop' }), {
    code: 'ERR_OPTION',
    message:
      'Expected `encoder` without `missing`, which the encoder has itself. Pass it to the TableEncoder.',
  })
  assert.throws(() => designMatrix(train, { target: 'y', encoder: {} as TableEncoder }), {
    name: 'TypeError',
    message: 'Expected `encoder` to be a TableEncoder, got an object of class Object.',
  })
})

test('any table is encoded as row by row, by what another one taught', () => {
  const cell = fc.oneof(
    fc.constantFrom('p', 'q', 'r', 's'),
    fc.constant(null),
    fc.constantFrom('', 'é', 'P'),
  )
  const number = fc.oneof(fc.double({ noNaN: true }), fc.constant(NaN))
  const rows = fc.array(fc.record({ k: cell, n: number }), { minLength: 1, maxLength: 12 })
  const how = fc.constantFrom('one-hot' as const, 'ordinal' as const)
  const rule = fc.constantFrom('drop' as const, 'keep' as const)
  fc.assert(
    fc.property(rows, rows, how, rule, (first, second, categories, missing) => {
      fc.pre(first.some(({ k }) => k !== null) && first.some(({ n }) => !Number.isNaN(n)))
      const encoder = new TableEncoder({ categories, missing, unknown: 'ignore' })
      encoder.fit(tableOf(first))
      const known = [...new Set(first.flatMap(({ k }) => k ?? []))].sort()
      const kept = second.filter(
        ({ k, n }) => missing === 'keep' || (k !== null && !Number.isNaN(n)),
      )
      const expected = kept.map(({ k, n }) => {
        const rank = k === null ? NaN : known.indexOf(k)
        if (categories === 'ordinal') return [rank === -1 ? NaN : rank, n]
        return [...known.map((_, i) => (k === null ? NaN : i === rank ? 1 : 0)), n]
      })
      if (kept.length === 0)
        assert.throws(() => encoder.transform(tableOf(second)), { code: 'ERR_VALUE' })
      else assert.deepEqual(encoder.transform(tableOf(second)).X.toArray(), expected)
    }),
    { seed: 20_261_129, numRuns: 500 },
  )
})

/** Codes in the order of first appearance, as when a file is read. */
function tableOf(rows: readonly { k: string | null; n: number }[]): Table {
  const categories = [...new Set(rows.flatMap(({ k }) => k ?? []))]
  const codes = Int8Array.from(rows, ({ k }) => (k === null ? -1 : categories.indexOf(k)))
  return new Table([
    new CategoryColumn('k', array(codes), categories),
    new NumberColumn('n', array(Float64Array.from(rows, ({ n }) => n))),
  ])
}
