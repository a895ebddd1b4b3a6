/** Parts of a CSV file: together they are the table, whatever the sizes of parts and chunks. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import * as fc from 'fast-check'
import { readCsv, readCsvParts, type Table } from '../../../src/tables/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'onecopy-parts-'))
after(() => rmSync(folder, { recursive: true }))

const path = join(folder, 'rows.csv')
const rowsOf = (table: Table): unknown[] =>
  Array.from({ length: table.rows }, (_, row) => table.row(row))

/** Reads all parts; the sizes of all but the last are checked. */
async function readAll(options: Parameters<typeof readCsvParts>[1]): Promise<unknown[]> {
  const rows: unknown[] = []
  let last = Infinity
  for await (const part of readCsvParts(path, options)) {
    assert.ok(last >= (options?.partRows ?? 1 << 16), 'only the last part may be small')
    last = part.rows
    rows.push(...rowsOf(part))
    part[Symbol.dispose]()
  }
  return rows
}

describe('readCsvParts', () => {
  test('gives the rows of readCsv, for any size of parts and chunks', async () => {
    const text = fc.constantFrom('a', 'b', '"x, ""y"""', '', 'NA', 'long '.repeat(9))
    const number = fc.constantFrom('1', '-0', '2.5e3', '', 'nan', '007')
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(text, number), { maxLength: 120 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 60, max: 400 }),
        async (cells, partRows, chunkBytes) => {
          writeFileSync(path, `t,x\n${cells.map(([t, x]) => `${t},${x}\n`).join('')}`)
          const schema = { t: 'category', x: 'number' } as const
          const whole = rowsOf(await readCsv(path, { schema, chunkBytes }))
          assert.deepEqual(await readAll({ schema, chunkBytes, partRows }), whole)
        },
      ),
      { numRuns: 100, seed: 12 },
    )
  })

  test('keeps codes from part to part, and reads wanted columns only', async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `${i},${i % 2 ? 'odd' : 'even'},${i / 2}`)
    writeFileSync(path, `n,kind,half\n${lines.join('\n')}\n`)
    const codes: number[] = []
    let parts = 0
    for await (const part of readCsvParts(path, { columns: ['kind'], partRows: 100 })) {
      parts++
      assert.deepEqual(part.names, ['kind'])
      const column = part.column('kind')
      assert.ok(column.kind === 'category')
      codes.push(...Array.from({ length: part.rows }, (_, row) => column.values.get(row)))
    }
    assert.deepEqual(
      codes,
      lines.map((_, i) => i % 2),
    )
    assert.ok(parts >= 1)
  })

  test('a file without rows is one empty part', async () => {
    writeFileSync(path, 'a,b\n')
    assert.deepEqual(await readAll({}), [])
  })

  test('refuses a text in a column of numbers with its line, and gives the parts before it', async () => {
    const lines = Array.from({ length: 300_000 }, (_, i) => (i === 299_000 ? 'oops' : String(i)))
    writeFileSync(path, `x\n${lines.join('\n')}\n`)
    let rows = 0
    await assert.rejects(
      async () => {
        for await (const part of readCsvParts(path, { partRows: 1000 })) {
          rows += part.rows
          part[Symbol.dispose]()
        }
      },
      { code: 'ERR_FORMAT', message: /line 299002/ },
    )
    assert.ok(rows > 0 && rows < 299_000, `${rows}`)
  })

  test('warnings come with the last part', async () => {
    const lines = Array.from({ length: 90_000 }, () => '1,2')
    writeFileSync(path, `1,2\n${lines.join('\n')}\n`)
    const warned: number[] = []
    for await (const part of readCsvParts(path, { partRows: 10 })) warned.push(part.warnings.length)
    assert.ok(warned.length > 1)
    assert.equal(warned.at(-1), 1)
    assert.ok(warned.slice(0, -1).every((count) => count === 0))
  })

  test('stopping early closes the file, a signal ends it, and wrong options are refused', async () => {
    writeFileSync(path, `x\n${'1\n'.repeat(200_000)}`)
    for await (const part of readCsvParts(path, { partRows: 1 })) {
      part[Symbol.dispose]()
      break
    }
    const signal = AbortSignal.abort(new Error('enough'))
    await assert.rejects(readAll({ signal }), { message: 'enough' })
    await assert.rejects(readAll({ partRows: 0 }), {
      code: 'ERR_OPTION',
      message: 'Expected `partRows` to be a whole number from 1, got 0.',
    })
    await assert.rejects(readAll({ out: folder } as never), { code: 'ERR_OPTION' })
  })
})
