/** Tables are saved as arrays, and come back from strangers checked. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { array } from '../../../src/arrays/index.ts'
import { isOneCopyError } from '../../../src/errors.ts'
import { decode, encode } from '../../../src/objects/internal.ts'
import { CategoryColumn, NumberColumn, Table, TableEncoder } from '../../../src/tables/index.ts'
import { mixedTable } from '../../learn/table-of-mixed-columns.ts'

function saveAndLoad<T>(value: T): T {
  const { tree, arrays } = encode(value, { called: 'table' })
  return decode({ tree: JSON.parse(JSON.stringify(tree)), arrays }, { called: 'table' }) as T
}

/** All of a table as plain data. */
function rowsOf(table: Table): unknown {
  return table.columns.map((column) => [column.name, column.kind, column.toArray(), column.missing])
}

test('a table comes back with its columns, without copies', () => {
  const warnings = [
    { kind: 'rounded', column: 'age', line: 3, value: '1', message: 'It was.', advice: 'Nothing.' },
  ] as const
  const { columns, rows } = mixedTable(50)
  const table = new Table(columns, rows, [], warnings)
  const loaded = saveAndLoad(table)
  assert.ok(loaded instanceof Table)
  assert.deepEqual(rowsOf(loaded), rowsOf(table))
  assert.equal(String(loaded), String(table))
  assert.deepEqual(loaded.warnings, warnings)
  for (const { name, arrays } of table.columns)
    assert.equal(loaded.column(name).arrays[0]!.buffer, arrays[0]!.buffer)
})

test('a selection of columns comes back with these alone, and frees nothing', () => {
  const table = mixedTable(20).select(['city', 'size'])
  const { arrays } = encode(table)
  assert.equal(arrays.length, 2)
  const loaded = saveAndLoad(table)
  assert.deepEqual(rowsOf(loaded), rowsOf(table))
  loaded[Symbol.dispose]()
  assert.equal(table.column('size').arrays[0]!.mapping?.isGone, false)
})

test('a table without rows, and one without columns, come back', () => {
  const empty = new Table([new NumberColumn('a', array(new Float64Array(0)))])
  assert.deepEqual(rowsOf(saveAndLoad(empty)), rowsOf(empty))
  assert.equal(saveAndLoad(new Table([], 7)).rows, 7)
})

test('columns that are shared by tables stay shared', () => {
  const column = new NumberColumn('a', array([1, NaN]))
  const [one, other] = saveAndLoad([new Table([column]), new Table([column])] as const)
  assert.equal(one.columns[0], other.columns[0])
})

test('long lists of texts are two arrays, made once, and come back with every character', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(
        fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '\ud800', '\udc00a', 'é\0')),
        {
          minLength: 1,
          maxLength: 6,
        },
      ),
      fc.nat(600),
      (some, more) => {
        const texts = [...some, ...Array.from({ length: more }, (_, i) => `text ${i}`)]
        const column = new CategoryColumn('k', array(Int16Array.of(0, -1, texts.length - 1)), texts)
        const { tree, arrays } = encode([column, new CategoryColumn('l', column.values, texts)])
        assert.equal(arrays.length, texts.length > 256 ? 3 : 1)
        if (texts.length > 256) assert.ok(JSON.stringify(tree).length < 1000)
        const [loaded] = decode({ tree: JSON.parse(JSON.stringify(tree)), arrays }) as [
          CategoryColumn,
        ]
        assert.deepEqual(loaded.categories, texts)
        assert.deepEqual(loaded.toArray(), column.toArray())
      },
    ),
    { seed: 12, numRuns: 60 },
  )
})

test('an encoder of tables comes back, fitted or not', () => {
  const table = mixedTable(40, { missing: false })
  const encoder = new TableEncoder({ target: 'price', unknown: 'ignore' }).fit(table)
  const loaded = saveAndLoad(encoder)
  assert.deepEqual(loaded, encoder)
  assert.deepEqual(loaded.transform(table).X.toArray(), encoder.transform(table).X.toArray())
  assert.deepEqual(
    saveAndLoad(new TableEncoder({ columns: ['a'] })),
    new TableEncoder({ columns: ['a'] }),
  )
})

const numbers = (values: unknown, name: unknown = 'a'): object => ({
  $: 'instance',
  type: 'onecopy.NumberColumn',
  version: 1,
  state: { name, values },
})
const texts = (values: unknown, categories: unknown): object => ({
  $: 'instance',
  type: 'onecopy.CategoryColumn',
  version: 1,
  state: { name: 'k', values, categories },
})
const tableOf = (state: object): object => ({
  $: 'instance',
  type: 'onecopy.Table',
  version: 1,
  state,
})
const encoderOf = (features: unknown): object => ({
  $: 'instance',
  type: 'onecopy.TableEncoder',
  version: 1,
  state: { categories: 'one-hot', features },
})
const at = (number: number): object => ({ $: 'ndarray', array: number })
const bytes = (kind: string, number: number): object => ({ $: 'bytes', kind, array: number })
const arrays = [
  array([1, 2]),
  array([[1, 2]]),
  array(Int8Array.of(0, 1)),
  array(Uint16Array.of(97, 98)),
  array(Uint32Array.of(1, 2)),
  array(Uint32Array.of(2, 1)),
  array(Uint32Array.of(1, 3)),
  array([true, false]),
]

const refused: readonly (readonly [tree: object, reason: RegExp])[] = [
  [
    numbers(at(1)),
    /Expected values of a column, numbers of shape \[n\], got float64 of shape \[1, 2\]\.$/,
  ],
  [
    numbers(at(7)),
    /Expected values of a column, numbers of shape \[n\], got bool of shape \[2\]\.$/,
  ],
  [
    numbers([1, 2]),
    /Expected values of a column, numbers of shape \[n\], got an array of length 2\.$/,
  ],
  [numbers(at(0), 5), /Expected the name of a column, got 5\.$/],
  [
    texts(at(0), ['a']),
    /Expected values of a column, int8 or int16 or int32 or uint8 or uint16 or uint32 of shape \[n\], got float64/,
  ],
  [texts(at(2), [1, 2]), /Expected a list of texts, got an array of length 2\.$/],
  [texts(at(2), null), /Expected a list of texts, got null\.$/],
  [
    texts(at(2), { units: bytes('Uint16Array', 3), ends: bytes('Uint32Array', 5) }),
    /Expected texts one after the other/,
  ],
  [
    texts(at(2), { units: bytes('Uint16Array', 3), ends: bytes('Uint32Array', 6) }),
    /Expected texts one after the other/,
  ],
  [tableOf({ rows: 2, columns: [numbers(at(0)), 5], warnings: [] }), /Expected a list of columns/],
  [
    tableOf({ rows: 3, columns: [numbers(at(0))], warnings: [] }),
    /Expected the number of rows that all columns have, got 3, which column 'a' has not\.$/,
  ],
  [
    tableOf({ rows: -1, columns: [], warnings: [] }),
    /Expected the number of rows that all columns have, got -1\.$/,
  ],
  [tableOf({ rows: 2, columns: [numbers(at(0))], warnings: [{}] }), /Expected a list of warnings/],
  [tableOf({ rows: 2, columns: [numbers(at(0)), numbers(at(0))], warnings: [] }), /got 'a' twice/],
  [
    encoderOf([{ name: 'a', kind: 'category', categories: ['b', 'a'] }]),
    /Expected columns with a name/,
  ],
  [encoderOf([{ name: 'a', kind: 'number', categories: ['b'] }]), /Expected columns with a name/],
  [
    encoderOf([
      { name: 'a', kind: 'number', categories: [] },
      { name: 'a', kind: 'number', categories: [] },
    ]),
    /got 'a' from both/,
  ],
]

for (const [i, [tree, reason]] of refused.entries())
  test(`refuses damaged state ${i}: ${String(reason)}`, () => {
    assert.throws(
      () => decode({ tree, arrays }),
      (error) => isOneCopyError(error) && error.code === 'ERR_FORMAT' && reason.test(error.message),
    )
  })

test('packed texts that are whole are read', () => {
  const tree = texts(at(2), { units: bytes('Uint16Array', 3), ends: bytes('Uint32Array', 4) })
  assert.deepEqual((decode({ tree, arrays }) as CategoryColumn).toArray(), ['a', 'b'])
})

test('a code without a category is refused where it is read', () => {
  const column = decode({ tree: texts(at(2), ['only']), arrays }) as CategoryColumn
  assert.throws(() => column.toArray(), { code: 'ERR_FORMAT', message: /Expected codes below 1/ })
})
