/** Random tables written as CSV in random ways come back as they were. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { readText, valuesOf } from './csv-file.ts'

const seed = 20_260_821
const lineEnds = ['\n', '\r\n', '\r']
const delimiters = [',', ';', '\t', '|']

/** Letters that make trouble, and some that don't. */
const letter = fc.constantFrom(...Array.from('ab1.-e "\'\n\r,;\t|éß日😀'))

/** A text that is no number and has a value. */
const text = fc.string({ unit: letter, maxLength: 12 }).map((body) => `x${body}`)

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.constantFrom(0, -0, 0.1, 1e-7, 1e21),
)

/** A column and its values; null for a missing one. */
const column = fc.oneof(
  fc.record({
    kind: fc.constant('number'),
    values: fc.array(fc.option(number), { minLength: 9, maxLength: 9 }),
  }),
  fc.record({
    kind: fc.constant('category'),
    values: fc.array(fc.option(text), { minLength: 9, maxLength: 9 }),
  }),
  // Texts that look like numbers but for one.
  fc.record({
    kind: fc.constant('category'),
    values: fc
      .array(fc.constantFrom('1', '1.0', '007', '-0', '1e5'), { minLength: 8, maxLength: 8 })
      .map((looks) => [...looks, 'x']),
  }),
)

test('tables come back from any dialect and any size of the read buffer', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(column, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 0, max: 9 }),
      fc.constantFrom(...lineEnds),
      fc.constantFrom(...delimiters),
      fc.infiniteStream(fc.boolean()),
      fc.record({
        last: fc.boolean(),
        mark: fc.boolean(),
        chunkBytes: fc.integer({ min: 1, max: 80 }),
      }),
      async (columns, rows, end, delimiter, coins, { last, mark, chunkBytes }) => {
        const quoted = (value: string, force: boolean): string =>
          force || /["\n\r,;\t|]|^$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
        const coin = (): boolean => coins.next().value
        const lines = [columns.map((_, k) => quoted(`c${k}`, coin())).join(delimiter)]
        for (let i = 0; i < rows; i++) {
          const fields = columns.map(({ values }) => {
            const value = values[i] ?? null
            const written =
              value === null ? (coin() ? '' : 'NA') : Object.is(value, -0) ? '-0' : String(value)
            return quoted(written, coin())
          })
          // An empty line is no row, so a lone missing value must show.
          lines.push(fields.join(delimiter) || '""')
        }
        const csv = `${mark ? '\ufeff' : ''}${lines.join(end)}${last || rows === 0 ? end : ''}`
        const table = await readText(csv, { delimiter, chunkBytes })
        const got = valuesOf(table)
        assert.equal(table.rows, rows)
        for (const [k, { values }] of columns.entries()) {
          const column = table.column(`c${k}`)
          const wanted = values.slice(0, rows)
          const isText = wanted.some(
            (value) =>
              typeof value === 'string' && (!/^[-\d.e]+$/.test(value) || /^0\d+$/.test(value)),
          )
          if (isText) assert.deepEqual(got[column.name], wanted)
          else {
            assert.equal(column.kind, 'number')
            // What is written of a large double is a whole number, which is read exactly, and without a sign of 0.
            const isWide = column.kind === 'number' && column.values.dtype === 'int64'
            assert.deepEqual(
              isWide ? got[column.name]!.map(Number) : got[column.name],
              wanted.map((value) => (value === null ? NaN : Number(value) + (isWide ? 0 : -0))),
            )
          }
        }
      },
    ),
    { seed, numRuns: 1500 },
  )
})

test('the size of the read buffer changes nothing', async () => {
  const rows = Array.from({ length: 60 }, (_, i) =>
    [
      i,
      i * 0.1,
      `t${i % 7}`,
      i % 5 === 0 ? '' : 'ABC'[i % 3],
      i % 4 === 0 ? `"q""${i}\r\nz"` : i,
      'Z',
    ].join(','),
  )
  const csv = `a,b,c,d,e,f\r\n${rows.join('\r\n')}\r\n`
  const expected = valuesOf(await readText(csv))
  for (let chunkBytes = 1; chunkBytes < 130; chunkBytes++)
    assert.deepEqual(valuesOf(await readText(csv, { chunkBytes })), expected, `${chunkBytes} bytes`)
})
