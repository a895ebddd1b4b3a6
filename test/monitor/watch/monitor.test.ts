/** A watch over real processes, from its start to its report. */

import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { mark, startMonitor } from '../../../src/monitor/index.ts'
import { withMembers } from '../members.ts'

const MB = 1_000_000
const never = 3_600_000

test('the peak is what the tree used when it used most', async () => {
  await withMembers(2, async ([one, two]) => {
    const monitor = startMonitor({ intervalMs: never })
    await one!.touch({ keep: 40 * MB })
    await two!.touch({ keep: 60 * MB })
    const sample = await monitor.sample()
    const { start, peak, processes } = await monitor.stop()
    assert.ok(peak.hard! - start.hard! >= 100 * MB)
    assert.ok(peak.hard! >= sample.hard!)
    assert.equal(processes, 3)
  })
})

test('what monitors and marks keep in a program is no memory of its own', async () => {
  const monitor = startMonitor({ intervalMs: never })
  mark('two monitors')
  const other = startMonitor({ intervalMs: never })
  await other.sample()
  await monitor.sample()
  await other.stop()
  const { data, peak } = await monitor.stop()
  assert.deepEqual([data.segments, peak.shmem], [[], 0])
})

test('memory that came and went between two samples is in the peak', async () => {
  await withMembers(1, async ([member]) => {
    const monitor = startMonitor({ pid: member!.pid, intervalMs: never })
    await member!.touch({ spike: 60 * MB })
    const { start, peak, samples } = await monitor.stop()
    assert.equal(samples, 2)
    assert.ok(peak.hard! - start.hard! >= 55 * MB, `peak ${peak.hard}, start ${start.hard}`)
    assert.ok(peak.spike >= 55 * MB, `spike ${peak.spike}`)
  })
})

test('a spike of 100 MB for 5 ms is in the peak, whatever the samples saw of it', async () => {
  for (const intervalMs of [never, 500, 100]) {
    await withMembers(1, async ([member]) => {
      const monitor = startMonitor({ pid: member!.pid, intervalMs })
      await member!.touch({ spike: 100 * MB, spikeMs: 5 })
      const { start, peak } = await monitor.stop()
      const grown = peak.hard! - start.hard!
      // The member's own heap may shrink by some MB after the start.
      assert.ok(grown >= 85 * MB && grown <= 130 * MB, `${grown} at ${intervalMs} ms`)
    })
  }
})

test('what was used before the start is not in the peak', async () => {
  await withMembers(1, async ([member]) => {
    await member!.touch({ spike: 60 * MB })
    const monitor = startMonitor({ pid: member!.pid, intervalMs: never })
    const { start, peak } = await monitor.stop()
    assert.ok(peak.hard! - start.hard! < 20 * MB, `peak ${peak.hard}, start ${start.hard}`)
  })
})

test('sampling goes on while the event loop is blocked', async () => {
  const monitor = startMonitor({ intervalMs: 5, children: false })
  await monitor.settle() // a thread may take seconds to come up on a busy machine
  let samples = 0
  // On such a machine it may also be its turn but a few times in a second.
  for (let tries = 0; tries < 30 && samples <= 10; tries++) {
    const fromMs = performance.timeOrigin + performance.now()
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000)
    const toMs = performance.timeOrigin + performance.now()
    const { times, startEpochMs } = (await monitor.report()).data
    samples = times.filter((ms) => startEpochMs + ms > fromMs && startEpochMs + ms < toMs).length
  }
  await monitor.stop()
  assert.ok(samples > 10, `${samples} samples in a second`)
})

test('a command that is over before the thread is up has its peak and its marks', async () => {
  const monitor = startMonitor({ intervalMs: 10 })
  await monitor.mark('work')
  const buffer = Buffer.alloc(60 * MB, 1)
  await new Promise((resolve) => setTimeout(resolve, 25))
  mark('rest')
  const report = await monitor.stop({ exitCode: 2 })
  assert.ok(report.peak.hard! - report.start.hard! > 0.9 * buffer.length)
  assert.deepEqual(
    report.phases.map(({ name }) => name),
    ['work', 'rest'],
  )
  assert.equal(report.verdict, 'The command failed with exit code 2.')
})

test('what was seen before the thread was up is in the report', async () => {
  const monitor = startMonitor({ intervalMs: never })
  await monitor.mark('early')
  const first = await monitor.sample()
  await monitor.settle() // by the thread, which is up then
  await monitor.mark('late')
  const { data } = await monitor.stop()
  assert.deepEqual(
    data.phases.map(({ name }) => name),
    ['early', 'late'],
  )
  assert.ok(data.times.length >= 6, `${data.times.length} samples`)
  assert.ok(data.times.includes(Math.round(10 * (first.epochMs - data.startEpochMs)) / 10))
})

test('the peaks of a process outlive it', async () => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' })
  await once(child, 'spawn')
  const monitor = startMonitor({ pid: child.pid!, intervalMs: never })
  child.kill('SIGKILL')
  await once(child, 'exit')
  assert.deepEqual((await monitor.sample()).processes, [])
  const { peak, processes } = await monitor.stop()
  assert.ok(peak.hard! > 0)
  assert.equal(processes, 1)
})

test('stopping again gives the same report, and a stopped monitor takes no sample', async () => {
  const monitor = startMonitor()
  const report = await monitor.stop()
  assert.equal(await monitor.stop(), report)
  await assert.rejects(monitor.sample(), {
    code: 'ERR_MONITOR',
    message: 'The monitor has already been stopped.',
  })
})

test('a running monitor shows its report so far, and what came since a moment', async () => {
  const monitor = startMonitor({ intervalMs: never })
  await monitor.mark('load')
  await monitor.sample()
  const { data } = await monitor.report()
  assert.deepEqual([data.times.length, data.samples], [3, 3])
  assert.deepEqual(
    data.phases.map(({ name }) => name),
    ['load'],
  )
  await monitor.sample()
  const later = await monitor.report({ sinceMs: data.durationMs })
  assert.deepEqual([later.data.times.length, later.samples], [1, 4])
  assert.equal((await monitor.stop()).samples, 5)
  await assert.rejects(monitor.report(), {
    code: 'ERR_MONITOR',
    message: 'The monitor has already been stopped.',
  })
})

test('a sample that is asked for just before the stop still comes', async () => {
  const monitor = startMonitor({ intervalMs: never })
  const samples = [monitor.sample(), monitor.sample()]
  const report = await monitor.stop()
  await Promise.all(samples)
  assert.equal(report.samples, 4)
})

test('a monitor that nobody stops keeps no program alive', () => {
  const program = fileURLToPath(new URL('../../fixtures/monitor/forgotten.ts', import.meta.url))
  const output = execFileSync(process.execPath, [program], { encoding: 'utf8', timeout: 60_000 })
  assert.equal(output, 'end of the program\n')
})

test('wrong options are refused in plain words', async () => {
  const child = spawn('true', { stdio: 'ignore' })
  await once(child, 'exit')
  const wrong = [
    [{ pid: '7' }, 'TypeError', "Expected `pid` to be a process id, got '7'."],
    [
      { intervalMs: 'x' },
      'TypeError',
      "Expected `intervalMs` to be a number of milliseconds, got 'x'.",
    ],
    [
      { intervalMs: 0 },
      'OneCopyError',
      'Expected `intervalMs` between 1 and 3600000 (one hour), got 0. The default is 100.',
    ],
    [{ pssBudget: '2 %' }, 'TypeError', "Expected `pssBudget` to be a number, got '2 %'."],
    [
      { pssBudget: 2 },
      'OneCopyError',
      'Expected `pssBudget` between 0 (no PSS) and 1 (one core), got 2. The default is 0.02.',
    ],
    [
      { pid: child.pid },
      'OneCopyError',
      `Expected \`pid\` to be a living process, but there is no process ${child.pid}.`,
    ],
  ] as const
  for (const [options, name, message] of wrong) {
    assert.throws(() => startMonitor(options as never), { name, message })
  }
})
