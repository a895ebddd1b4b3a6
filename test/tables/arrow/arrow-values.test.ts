/** Values that pass through Arrow files of ours and of others. */

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import * as flechette from '@uwdata/flechette'
import * as apache from 'apache-arrow'
import * as fc from 'fast-check'
import { fromArrow, openArrow, type Table, writeArrow } from '../../../src/tables/index.ts'
import { randomRuns } from '../../random-runs.ts'
import { forms, viewColumn, wideCodeColumn, writeWith } from './arrow-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'onecopy-arrow-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** A column as a list, null where there is no value. */
interface Given {
  readonly type: flechette.DataType
  readonly values: readonly unknown[]
}

/** A kind of column: its type, and a random value. */
const kinds: Readonly<Record<string, readonly [flechette.DataType, fc.Arbitrary<unknown>]>> = {
  int8: [flechette.int8(), fc.integer({ min: -128, max: 127 })],
  int16: [flechette.int16(), fc.integer({ min: -32_768, max: 32_767 })],
  int32: [flechette.int32(), fc.integer()],
  int64: [flechette.int64(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  uint8: [flechette.uint8(), fc.nat(255)],
  uint16: [flechette.uint16(), fc.nat(65_535)],
  uint32: [flechette.uint32(), fc.integer({ min: 0, max: 2 ** 32 - 1 })],
  uint64: [flechette.uint64(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })],
  float32: [flechette.float32(), fc.float({ noNaN: true })],
  float64: [flechette.float64(), fc.double({ noNaN: true })],
  bool: [flechette.bool(), fc.boolean()],
  utf8: [flechette.utf8(), fc.string({ unit: 'grapheme', maxLength: 20 })],
  largeUtf8: [flechette.largeUtf8(), fc.string({ maxLength: 20 })],
  views: [flechette.utf8(), fc.string({ unit: 'grapheme', maxLength: 20 })],
  dictionary: [
    flechette.dictionary(flechette.utf8(), flechette.uint8(), false),
    fc.constantFrom('', 'a', 'ä', 'long text'),
  ],
  wideCodes: [flechette.utf8(), fc.constantFrom('x', 'y', 'z')],
  dateDay: [
    flechette.dateDay(),
    fc.integer({ min: -50_000, max: 50_000 }).map((day) => new Date(day * 86_400_000)),
  ],
  dateMillisecond: [
    flechette.dateMillisecond(),
    fc.integer({ min: -50_000, max: 50_000 }).map((day) => new Date(day * 86_400_000)),
  ],
  timestamp: [
    flechette.timestamp(flechette.TimeUnit.MILLISECOND, 'UTC'),
    fc.date({ min: new Date(-1e12), max: new Date(4e12), noInvalidDate: true }),
  ],
  null: [flechette.nullType(), fc.constant(null)],
}

/** Some columns of as many rows, any of which may have no value. */
const tables = fc
  .record({
    rows: fc.integer({ min: 1, max: 40 }),
    names: fc.uniqueArray(fc.constantFrom(...Object.keys(kinds)), { minLength: 1, maxLength: 6 }),
    hasNulls: fc.boolean(),
  })
  .chain(({ rows, names, hasNulls }) =>
    fc.record(
      Object.fromEntries(
        names.map((name) => {
          const [type, value] = kinds[name]!
          const cell = hasNulls ? fc.option(value, { nil: null, freq: 4 }) : value
          const values = fc.array(cell, { minLength: rows, maxLength: rows })
          return [name, values.map((list): Given => ({ type, values: list }))] as const
        }),
      ),
    ),
  )

function make(given: Readonly<Record<string, Given>>, maxBatchRows: number): flechette.Table {
  // Those that are made by hand have one batch.
  const options = given['views'] || given['wideCodes'] ? {} : { maxBatchRows }
  const columns = Object.entries(given).map(([name, { type, values }]) => {
    const texts = values as readonly (string | null)[]
    if (name === 'views') return [name, viewColumn(texts)] as const
    if (name === 'wideCodes')
      return [name, wideCodeColumn(texts, ['z', 'x', null, 'x', 'y'])] as const
    return [name, flechette.columnFromArray([...values], type, options)] as const
  })
  return flechette.tableFromColumns(columns as never)
}

/** What `get` of a column gives for a value. */
function expected(name: string, value: unknown): unknown {
  const isNumber = /^(u?int|float|null)/.test(name)
  if (value === null) return isNumber ? NaN : null
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value
  }
  return value
}

function requireValues(table: Table, given: Readonly<Record<string, Given>>): void {
  assert.deepEqual(table.names, Object.keys(given))
  for (const [name, { values }] of Object.entries(given)) {
    const column = table.column(name)
    assert.equal(table.rows, values.length)
    const found = values.map((_, row) => column.get(row))
    assert.deepEqual(
      found,
      values.map((value) => expected(name, value)),
    )
    assert.equal(column.missing, values.filter((value) => value === null).length)
  }
}

test('values that flechette wrote, in every form, are those that are read', () => {
  const property = fc.property(
    tables,
    fc.constantFrom(...forms),
    fc.integer({ min: 1, max: 50 }),
    (given, form, maxBatchRows) => {
      const path = writeWith(join(folder, 'given.arrow'), make(given, maxBatchRows), form)
      requireValues(openArrow(path), given)
    },
  )
  fc.assert(property, { numRuns: randomRuns(150, 1000), seed: 11 })
})

test('what writeArrow wrote is read alike by onecopy, flechette and apache-arrow', async () => {
  const property = fc.asyncProperty(tables, async (given) => {
    const source = openArrow(writeWith(join(folder, 'source.arrow'), make(given, 1000)))
    const path = join(folder, 'written.arrow')
    await writeArrow(path, source)
    requireValues(openArrow(path), given)
    const bytes = readFileSync(path)
    const options = { useBigInt: true, useDate: true }
    const theirs = flechette.tableFromIPC(bytes, options)
    const others = apache.tableFromIPC(bytes)
    assert.equal(theirs.numRows, source.rows)
    assert.equal(others.numRows, source.rows)
    for (const [name, { values }] of Object.entries(given)) {
      if (name === 'null') continue
      const plain = values.map(plainValue)
      assert.deepEqual(Array.from(theirs.getChild(name), plainValue), plain, name)
      assert.deepEqual(Array.from(others.getChild(name)!, plainValue), plain, name)
    }
  })
  await fc.assert(property, { numRuns: randomRuns(100, 600), seed: 12 })
})

test('fromArrow copies the values of tables of flechette and apache-arrow, also of slices', () => {
  const property = fc.property(
    tables,
    fc.integer({ min: 1, max: 50 }),
    fc.nat(10),
    (given, maxBatchRows, start) => {
      const table = make(given, maxBatchRows)
      requireValues(fromArrow(table), given)
      const bytes = readFileSync(writeWith(join(folder, 'other.arrow'), table))
      const sliced = Object.fromEntries(
        Object.entries(given).map(([name, { type, values }]) => [
          name,
          { type, values: values.slice(start) },
        ]),
      )
      const others = apache.tableFromIPC(bytes)
      requireValues(
        fromArrow(start < others.numRows ? others.slice(start) : others),
        start < others.numRows ? sliced : given,
      )
    },
  )
  fc.assert(property, { numRuns: randomRuns(100, 600), seed: 13 })
})

test('fromArrow refuses what is no table, and columns without a counterpart', () => {
  for (const value of [undefined, null, {}, [], 'file.arrow'])
    assert.throws(() => fromArrow(value as never), {
      name: 'TypeError',
      message:
        /^Expected a table of apache-arrow or @uwdata\/flechette, .* For a file use openArrow\(\)\.$/,
    })
  const lists = flechette.tableFromArrays({ x: [1, 2], lists: [[1], [2]] })
  assert.throws(() => fromArrow(lists), {
    code: 'ERR_INDEX',
    message:
      /in column 'lists'. Select the other columns first: fromArrow\(table\.select\(names\)\)\.$/,
  })
  assert.deepEqual(fromArrow(lists.select(['x'])).names, ['x'])
})

/** Numbers, dates and their milliseconds are one. */
function plainValue(value: unknown): unknown {
  if (value instanceof Date) return value.getTime()
  return typeof value === 'bigint' ? String(value) : value
}
