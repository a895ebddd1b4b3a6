/** What a report says of a run: peaks, phases, words, comparison. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { collectGarbage } from '../../../src/collect-garbage.ts'
import { MemoryReport, startMonitor } from '../../../src/monitor/index.ts'
import { makeRun, MB, sharedRun } from '../runs.ts'
import type { RunPlan } from '../runs.ts'

/** A run of one process with a value each 100 ms, in MB. */
function runOf(values: readonly number[], more: Partial<RunPlan> = {}): MemoryReport {
  const plan = {
    durationMs: (values.length - 1) * 100,
    samples: values.length,
    processes: [{ name: 'node', anonymous: (ms: number) => values[Math.round(ms / 100)]! * MB }],
    cache: () => 0,
  }
  return new MemoryReport(makeRun({ ...plan, ...more }))
}

test('a phase has the peak of the samples in it, both ends included', () => {
  const report = runOf([10, 20, 30, 90, 40, 50, 10], {
    phases: [
      ['load', 0, 200],
      ['fit', 400, 600],
    ],
  })
  assert.equal(report.peak.hard, 90 * MB)
  assert.deepEqual(
    report.phases.map(({ name, startMs, durationMs, peak }) => [
      name,
      startMs,
      durationMs,
      peak.hard! / MB,
      peak.atMs,
    ]),
    [
      ['load', 0, 200, 30, 200],
      ['fit', 400, 200, 50, 500],
    ],
  )
})

test('phases of one name are one, with the largest peak of all', () => {
  const report = runOf([10, 20, 70, 10, 90, 20], {
    phases: [
      ['fold', 0, 100],
      ['rest', 100, 300],
      ['fold', 300, 500],
    ],
  })
  const { count, durationMs, peak } = report.phase('fold')
  assert.deepEqual([count, durationMs, peak.hard], [2, 300, 90 * MB])
  assert.deepEqual(
    report.phases.map(({ name }) => name),
    ['fold', 'rest'],
  )
})

test('a rise and fall between two samples belongs to the phase in which it was', () => {
  const report = runOf([10, 10, 10, 10], {
    spikes: [{ ms: 200, bytes: 300 * MB }],
    phases: [
      ['before', 0, 100],
      ['during', 100, 200],
      ['after', 200, 300],
    ],
  })
  assert.deepEqual(
    report.phases.map(({ peak }) => [peak.hard! / MB, peak.spike / MB]),
    [
      [10, 0],
      [310, 300],
      [10, 0],
    ],
  )
})

test('a phase that no sample saw has no figures', () => {
  const { peak, peakRss } = runOf([10, 20], { phases: [['short', 30, 60]] }).phase('short')
  assert.deepEqual([peak.hard, peak.anonymous, peakRss], [undefined, undefined, undefined])
})

test('a phase that is not there is refused with the names of those that are', () => {
  const report = runOf([1, 2], { phases: [['load', 0, 100]] })
  assert.throws(() => report.phase('fit'), {
    code: 'ERR_OPTION',
    message: "Expected the name of a phase of this run, got 'fit'. It has 'load'.",
  })
  assert.throws(() => runOf([1, 2]).phase('fit'), {
    code: 'ERR_OPTION',
    message:
      "Expected the name of a phase of this run, got 'fit'. It has no phases: mark them with `monitor.mark(name)`.",
  })
})

test('console.log shows the words of a report and of a comparison, not all samples', () => {
  const report = runOf([10, 20])
  assert.equal(inspect(report), String(report))
  const comparison = report.compare(runOf([30, 40]))
  assert.equal(inspect(comparison), String(comparison))
})

test('the paragraph says what the peak was made of, and what RSS would show', () => {
  assert.equal(
    String(new MemoryReport(sharedRun())),
    'Peak 1.48 GB hard at 44.6 s in meta learner, including one shared array of 800 MB held by ' +
      '5 processes; RSS would show 4.90 GB. The largest process was worker 1 (1001) ' +
      'with 186 MB of private memory. File cache takes another 260 MB, which the kernel can drop.',
  )
})

test('the paragraph names what a reader must know to trust the figures', () => {
  const report = runOf([10, 10, 10], {
    spikes: [{ ms: 100, bytes: 50 * MB }],
    limit: 100 * MB,
    processes: [
      { name: 'node', anonymous: () => 10 * MB },
      { name: 'sudo', anonymous: () => 10 * MB, isUnreadable: () => true },
    ],
  })
  const ended = new MemoryReport({ ...report.data, ending: { signal: 'SIGKILL' } })
  assert.equal(
    String(ended),
    'Peak 60.0 MB hard at 100 ms.' +
      ' The largest process was node (1000) with 10.0 MB of private memory.' +
      " 50.0 MB of the peak rose and fell between two samples, as the kernel's record (VmHWM) shows." +
      ' That is 60 % of its limit of 100 MB.' +
      ' The figures of 1 process could not be read in part or whole (1001), so the true peak may be higher.' +
      ' The command was ended by SIGKILL, last seen with 10.0 MB hard.',
  )
  const oom = new MemoryReport({ ...report.data, ending: { oomKilled: true, exitCode: 1 } })
  assert.match(String(oom), /The kernel killed a process of the run because memory ran out\.$/)
  assert.equal(report.verdict, undefined)
})

test('the verdict names whom the kernel killed, and what he used at last', () => {
  const { data } = runOf([10, 10], { limit: 100 * MB })
  const killed = { pid: 7, name: 'node fit.js', atMs: 1234, anonymous: 90 * MB, rss: 95 * MB }
  const report = new MemoryReport({ ...data, ending: { oomKilled: true, killed } })
  assert.equal(
    report.verdict,
    'The kernel killed node fit.js (7) after 1.2 s because memory ran out (limit 100 MB). It was last seen with 90.0 MB of private memory.',
  )
  assert.equal(
    new MemoryReport({ ...data, ending: { exitCode: 3 } }).verdict,
    'The command failed with exit code 3.',
  )
})

test('between two moments there is a range, of the tree or of one process', () => {
  const report = runOf([10, 40, 20, 30], { spikes: [{ ms: 200, bytes: 15 * MB }] })
  assert.deepEqual(report.range(0, 100), { min: 10 * MB, max: 40 * MB })
  assert.deepEqual(report.range(100, 250), { min: 20 * MB, max: 40 * MB })
  assert.deepEqual(report.range(150, 250), { min: 20 * MB, max: 20 * MB })
  assert.deepEqual(report.range(0, 300, 1000), { min: 10 * MB, max: 40 * MB })
  assert.equal(report.range(110, 190), undefined)
  assert.equal(report.range(0, 300, 77), undefined)
})

test('a comparison has the whole run, all phases of both, and what changed', () => {
  const before = runOf([10, 40, 20, 20], {
    phases: [
      ['load', 0, 100],
      ['fit', 200, 300],
    ],
  })
  const after = runOf([10, 20, 60, 20], {
    phases: [
      ['load', 0, 100],
      ['check', 200, 300],
    ],
  })
  const comparison = before.compare(after)
  assert.equal(comparison.figure, 'hard')
  assert.deepEqual(
    comparison.rows.map(({ phase, before, after, change }) => [phase, before, after, change]),
    [
      ['whole run', 40 * MB, 60 * MB, 20 * MB],
      ['load', 40 * MB, 20 * MB, -20 * MB],
      ['fit', 20 * MB, undefined, undefined],
      ['check', undefined, 60 * MB, undefined],
    ],
  )
  assert.equal(
    String(comparison),
    [
      'phase      hard peak, first   second    change',
      'whole run           40.0 MB  60.0 MB  +20.0 MB  +50.0 %',
      'load                40.0 MB  20.0 MB  \u221220.0 MB  \u221250.0 %',
      'fit                 20.0 MB      n/a       n/a',
      'check                   n/a  60.0 MB       n/a',
    ].join('\n'),
  )
})

test('a run without any figure says so', () => {
  const { data } = runOf([1, 2])
  const nothing = { anonymous: undefined, shmem: undefined, fileBacked: undefined, hard: undefined }
  const report = new MemoryReport({
    ...data,
    total: {},
    processes: [],
    start: nothing,
    peak: { ...nothing, atMs: 0, spike: 0 },
  })
  assert.equal(report.show(), String(report))
  const why = 'No figures: this system does not show the memory of its processes.'
  assert.equal(String(report), why)
  const killed = new MemoryReport({ ...report.data, ending: { signal: 'SIGKILL' } })
  assert.ok(String(killed).startsWith(`${why} `) && killed.verdict!.includes('SIGKILL'))
  assert.ok(String(killed).endsWith(killed.verdict!))
})

test('a monitor marks phases, and its report has their figures', async () => {
  collectGarbage('major') // what earlier tests have left would be freed while this one measures
  const monitor = startMonitor({ intervalMs: 3_600_000, children: false })
  await monitor.mark('load')
  const kept = Buffer.alloc(60 * MB, 1)
  await monitor.mark('fit')
  const report = await monitor.stop()
  assert.deepEqual(
    report.phases.map(({ name }) => name),
    ['load', 'fit'],
  )
  const grown = report.phase('load').peak.hard! - report.start.hard!
  assert.ok(grown >= 55 * MB, `${grown} bytes for ${kept.length}`)
  assert.equal(report.data.phases[0]!.pid, process.pid)
  assert.match(report.data.command!, /^node report\.test\.ts$/)
  assert.equal(report.data.processes[0]!.pid, process.pid)
  await assert.rejects(monitor.mark('late'), { code: 'ERR_MONITOR' })
  await assert.rejects(monitor.mark(''), { name: 'TypeError' })
})
