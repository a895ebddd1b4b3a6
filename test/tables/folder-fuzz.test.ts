/** Damaged table folders: refused, or read as what stands in them. */

import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { isOneCopyError } from '../../src/errors.ts'
import { openTable, readCsv } from '../../src/tables/index.ts'
import { randomRuns } from '../random-runs.ts'
import { valuesOf, withFolder } from './csv-file.ts'
import { makeRandom } from './random.ts'

/** More of them, such as 30,000: `ONECOPY_FUZZ_RUNS=30000 node --test test/tables/folder-fuzz.test.ts`. */
const runs = randomRuns(150, 1000)
const seed = Number(process.env['ONECOPY_FUZZ_SEED'] ?? 20_261_129)

type Files = Readonly<Record<string, Buffer>>

test('a damaged folder is refused, or read as its files say', async (t) => {
  t.diagnostic(`seed ${seed}`)
  const below = makeRandom(seed)
  await withFolder(async (parent) => {
    const csv = join(parent, 'data.csv')
    const rows = Array.from(
      { length: 12 },
      (_, i) => `${i / 3},0${i},${'xyz'[i % 4] ?? ''},"é""${i}"`,
    )
    writeFileSync(csv, `a,b,c,d\n${rows.join('\n')}\n`)
    await readCsv(csv, { out: join(parent, 'whole') })
    const whole: Files = Object.fromEntries(
      readdirSync(join(parent, 'whole')).map((name) => [
        name,
        readFileSync(join(parent, 'whole', name)),
      ]),
    )
    let refused = 0
    for (let run = 0; run < runs; run++) {
      const files = damage(whole, below)
      const folder = join(parent, `damaged-${run}`)
      mkdirSync(folder)
      for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes)
      const got = read(folder)
      if (got === undefined) refused++
      else assert.deepEqual(got, readPlainly(files), `seed ${seed}, run ${run}`)
      rmSync(folder, { recursive: true })
      // Mappings that nobody holds go when the event loop turns.
      if (run % 100 === 0) await setImmediate()
    }
    t.diagnostic(`${runs} folders, ${refused} of them refused`)
  })
})

/** What a damaged folder is refused with: its schema and categories, its arrays, equal names. */
const codes = new Set(['ERR_FORMAT', 'ERR_FILE', 'ERR_INDEX', 'ERR_SHAPE', 'ERR_DTYPE'])

/** All values; undefined when the folder is refused as one should. */
function read(folder: string): object | undefined {
  try {
    const table = openTable(folder)
    // What it shows can't fail where reading does not.
    assert.equal(typeof String(table), 'string')
    // Damage is found when a column is used, and one without rows would not be.
    for (const column of table.columns) {
      assert.equal(column.size, table.rows)
      if (column.kind === 'category') assert.ok(column.categories.length >= 0)
    }
    return valuesOf(table)
  } catch (error) {
    if (isOneCopyError(error) && codes.has(error.code)) return undefined
    throw error
  }
}

/** The values as they stand in the files of a folder that was not refused. */
function readPlainly(files: Files): object {
  const schema = JSON.parse(String(files['table.json'])) as {
    rows: number
    columns: { name: string; kind: string; file: string; categories?: string }[]
  }
  return Object.fromEntries(
    schema.columns.map(({ name, kind, file, categories }) => {
      const values = plainNumbers(files[file]!)
      if (kind === 'number') return [name, values]
      const texts = JSON.parse(String(files[categories!])) as string[]
      return [name, values.map((code) => (code < 0 ? null : texts[code]))]
    }),
  )
}

/** The numbers of a .npy file. */
function plainNumbers(bytes: Buffer): number[] {
  const start = 10 + bytes.readUInt16LE(8)
  const header = bytes.toString('latin1', 10, start)
  const type = /'descr' *: *'[<|=]?([a-z])(\d)'/.exec(header)!
  const size = Number(type[2])
  const count = Number(/'shape' *: *\((\d+)/.exec(header)![1])
  return Array.from({ length: count }, (_, i) => {
    const at = start + i * size
    if (type[1] === 'f') return size === 8 ? bytes.readDoubleLE(at) : bytes.readFloatLE(at)
    return bytes.readIntLE(at, size)
  })
}

/** Changes bytes, cuts, repeats and exchanges files, in one or a few places. */
function damage(whole: Files, below: (n: number) => number): Files {
  const files: Record<string, Buffer> = { ...whole }
  const names = Object.keys(whole)
  for (let times = 1 + below(3); times > 0; times--) {
    const name = names[below(names.length)]!
    const bytes = Buffer.from(files[name] ?? Buffer.alloc(0))
    const at = below(bytes.length + 1)
    const how = below(7)
    if (how < 2 && at < bytes.length)
      bytes[at] = how === 0 ? below(256) : bytes[at]! ^ (1 << below(8))
    const piece = pieces[below(pieces.length)]!
    if (how === 2) files[name] = bytes.subarray(0, at)
    else if (how === 3)
      files[name] = Buffer.concat([bytes.subarray(0, at), Buffer.from(piece), bytes.subarray(at)])
    else if (how === 4) files[name] = Buffer.concat([bytes, bytes.subarray(at)])
    else if (how === 5) files[name] = files[names[below(names.length)]!] ?? bytes
    else if (how === 6) files[name] = replaceNumber(bytes, below)
    else files[name] = bytes
  }
  return files
}

const pieces = [
  '0',
  '-1',
  '1e9',
  'null',
  '"',
  ',',
  '[]',
  '{}',
  '../',
  '\0',
  '\xff',
  ' ',
  '9'.repeat(20),
]

/** Puts another number in the place of one in a text. */
function replaceNumber(bytes: Buffer, below: (n: number) => number): Buffer {
  const text = bytes.toString('latin1')
  const numbers = [...text.matchAll(/\d+/g)]
  const found = numbers[below(numbers.length || 1)]
  if (found === undefined) return bytes
  const other = ['0', '1', '-1', '11', '13', '1e3', '9007199254740993', 'null', '0.5'][below(9)]!
  const end = found.index + found[0].length
  return Buffer.from(text.slice(0, found.index) + other + text.slice(end), 'latin1')
}
