/** The memory of a run and of its tasks. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { delayed, Parallel } from '../../../src/parallel/index.ts'
import { RunWatch } from '../../../src/parallel/run/run-memory.ts'
import { allocate } from '../../fixtures/tasks/allocate.ts'

const MB = 1_000_000

test('each task of a process has the memory of its own, each run that of the tree', async () => {
  const parallel = new Parallel({ workers: 2, backend: 'processes', monitor: true })
  try {
    await parallel.run([delayed(allocate)(0, 0), delayed(allocate)(0, 0)])
    const first = await parallel.memory()
    await parallel.run([10, 80].map((size) => delayed(allocate)(size * MB, 2000)))
    const { report, tasks } = await parallel.memory()
    assert.notEqual(report, first.report)
    assert.deepEqual(
      tasks.map(({ index, name }) => [index, name]),
      [
        [0, 'allocate'],
        [1, 'allocate'],
      ],
    )
    for (const { worker, startMs, endMs, tree } of tasks) {
      assert.match(worker, /^process \d+$/)
      assert.ok(endMs - startMs >= 1990 && endMs <= report.durationMs + 50)
      assert.ok(tree!.max <= report.peak.hard! + 1)
    }
    const [small, large] = tasks
    assert.ok(large!.own!.max - small!.own!.max > 50 * MB, JSON.stringify(tasks))
    assert.ok(large!.own!.max > 80 * MB && large!.own!.max < 200 * MB)
    assert.ok(large!.tree!.max > large!.own!.max)
    assert.ok(report.peak.hard! - report.start.hard! > 80 * MB)
  } finally {
    await parallel.close()
  }
})

test('threads share their memory, so a task has that of the tree only', async () => {
  const parallel = new Parallel({ workers: 2, monitor: true })
  try {
    await parallel.run([delayed(allocate)(60 * MB, 1500)])
    const [task] = (await parallel.memory()).tasks
    assert.equal(task!.own, undefined)
    assert.ok(task!.tree!.max > 60 * MB)
  } finally {
    await parallel.close()
  }
})

test('a run that is broken off, and one that fails, have their reports', async () => {
  const parallel = new Parallel({ backend: 'serial', monitor: true })
  try {
    const numbers = Array.from({ length: 100 }, (_, i) => delayed(allocate)(i, 1))
    for await (const _ of parallel.stream(numbers)) break
    const broken = await parallel.memory()
    assert.ok(broken.tasks.length < 100)
    await assert.rejects(parallel.run([delayed(allocate)(-1, 0)]), { name: 'RangeError' })
    const failed = await parallel.memory()
    assert.deepEqual(
      failed.tasks.map(({ index }) => index),
      [0],
    )
    const empty = await parallel.run([])
    assert.deepEqual([empty, (await parallel.memory()).tasks], [[], []])
    const signal = AbortSignal.abort()
    await assert.rejects(parallel.run([delayed(allocate)(0, 0)], { signal }), signal.reason)
    assert.deepEqual((await parallel.memory()).tasks, [])
  } finally {
    await parallel.close()
  }
})

test('a stream that is read at once is watched from its first task on', async () => {
  const parallel = new Parallel({ workers: 1, backend: 'serial', monitor: true })
  const stream = parallel.stream([delayed(allocate)(0, 2000), delayed(allocate)(0, 0)])
  await Promise.all([stream.next(), stream.next()])
  assert.equal((await stream.next()).done, true)
  const [task] = (await parallel.memory()).tasks
  assert.ok(task!.startMs > 0 && task!.tree !== undefined, JSON.stringify(task))
  await parallel.close()
})

test('who watches nothing does not load the monitor', () => {
  const program = `
    import { registerHooks } from 'node:module'
    const load = (url, context, next) => (url.includes('/src/') && console.log(url), next(url, context))
    registerHooks({ load })
    await import(${JSON.stringify(new URL('../../../src/parallel/index.ts', import.meta.url))})`
  const loaded = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  })
  assert.match(loaded, /\/src\/parallel\/run\/run-memory\.ts$/m)
  assert.doesNotMatch(loaded, /\/src\/monitor\//)
})

test('memory that nobody watched is refused', async () => {
  const plain = new Parallel({ backend: 'serial' })
  await assert.rejects(plain.memory(), {
    code: 'ERR_OPTION',
    message:
      'Expected a run whose memory was recorded. Create the pool with `new Parallel({ monitor: true })`.',
  })
  const early = new Parallel({ backend: 'serial', monitor: true })
  await assert.rejects(early.memory(), {
    code: 'ERR_OPTION',
    message: 'Expected a run whose memory was recorded, but no run was started yet.',
  })
  assert.throws(() => new Parallel({ monitor: 1 as never }), {
    name: 'TypeError',
    message: 'Expected `monitor` to be true or false, got 1.',
  })
  await Promise.all([plain.close(), early.close()])
})

test('of very many tasks those stay that took longest', async () => {
  const watch = new RunWatch()
  const now = performance.now()
  for (let index = 0; index < 50_000; index++) {
    const ms = index % 1000 === 7 ? 500 : 1
    watch.add({ index, name: 'f' }, { label: 'thread 1', pid: undefined }, now, ms)
  }
  watch.end()
  const { tasks } = await watch.memory
  assert.equal(tasks.length, 10_000)
  assert.equal(tasks.filter(({ index }) => index % 1000 === 7).length, 50)
  assert.ok(tasks.every(({ index }, i) => i === 0 || index > tasks[i - 1]!.index))
})
