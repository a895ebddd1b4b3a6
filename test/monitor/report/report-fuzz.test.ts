/** Damaged reports: read and shown, or refused by a clear error, and never anything else. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { isOneCopyError } from '../../../src/errors.ts'
import { checkBudgets, MemoryReport } from '../../../src/monitor/index.ts'
import { drawPage } from '../../../src/monitor/plot/page/report-page.ts'
import { feedOf } from '../../../src/monitor/live/feed.ts'
import { parseMprof, toMprof } from '../../../src/monitor/report/mprof.ts'
import { toCsv } from '../../../src/monitor/report/report-csv.ts'
import { parseReportJson, toReportJson } from '../../../src/monitor/report/report-json.ts'
import type { RunData } from '../../../src/monitor/index.ts'
import { randomRuns } from '../../random-runs.ts'
import { makeRun, MB, noise } from '../runs.ts'

/** More of them, such as 250,000: `ONECOPY_FUZZ_RUNS=250000 node --test test/monitor/report/report-fuzz.test.ts`. */
const runs = randomRuns(300, 2000)

function sample(): RunData {
  const data = makeRun({
    command: 'node fit.js',
    durationMs: 1000,
    samples: 11,
    processes: [
      { name: 'node', anonymous: (ms) => (30 + ms / 50) * MB },
      { name: 'python3', from: 300, to: 800, anonymous: () => 20 * MB },
    ],
    shmem: () => 8 * MB,
    spikes: [{ ms: 500, bytes: 9 * MB }],
    phases: [
      ['load', 0, 400],
      ['fit', 400, 1000],
    ],
    segments: [{ name: 'onecopy', startMs: 0, endMs: 1000, peakBytes: 8 * MB, holders: 2 }],
    limit: 100 * MB,
  })
  return {
    ...data,
    atMost: 90 * MB,
    isolates: [
      {
        pid: 1000,
        thread: 0,
        name: 'main',
        startMs: 0,
        endMs: 1000,
        peak: { heapUsed: 5 * MB, heapTotal: 6 * MB, external: MB, arrayBuffers: MB },
        first: 0,
        columns: { heapUsed: new Float64Array(11).fill(MB) },
      },
    ],
    ending: {
      signal: 'SIGKILL',
      oomKilled: true,
      killed: { pid: 1000, name: 'node', atMs: 900, anonymous: 40 * MB, rss: 80 * MB },
    },
  }
}

const oddNumbers = [-1, -0, 0, 1, 0.5, 5e-324, 1e15, 8.64e15, 9e15, 2 ** 53 - 1, 1e16, 1e308]
const oddTexts = ['', '\u001B[2J', 'nan', '\ud800', '__proto__']
const oddValues: readonly unknown[] = [null, true, {}, [], [[]], { length: 1e9 }]
const odd: readonly unknown[] = [...oddNumbers, ...oddTexts, ...oddValues]

/** Puts something odd at a random place of a value, or takes it away. */
function damage(value: unknown, random: () => number): unknown {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  if (typeof value !== 'object' || value === null || random() < 0.08) return pick(odd)
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...value] : { ...value }
  const keys = Object.keys(copy)
  if (keys.length === 0) return pick(odd)
  const key = pick(keys)
  const members = copy as Record<string, unknown>
  if (random() < 0.06) delete members[key]
  else members[key] = damage(members[key], random)
  return copy
}

/** Changes, removes or doubles bytes, lines and words. */
function damageText(text: string, random: () => number): string {
  const at = Math.floor(random() * text.length)
  const length = Math.floor(random() * 20)
  const words = [
    '1e308',
    '-1',
    'nan',
    '1e15',
    '\u0000',
    'CHLD 5 1 1',
    'MEM 1 1',
    '\n',
    ' ',
    '"',
    '9',
  ]
  const word = words[Math.floor(random() * words.length)]!
  const kind = Math.floor(random() * 4)
  if (kind === 0) return text.slice(0, at) + word + text.slice(at + length)
  if (kind === 1) return text.slice(0, at)
  if (kind === 2) return text.slice(0, at) + text.slice(at, at + length).repeat(3) + text.slice(at)
  const lines = text.split('\n')
  const [a, b] = [0, 1].map(() => Math.floor(random() * lines.length))
  ;[lines[a!], lines[b!]] = [lines[b!]!, lines[a!]!]
  return lines.join('\n')
}

const control = /[\p{Cc}\u202e]/u

function refuse(text: string, pattern: RegExp): void {
  const found = pattern.exec(text.replaceAll('\n', ' '))
  assert.equal(found?.[0], undefined)
}

/** Everything that is done with a report; drawing a page takes long, so that is done now and then. */
function use(data: RunData, isThorough: boolean): void {
  const report = new MemoryReport(data)
  const text = report.show({ width: 60, height: 5 })
  refuse(text, control)
  refuse(text, /.{0,40}(?:NaN|Infinity|undefined).{0,40}/)
  checkBudgets(report, [{ bytes: 1e6 }, { phase: 'fit', bytes: 1e6 }])
  String(report.compare(report))
  if (!isThorough) return
  toMprof(data)
  toCsv(data)
  feedOf(data, { points: 50 })
  // The page's own script may say so.
  refuse(drawPage(data).replace(/<script>.*?<\/script>/s, ''), /.{0,40}(?:NaN|Infinity).{0,40}/)
}

function fuzz(
  name: string,
  make: (random: () => number) => string,
  parse: (text: string, path: string) => RunData,
): void {
  test(`a damaged ${name} is read and shown, or refused by a clear error`, () => {
    const counts = { read: 0, refused: 0 }
    for (let seed = 0; seed < runs; seed++) {
      const text = make(noise(seed * 7919 + 13))
      let data: RunData | undefined
      try {
        data = parse(text, 'x')
      } catch (error) {
        assert.ok(isOneCopyError(error) && error.code === 'ERR_FORMAT', `${seed}: ${String(error)}`)
        refuse(error.message, control)
        counts.refused++
        continue
      }
      counts.read++
      try {
        use(data, seed % 10 === 0)
      } catch (error) {
        throw new Error(`seed ${seed} of ${name}`, { cause: error })
      }
    }
    assert.ok(counts.read > runs / 100 && counts.refused > runs / 100, JSON.stringify(counts))
  })
}

const plain = JSON.parse(toReportJson(sample())) as unknown
const json = JSON.stringify(plain)
const files = [
  toMprof(sample()),
  ...['load', 'pool'].map((name) =>
    readFileSync(new URL(`../../fixtures/monitor/plots/${name}.dat`, import.meta.url), 'utf8'),
  ),
]

fuzz('value of a profile', (random) => JSON.stringify(damage(plain, random)), parseReportJson)
fuzz('text of a profile', (random) => damageText(json, random), parseReportJson)
fuzz(
  'file of mprof',
  (random) => {
    let text = files[Math.floor(random() * files.length)]!
    for (let i = 0; i <= random() * 4; i++) text = damageText(text, random)
    return text
  },
  parseMprof,
)
