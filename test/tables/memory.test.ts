/** readCsv's promise: a peak of 64 MB beside the result, whatever the size of the file. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { withFolder } from './csv-file.ts'

const program = join(import.meta.dirname, 'programs/measure-read.ts')
const linux = { skip: process.platform === 'linux' ? false : 'needs /proc' }
const MB = 1e6

/** Writes rows and reads them in a process of their own. */
async function measure(
  rows: number,
  row: (i: number) => string,
  out?: string,
): Promise<{ peak: number; result: number; rows: number }> {
  return withFolder(async (folder) => {
    const path = join(folder, 'data.csv')
    const file = openSync(path, 'w')
    for (let i = 0; i < rows; i += 5000)
      writeSync(
        file,
        Array.from({ length: Math.min(5000, rows - i) }, (_, k) => row(i + k)).join(''),
      )
    closeSync(file)
    const args = out === undefined ? [path] : [path, join(folder, out)]
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...args])
    return JSON.parse(stdout) as { peak: number; result: number; rows: number }
  })
}

/** Ten numbers of 17 digits, about 200 bytes, from few random ones so that writing is quick. */
const numbers = Array.from({ length: 997 }, (_, i) => String(Math.sin(i) / 3))
const numericRow = (i: number): string =>
  `${Array.from({ length: 10 }, (_, k) => numbers[(i * 31 + k * 7) % 997]).join(',')}\n`
const header = `${Array.from({ length: 10 }, (_, k) => `c${k}`).join(',')}\n`

test('numbers take 64 MB beside the result at most, and no more for more rows', linux, async () => {
  const small = await measure(150_000, (i) => (i === 0 ? header : numericRow(i)))
  const large = await measure(450_000, (i) => (i === 0 ? header : numericRow(i)))
  assert.equal(large.result, 449_999 * 80)
  assert.ok(large.peak - large.result < 64 * MB, `${large.peak} for ${large.result}`)
  const grown = large.peak - small.peak
  assert.ok(grown < 1.3 * (large.result - small.result) + 4 * MB, `${grown}`)
})

test('a column that becomes text in the last row keeps to the bound', linux, async () => {
  const rows = 300_000
  const { peak, result } = await measure(rows, (i) =>
    i === 0 ? 'a,b,c\n' : `${numbers[i % 997]},${i % 9}.0,${i === rows - 1 ? 'x' : i % 7}\n`,
  )
  assert.equal(result, (rows - 1) * (8 + 8 + 1))
  assert.ok(peak - result < 64 * MB, `${peak} for ${result}`)
})

test('a forecast that fails in the last row keeps to the bound', linux, async () => {
  const rows = 600_000
  const letters = 'ACGTNRYK'
  const { peak, result } = await measure(rows, (i) => {
    if (i === 0) return `${Array.from({ length: 40 }, (_, k) => `c${k}`).join('\t')}\n`
    const fields = Array.from({ length: 39 }, (_, k) => letters[(i * 7 + k * k) % 8])
    return `${fields.join('\t')}\t${i < rows - 300 ? 'A' : i}\n`
  })
  assert.equal(result, (rows - 1) * (39 + 2))
  assert.ok(peak - result < 64 * MB, `${peak} for ${result}`)
})

test(
  'millions of different texts keep to the bound, each with 4 bytes for its place',
  linux,
  async () => {
    const rows = 1_500_000
    const { peak, result } = await measure(rows, (i) =>
      i === 0 ? 'a,b\n' : `${String((i * 2_654_435_761) % 1e15).padStart(20, 'x')},${i % 7}\n`,
    )
    assert.equal(result, (rows - 1) * (4 + 8))
    const whole = result + (rows - 1) * (20 + 4)
    assert.ok(peak - whole < 64 * MB, `${peak} for ${whole}`)
  },
)

test('a wide table takes 1.5 kB more for each column', linux, async () => {
  const columns = 100_000
  const cells = (cell: (k: number) => unknown): string =>
    `${Array.from({ length: columns }, (_, k) => cell(k)).join(',')}\n`
  const { peak, result } = await measure(4, (i) =>
    cells((k) => (i === 0 ? `c${k}` : (k % 97) / 10)),
  )
  assert.equal(result, 3 * columns * 8)
  assert.ok(peak - result < 64 * MB + columns * 1500, `${peak} for ${result}`)
})

test('a table that goes to files takes no memory for its rows', linux, async () => {
  const { peak, result } = await measure(
    450_000,
    (i) => (i === 0 ? header : numericRow(i)),
    'table',
  )
  assert.equal(result, 449_999 * 80)
  assert.ok(peak < 64 * MB, `${peak}`)
})
