/** Phases that any process of a tree marks. */

import assert from 'node:assert/strict'
import { fork, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { mark, startMonitor } from '../../src/monitor/index.ts'
import { decodeMark, encodeMark } from '../../src/monitor/marks/mark-file.ts'
import { PhaseKeeper } from '../../src/monitor/record/phase-keeper.ts'
import { ourSharedFiles } from '../shared-files.ts'

const never = 3_600_000
const marker = fileURLToPath(new URL('../fixtures/monitor/marker.ts', import.meta.url))

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

test('a mark of a child that is killed at once reaches the monitor, though no sample saw it', async () => {
  const before = ourSharedFiles()
  const monitor = startMonitor({ intervalMs: never })
  await monitor.sample()
  const child = fork(marker, ['load', 'fit', 'kill'])
  await ended(child)
  assert.equal(child.signalCode, 'SIGKILL')
  const { phases } = (await monitor.stop()).data
  assert.deepEqual(
    phases.map(({ name, pid, details }) => [name, pid, details]),
    [
      ['load', child.pid, { words: 3, last: false }],
      ['fit', child.pid, { words: 3, last: false }],
    ],
  )
  assert.ok(phases[0]!.startMs <= phases[1]!.startMs)
  assert.equal(phases[0]!.endMs, phases[1]!.startMs)
  assert.deepEqual(ourSharedFiles(), before, 'nothing is left behind')
})

test('a mark makes a sample, so that a phase shorter than the interval has figures', async () => {
  const monitor = startMonitor({ intervalMs: never })
  await monitor.settle() // until the thread is up two listen, and each may make a sample
  const child = fork(marker, ['load', 'ready', 'wait'])
  await once(child, 'message')
  while ((await monitor.report()).phases.length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const { phases, samples } = await monitor.report()
  child.kill('SIGKILL')
  await ended(child)
  await monitor.stop()
  assert.equal(phases[0]!.name, 'load')
  assert.equal(samples, 3)
})

test('a thread of a child marks its own phases', async () => {
  const monitor = startMonitor({ intervalMs: never })
  await monitor.sample()
  const child = fork(marker, ['outer', 'thread', 'inner', 'last'])
  await ended(child)
  const { phases } = (await monitor.stop()).data
  assert.deepEqual(
    phases.map(({ name, thread }) => [name, thread]),
    [
      ['outer', undefined],
      ['inner', 1],
      ['last', 1],
    ],
  )
})

test('marks of a process reach a monitor that is none of its ancestors', async () => {
  // The shell ends, so its child gets another parent.
  const command = `"$0" "$1" early wait >&- 2>&- <&- & echo $!`
  const shell = spawn('sh', ['-c', command, process.execPath, marker], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [output] = (await once(shell.stdout, 'data')) as [Buffer]
  const pid = Number(output.toString())
  const monitor = startMonitor({ pid, intervalMs: 20 })
  try {
    for (;;) {
      const { phases } = await monitor.report()
      if (phases.length > 0) break
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    const { phases } = (await monitor.stop()).data
    assert.deepEqual(
      phases.map(({ name, pid }) => [name, pid]),
      [['early', pid]],
    )
  } finally {
    process.kill(pid, 'SIGKILL')
  }
})

test('marks of this process reach its own monitors, those of strangers reach none', async () => {
  const child = fork(marker, ['ready', 'wait'])
  await once(child, 'message')
  const mine = startMonitor({ intervalMs: never, children: false })
  const other = startMonitor({ pid: child.pid!, intervalMs: never })
  await Promise.all([mine.sample(), other.sample()])
  mark('free')
  await other.mark('asked for')
  const [ofMine, ofOther] = await Promise.all([mine.stop(), other.stop()])
  child.kill('SIGKILL')
  const names = ({ phases }: typeof ofMine) => phases.map(({ name }) => name)
  assert.deepEqual(names(ofMine), ['free', 'asked for'])
  assert.deepEqual(names(ofOther), ['asked for'])
})

test('thousands of marks come in order, in files that have a bound', async () => {
  const monitor = startMonitor({ intervalMs: 50 })
  await monitor.sample()
  const child = fork(marker, ['many=8000'])
  await ended(child)
  const { data, phases, peak, start } = await monitor.stop()
  assert.equal(data.phases.length, 8_000)
  assert.equal(phases.length, 50)
  assert.ok(data.phases.every(({ name }, i) => name === `phase ${(i + 1) % 50}`))
  assert.ok(peak.shmem! - start.shmem! < 4e6)
})

test('a name that is no text and details that are no facts are refused', () => {
  assert.throws(() => mark(''), {
    name: 'TypeError',
    message: "Expected the name of a phase to be a string, got ''.",
  })
  assert.throws(() => mark('fit', { rows: NaN }), {
    name: 'TypeError',
    message:
      'Expected the details of a phase to be an object of strings, finite numbers, booleans and nulls, at most 8192 characters as JSON, got an object of class Object.',
  })
  assert.throws(() => mark('fit', { text: 'x'.repeat(9000) }), { name: 'TypeError' })
  assert.throws(() => mark('fit', { list: [1] as never }), { name: 'TypeError' })
})

test('a line that nobody of ours wrote is no mark', () => {
  const good = {
    source: '7-0-a',
    number: 1,
    pid: 7,
    thread: 0,
    ancestors: [1],
    epochMs: 5,
    name: 'fit',
    details: { rows: 3 },
  }
  assert.deepEqual(decodeMark(encodeMark(good).trim()), good)
  const wrong = [
    '',
    '{',
    'null',
    '[]',
    JSON.stringify({ ...good, name: '' }),
    JSON.stringify({ ...good, pid: -1 }),
    JSON.stringify({ ...good, epochMs: 'now' }),
    JSON.stringify({ ...good, ancestors: ['x'] }),
  ]
  for (const line of wrong) assert.equal(decodeMark(line), undefined, line)
  assert.equal(decodeMark(JSON.stringify({ ...good, details: [1] }))!.details, undefined)
})

test('of very many phases the longest stay', () => {
  const keeper = new PhaseKeeper()
  for (let i = 0; i < 50_000; i++) keeper.mark({ name: `${i}`, pid: 1 }, 2 * i + (i % 1000 ? 0 : 1))
  const phases = keeper.phases(100_000, () => undefined)
  assert.ok(phases.length <= 20_001)
  assert.ok(phases.some(({ name }) => name === '999'))
})

test('a phase ends with its process, and one from before the start begins at it', () => {
  const keeper = new PhaseKeeper()
  keeper.mark({ name: 'over', pid: 1 }, -50)
  keeper.mark({ name: 'load', pid: 1 }, -20)
  keeper.mark({ name: 'fit', pid: 2 }, 30)
  keeper.mark({ name: 'late', pid: 3 }, 120)
  assert.deepEqual(
    keeper
      .phases(100, ({ pid }) => (pid === 2 ? 60 : undefined))
      .map(({ name, startMs, endMs }) => [name, startMs, endMs]),
    [
      ['load', 0, 100],
      ['fit', 30, 60],
      ['late', 100, 100],
    ],
  )
})
