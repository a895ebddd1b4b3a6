/** Damaged CSV files against the plainest reader. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { isOneCopyError } from '../../src/errors.ts'
import { readCsv } from '../../src/tables/index.ts'
import { valuesOf, withFolder } from './csv-file.ts'
import { makeRandom } from './random.ts'
import { type PlainOptions, type PlainTable, readPlainly } from './csv-oracle.ts'

/** More of them, such as 300,000: `ONECOPY_FUZZ_RUNS=300000 node --test test/tables/fuzz.test.ts`. */
const runs = Number(process.env['ONECOPY_FUZZ_RUNS'] ?? 1000)
const seed = Number(process.env['ONECOPY_FUZZ_SEED'] ?? 20_261_121)

const numbers = ['0', '1', '-0', '2.5', '-1e5', '007', '.5', '5.', '1e400', '9007199254740993']
const oddNumbers = [
  '1,5',
  '-,5',
  '1.000,5',
  '1,2,3',
  '0x1f',
  '1_0',
  '1e',
  '-',
  '+7',
  ' 1 ',
  '1'.repeat(30),
  '0.1234567890123456789',
]
const letters = ['A', 'C', 'G', 'T', 'N', 'A', 'C', 'G', 'T', 'N', 'R', 'Y', 'a', '.']
const texts = ['xyz', 'inf', '-Infinity', 'nan', '', 'NA', ' NA ', 'null', 'N/A', 'w'.repeat(40)]
const encoded = ['\xc3\xa9', '\xf0\x9f\x98\x80', '\xc2\xa0', '\xef\xbb\xbf']
const broken = ['\xff', '\xc3', '\xed\xa0\x80', '\0']
const quoted = ['"a"', '"1"', '"a,b"', '"x\ny"', '"q""q"', '"" ', '"NA"', ' "a"', 'a"b', '"', '""']
const marks = ['#', '#\n', 'sep=;\n', '\n', '\r\n', '\r', '\n\n', ' ', '\t', ',', ';', '\v']

/** Names that are not all different. */
const headers = ['a', 'b', 'a.2', ' a', '', 'column1', 'column2', 'column2.2']

/** What fields are made of. */
const fields = [...numbers, ...oddNumbers, ...letters, ...texts, ...encoded, ...quoted.slice(0, 2)]

/** What is put into files. */
const pieces = [...fields, ...broken, ...quoted, ...marks]

test('a file is read as by the plainest reader, or refused by both', async (t) => {
  t.diagnostic(`seed ${seed}`)
  const below = makeRandom(seed)
  await withFolder(async (folder) => {
    const path = `${folder}/data.csv`
    let refused = 0
    for (let run = 0; run < runs; run++) {
      const delimiter = [',', ';', '\t'][below(3)]!
      const bytes = damage(makeFile(delimiter, below), below)
      const options = chooseOptions(delimiter, below)
      const expected = readPlainly(bytes, options)
      const chunkBytes = below(2) === 0 ? undefined : 1 + below(200)
      writeFileSync(path, bytes)
      const got = await read(path, { ...options, chunkBytes })
      if (expected === undefined) refused++
      assert.deepEqual(
        got,
        expected,
        `seed ${seed}, run ${run}, ${JSON.stringify({ ...options, chunkBytes })}: ` +
          JSON.stringify(bytes.toString('latin1')),
      )
    }
    t.diagnostic(`${runs} files, ${refused} of them refused`)
  })
})

/** Mostly the usual ones. */
function chooseOptions(delimiter: string, below: (n: number) => number): PlainOptions {
  const header = below(5) > 0
  if (below(2) === 0) return { delimiter, header }
  return {
    delimiter,
    header,
    decimal: delimiter !== ',' && below(2) === 0 ? ',' : '.',
    comment: below(2) === 0 ? '#' : undefined,
    rowNames: header && below(4) === 0,
    shortRows: below(2) === 0 ? 'fill' : 'error',
    trailingDelimiter: below(3) === 0,
  }
}

/** The values of a file; undefined when it is refused as one should. */
async function read(path: string, options: object): Promise<PlainTable | undefined> {
  try {
    const table = await readCsv(path, options)
    for (const column of table.columns)
      assert.equal(
        column.missing,
        column.missingMask().data.reduce((sum, bit) => sum + bit, 0),
      )
    return valuesOf(table)
  } catch (error) {
    if (isOneCopyError(error) && error.code === 'ERR_FORMAT') return undefined
    throw error
  }
}

/** A table, mostly of few kinds of fields in a column. */
function makeFile(delimiter: string, below: (n: number) => number): string {
  const width = 1 + below(below(3) === 0 ? 40 : 5)
  const lineEnd = ['\n', '\n', '\r\n', '\r'][below(4)]!
  const kinds = Array.from({ length: width }, () => [below(fields.length), 1 + below(12)] as const)
  const field = ([start, count]: readonly [number, number]): string =>
    fields[(start + below(count)) % fields.length]!
  const base = below(4)
  const nameOf = (k: number): string => (base > 0 ? `c${k}` : headers[below(headers.length)]!)
  const names = Array.from({ length: width }, (_, k) => nameOf(k)).join(delimiter)
  const rows = Array.from({ length: below(30) }, () => kinds.map(field).join(delimiter))
  return [names, ...rows].join(lineEnd) + (below(3) > 0 ? lineEnd : '')
}

/** Puts in, takes out and repeats pieces, in no, one or a few places. */
function damage(text: string, below: (n: number) => number): Buffer {
  let damaged = text
  for (let times = below(3) * below(2); times > 0; times--) {
    const at = below(damaged.length + 1)
    const end = Math.min(damaged.length, at + below(4))
    const piece = below(2) === 0 ? pieces[below(pieces.length)]! : damaged.slice(at, end).repeat(2)
    damaged = damaged.slice(0, at) + piece + damaged.slice(below(2) === 0 ? at : end)
  }
  return Buffer.from(damaged, 'latin1')
}
