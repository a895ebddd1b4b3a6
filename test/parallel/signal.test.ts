/** Runs that are aborted or left: what becomes of them and of their tasks. */

import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after as afterAll, test } from 'node:test'
import { shared } from '../../src/arrays/index.ts'
import { delayed, taskSignal } from '../../src/parallel/index.ts'
import { meet } from '../fixtures/tasks/arrays.ts'
import { throwValue } from '../fixtures/tasks/failing.ts'
import { after, busy, square, whereAmI } from '../fixtures/tasks/plain.ts'
import { ignoreAbort, isAborted, loopUntilAbort, waitForAbort } from '../fixtures/tasks/signals.ts'
import { everyBackend, onBackends, workerBackends } from './backends.ts'

const folder = mkdtempSync(join(tmpdir(), 'onecopy-signal-'))
afterAll(() => rmSync(folder, { recursive: true }))

let notes = 0
const newNote = (): string => join(folder, `note-${++notes}`)
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function untilNoted(note: string, text: string): Promise<void> {
  while (!existsSync(note) || readFileSync(note, 'utf8') !== text) await pause(5)
}

onBackends(everyBackend, "an aborted run rejects with its signal's reason", async (make) => {
  const parallel = make.shared()
  const controller = new AbortController()
  const { signal } = controller
  const note = newNote()
  const running = parallel.run([delayed(waitForAbort)(note)], { signal })
  await untilNoted(note, 'started')
  const reason = new RangeError('enough')
  controller.abort(reason)
  await assert.rejects(running, (error) => error === reason)
  await untilNoted(note, 'let go: AbortError')
  assert.deepEqual(await parallel.run([delayed(square)(3)]), [9])
})

onBackends(everyBackend, 'a falsy reason is a reason', async (make) => {
  const parallel = make()
  const controller = new AbortController()
  const running = parallel.run([delayed(after)(60_000, 1)], { signal: controller.signal })
  controller.abort(0)
  await assert.rejects(running, (error) => error === 0)
})

onBackends(everyBackend, 'a run with an aborted signal does not start', async (make) => {
  const parallel = make.shared()
  let pulled = 0
  let isClosed = false
  function* calls() {
    try {
      for (;;) yield delayed(square)(pulled++)
    } finally {
      isClosed = true
    }
  }
  const signal = AbortSignal.abort()
  await assert.rejects(parallel.run(calls(), { signal }), { name: 'AbortError' })
  await assert.rejects(parallel.stream(calls(), { signal }).next(), { name: 'AbortError' })
  assert.deepEqual([pulled, isClosed], [0, false])
})

onBackends(everyBackend, 'a signal that comes late does nothing', async (make) => {
  const parallel = make.shared()
  const controller = new AbortController()
  assert.deepEqual(await parallel.run([delayed(square)(3)], { signal: controller.signal }), [9])
  controller.abort()
  assert.deepEqual(await parallel.run([delayed(isAborted)()]), [false])
})

onBackends(
  workerBackends,
  'a loop that never awaits sees its signal, and the worker stays',
  async (make) => {
    const parallel = make.shared(1)
    const [before] = await parallel.run([delayed(whereAmI)()])
    const controller = new AbortController()
    const note = newNote()
    const running = parallel.run([delayed(loopUntilAbort)(note)], { signal: controller.signal })
    await untilNoted(note, 'started')
    controller.abort()
    await assert.rejects(running, { name: 'AbortError' })
    await untilNoted(note, 'let go: AbortError')
    assert.deepEqual(await parallel.run([delayed(whereAmI)()]), [before])
    assert.deepEqual(await parallel.run([delayed(isAborted)()]), [false])
  },
)

onBackends(
  workerBackends,
  'a task that does not let go is killed after the grace, alone',
  async (make) => {
    const parallel = make({ workers: 1, graceMs: 50 })
    const [before] = await parallel.run([delayed(whereAmI)()])
    const controller = new AbortController()
    const note = newNote()
    const running = parallel.run([delayed(ignoreAbort)(note)], { signal: controller.signal })
    await untilNoted(note, 'started')
    const others = parallel.run([1, 2, 3].map((x) => delayed(square)(x)))
    controller.abort()
    await assert.rejects(running, { name: 'AbortError' })
    assert.deepEqual(await others, [1, 4, 9])
    const [then] = await parallel.run([delayed(whereAmI)()])
    assert.notEqual(then, before)
  },
)

onBackends(
  workerBackends,
  'A23: break ends tasks in progress, those that look and those that do not',
  async (make) => {
    // Who looks has to have its turn within the grace.
    const parallel = make({ graceMs: 2000 })
    const [looking, ignoring] = [newNote(), newNote()]
    const calls = [
      delayed(waitForAbort)(looking),
      delayed(ignoreAbort)(ignoring),
      delayed(square)(2) as never,
    ]
    const stream = parallel.stream(calls, { order: 'completion' })
    await untilNoted(looking, 'started')
    await untilNoted(ignoring, 'started')
    await stream.return(undefined)
    await untilNoted(looking, 'let go: AbortError')
    const gate = shared([2], 'int32')
    const both = [0, 1].map((i) => delayed(meet)(gate, i))
    assert.deepEqual(await parallel.run(both), [true, true], 'on two workers again')
  },
)

onBackends(workerBackends, 'A26: a failed run ends its tasks in progress', async (make) => {
  const parallel = make({ graceMs: 50 })
  const note = newNote()
  async function* calls() {
    yield delayed(ignoreAbort)(note)
    await untilNoted(note, 'started')
    yield delayed(throwValue)('no')
  }
  await assert.rejects(parallel.run(calls()), (error) => error === 'no')
  assert.deepEqual(await parallel.run([1, 2].map((x) => delayed(busy)(1, x))), [1, 2])
})

onBackends(
  workerBackends,
  'results that were finished before a kill are not lost to other runs',
  async (make) => {
    const parallel = make({ workers: 1, graceMs: 20 })
    // Fast tasks teach the pool to send many at once; then a task that never ends stands among them.
    await parallel.run(Array.from({ length: 500 }, (_, i) => delayed(busy)(0, i)))
    const controller = new AbortController()
    const good = Array.from({ length: 50 }, (_, i) => parallel.run([delayed(busy)(0, i)]))
    const stuck = parallel.run([delayed(busy)(60_000, 0)], { signal: controller.signal })
    const more = Array.from({ length: 50 }, (_, i) => parallel.run([delayed(busy)(0, i)]))
    setTimeout(() => controller.abort(), 50)
    await assert.rejects(stuck, { name: 'AbortError' })
    assert.deepEqual((await Promise.all([...good, ...more])).flat(), [
      ...Array.from({ length: 50 }, (_, i) => i),
      ...Array.from({ length: 50 }, (_, i) => i),
    ])
  },
)

test('outside of a task the signal never aborts', () => {
  assert.equal(taskSignal().aborted, false)
})
