/** Budgets of memory: which runs keep them, and what is said of those that don't. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkBudgets, MemoryReport, parseBudget } from '../../../src/monitor/index.ts'
import { parseBytes } from '../../../src/monitor/internal.ts'
import { makeRun, MB, ramp, sharedRun } from '../runs.ts'
import type { RunData } from '../../../src/monitor/index.ts'

function sentences(data: RunData, ...budgets: readonly string[]): string[] {
  return checkBudgets(new MemoryReport(data), budgets.map(parseBudget)).map(
    ({ sentence }) => sentence,
  )
}

test('sizes are read as people write them', () => {
  const sizes: Record<string, number> = {
    '500MB': 500e6,
    '1.5 GB': 1.5e9,
    '64MiB': 64 * 2 ** 20,
    ' 2g ': 2e9,
    '.5kB': 500,
    '1048576B': 1_048_576,
    '300 b': 300,
  }
  for (const [text, bytes] of Object.entries(sizes)) assert.equal(parseBytes(text), bytes, text)
  assert.equal(parseBytes(4096), 4096)
})

test('what is no size is refused', () => {
  for (const size of ['', '500MBit', '-3MB', '0', '1,5GB', 'x', '1e3MB', NaN, Infinity, -1, 0]) {
    assert.throws(() => parseBytes(size), {
      code: 'ERR_OPTION',
      message: `Expected a size such as '500MB', '1.5GB' or '64MiB', got ${typeof size === 'string' ? `'${size}'` : size}.`,
    })
  }
  assert.throws(() => parseBytes(undefined), {
    name: 'TypeError',
    message: "Expected a size such as '500MB' or a number of bytes, got undefined.",
  })
})

test('a size without a unit is refused, and what the refusal advises is a size', () => {
  assert.throws(() => parseBudget('200'), {
    code: 'ERR_OPTION',
    message: "Expected a size with its unit, such as '200MB', got '200'. Write '200B' for bytes.",
  })
  assert.throws(() => parseBudget('fit=1.5'), { message: /got '1\.5'/ })
  assert.deepEqual([parseBytes('200MB'), parseBytes('200B')], [200e6, 200])
})

test('a budget is for the whole run or for a phase, whatever its name', () => {
  assert.deepEqual(parseBudget('500MB'), { bytes: 500e6 })
  assert.deepEqual(parseBudget('fit=300MB'), { phase: 'fit', bytes: 300e6 })
  assert.deepEqual(parseBudget('a=b = 1kB'), { phase: 'a=b', bytes: 1000 })
  assert.throws(() => parseBudget('=300MB'), {
    code: 'ERR_OPTION',
    message: "Expected a budget such as '500MB' or 'fit=300MB', got '=300MB'.",
  })
})

test('a run within its budgets breaks none, however much cache it has', () => {
  assert.deepEqual(sentences(sharedRun(), '1.6GB', 'load=430MB'), [])
  const cached = makeRun({
    durationMs: 1000,
    samples: 10,
    processes: [{ name: 'node', anonymous: () => 50 * MB }],
    cache: () => 9000 * MB,
  })
  assert.deepEqual(sentences(cached, '51MB'), [])
})

test('a broken budget names phase, process, moment and what grew', () => {
  assert.deepEqual(sentences(sharedRun(), '1.4GB', 'load=400MB', 'share=1GB'), [
    'Hard memory reached 1.48 GB at 44.6 s in meta learner, 79.2 MB over the budget of 1.40 GB: ' +
      'shared memory grew by 800 MB, used most by node (1000), its largest piece of 800 MB held by 5 processes.',
    'Hard memory reached 416 MB at 9.9 s in load, 16.2 MB over the budget of 400 MB for load: ' +
      'node (1000) grew by 356 MB of private memory.',
    'Hard memory reached 1.16 GB at 12.9 s in share, 158 MB over the budget of 1.00 GB for share: ' +
      'shared memory grew by 775 MB, used most by node (1000), its largest piece of 800 MB held by 5 processes.',
  ])
})

test('a new process grew from nothing, and a spike is called one', () => {
  const data = makeRun({
    durationMs: 2000,
    samples: 21,
    processes: [
      { name: 'make', anonymous: () => 20 * MB },
      { name: 'cc1', from: 500, to: 1500, anonymous: (ms) => ramp(ms, [500, 1500], 30, 90) * MB },
    ],
  })
  assert.deepEqual(sentences(data, '100MB'), [
    'Hard memory reached 110 MB at 1.5 s, 10.0 MB over the budget of 100 MB: ' +
      'cc1 (1001) grew by 90.0 MB of private memory.',
  ])
  const spiky = makeRun({
    durationMs: 2000,
    samples: 21,
    processes: [{ name: 'node', anonymous: () => 20 * MB }],
    spikes: [{ ms: 1000, bytes: 300 * MB }],
  })
  assert.deepEqual(sentences(spiky, '100MB'), [
    'Hard memory reached 320 MB at 1.0 s, 220 MB over the budget of 100 MB: ' +
      '300 MB of it rose and fell between two samples, beside node (1000).',
  ])
})

test('the second time of a phase is measured from its own start', () => {
  const data = makeRun({
    durationMs: 3000,
    samples: 31,
    processes: [{ name: 'node', anonymous: (ms) => (ms < 2000 ? 50 : 120) * MB }],
    phases: [
      ['fit', 0, 1000],
      ['score', 1000, 1900],
      ['fit', 1900, 3000],
    ],
  })
  assert.deepEqual(sentences(data, 'fit=100MB'), [
    'Hard memory reached 120 MB at 2.0 s in fit, 20.0 MB over the budget of 100 MB for fit: ' +
      'node (1000) grew by 70.0 MB of private memory.',
  ])
})

test('a run that was over before it was seen keeps any budget that it can not have broken', () => {
  const unseen = {
    ...makeRun({ durationMs: 0, samples: 1, processes: [{ name: 'true', anonymous: () => NaN }] }),
    atMost: 1_200_000,
  }
  assert.deepEqual(sentences(unseen, '5GB', '1.2MB'), [])
  assert.deepEqual(sentences(unseen, '1MB'), [
    'The budget of 1.00 MB could not be checked: it was over before a sample saw its memory, which was at most 1.20 MB.',
  ])
})

test('what one sample saw of a short run proves no budget', () => {
  const glimpsed = {
    ...makeRun({ durationMs: 0, samples: 1, processes: [{ name: 'true', anonymous: () => 1e5 }] }),
    atMost: 1_200_000,
  }
  assert.deepEqual(sentences(glimpsed, '5GB', '1.2MB'), [])
  assert.deepEqual(sentences(glimpsed, '1MB'), [
    'The budget of 1.00 MB could not be checked: it was over before a second sample saw its memory, which was at most 1.20 MB.',
  ])
  assert.match(
    String(new MemoryReport(glimpsed)),
    / The true peak may be higher: it was over before a second sample saw its memory, which was at most 1\.20 MB\.$/,
  )
})

test('a budget that nobody can check is broken', () => {
  const data = sharedRun()
  assert.deepEqual(sentences(data, 'fti=300MB'), [
    "The budget of 300 MB for fti could not be checked: the run has no such phase, only 'load', 'share', 'fit K folds', 'meta learner'.",
  ])
  assert.deepEqual(sentences({ ...data, phases: [] }, 'fit=1GB'), [
    'The budget of 1.00 GB for fit could not be checked: the run has no phases.',
  ])
  assert.deepEqual(sentences({ ...data, total: {} }, '1GB'), [
    'The budget of 1.00 GB could not be checked: it was over before a sample saw its memory.',
  ])
  assert.deepEqual(sentences({ ...data, total: {}, processes: [] }, '1GB'), [
    'The budget of 1.00 GB could not be checked: this system does not show the memory of its processes.',
  ])
  const { rss } = data.total
  assert.deepEqual(sentences({ ...data, total: { rss: rss! } }, '1GB'), [
    'The budget of 1.00 GB could not be checked: the file does not separate hard memory from file cache.',
  ])
})
