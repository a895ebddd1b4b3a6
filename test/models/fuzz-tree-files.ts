/** Opens damaged model files of other libraries; `node test/models/fuzz-tree-files.ts 1000000` for long. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { array } from '../../src/arrays/index.ts'
import { isOneCopyError } from '../../src/errors.ts'
import { parseLightGBM } from '../../src/models/lightgbm/parse-lightgbm.ts'
import { parseXGBoost } from '../../src/models/xgboost/parse-xgboost.ts'

/** Files that are damaged, and what opens them. */
export const formats = {
  lightgbm: {
    files: ['regression.txt', 'binary.txt', 'multiclass.txt', 'poisson.txt'],
    open: (bytes: Buffer) => parseLightGBM('fuzzed.txt', bytes.toString('utf8')),
  },
  xgboost: {
    files: [
      'squared.json',
      'softprob.json',
      'dart.json',
      'partition.json',
      'forest.json',
      'softprob.ubj',
      'partition.ubj',
    ],
    open: (bytes: Buffer) => parseXGBoost('fuzzed.json', bytes),
  },
} as const

/** What a number of a file becomes. */
const numbers = [
  '-1',
  '0',
  '1',
  '2',
  '3',
  '7',
  '8',
  '14',
  '15',
  '31',
  '63',
  '254',
  '255',
  '256',
  '4000',
  '65536',
  '2147483647',
  '2147483648',
  '4294967295',
  '-2147483648',
  '9007199254740993',
  '1e308',
  '-1e308',
  '1e400',
  '1e-320',
  '-0',
  '0.5',
  'nan',
  'NaN',
  'inf',
  'Infinity',
  'null',
  '""',
  '[]',
  '{}',
  'true',
]

/** How many files were opened, and how many refused. */
export interface FuzzCounts {
  opened: number
  refused: number
}

/**
 * Damages files at random: a number, a byte, a line or a part of the file. Each must be refused with a code, or give a model that
 * predicts finite numbers or NaN.
 */
export async function fuzz(
  format: keyof typeof formats,
  runs: number,
  seed: number,
): Promise<FuzzCounts> {
  const { files, open } = formats[format]
  const folder = new URL(`../fixtures/${format}/`, import.meta.url)
  const texts = files.map((name) => readFileSync(new URL(name, folder), 'latin1'))
  const generator = xoroshiro128plus(seed)
  const draw = (below: number): number => uniformInt(generator, 0, below - 1)
  const counts = { opened: 0, refused: 0 }
  for (let run = 0; run < runs; run++) {
    let text = texts[run % texts.length]!
    for (let changes = 1 + draw(3); changes > 0; changes--) text = damage(text, draw)
    try {
      const model = open(Buffer.from(text, 'latin1'))
      const columns = model.featureGains_.length
      if (columns <= 1000) {
        const row = Array.from({ length: columns }, (_, j) => (j % 4 === 3 ? NaN : j - 1.5))
        const found = await model.predict(array([row, row.map((x) => -x)]))
        assert.equal(found.shape[0], 2)
      }
      counts.opened++
    } catch (error) {
      if (!isOneCopyError(error) || error.code !== 'ERR_FORMAT')
        throw new Error(`Run ${run} of seed ${seed} failed on ${files[run % files.length]}.`, {
          cause: error,
        })
      counts.refused++
    }
  }
  return counts
}

/** Changes one place of a text. */
function damage(text: string, draw: (below: number) => number): string {
  const at = draw(Math.max(1, text.length))
  switch (draw(7)) {
    case 0:
      return text.slice(0, at) + String.fromCharCode(draw(256)) + text.slice(at + 1)
    case 1:
      return text.slice(0, at) + text.slice(at + 1 + draw(20))
    case 2: {
      const copied = text.slice(at, at + 1 + draw(200))
      const to = draw(text.length)
      return text.slice(0, to) + copied + text.slice(to)
    }
    case 3: {
      const lines = text.split('\n')
      lines.splice(draw(lines.length), draw(2), lines[draw(lines.length)]!)
      return lines.join('\n')
    }
    case 4:
      return draw(20) === 0 ? text.slice(0, at) : text
    default: {
      // A whole number is replaced by another one, which is what indices are.
      const found = /-?\d[\d.eE+-]*/.exec(text.slice(at))
      if (found === null) return text
      const start = at + found.index
      return (
        text.slice(0, start) + numbers[draw(numbers.length)]! + text.slice(start + found[0].length)
      )
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [runs = 100_000, seed = Date.now()] = process.argv.slice(2).map(Number)
  for (const format of Object.keys(formats) as (keyof typeof formats)[]) {
    const { opened, refused } = await fuzz(format, runs, seed)
    console.log(`${format}: ${opened} opened, ${refused} refused, seed ${seed}`)
  }
}
