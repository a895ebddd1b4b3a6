/** What comes for a task settles it once, whatever is wrong with it. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { native } from '../../../src/native/index.ts'
import type {
  Backend,
  BackendWorker,
  WorkerEvents,
} from '../../../src/parallel/protocol/backend.ts'
import { Claims, claimsBytes } from '../../../src/parallel/protocol/claims.ts'
import { Collector } from '../../../src/parallel/run/collector.ts'
import { FunctionCache } from '../../../src/parallel/functions/bundles/function-cache.ts'
import { delayed, Parallel } from '../../../src/parallel/index.ts'
import type { ToWorker } from '../../../src/parallel/internal.ts'
import { withPlaceholders, plain } from '../../../src/parallel/protocol/messages.ts'
import { SharedCopies } from '../../../src/parallel/payload/shared-copies.ts'
import { placeholderKey } from '../../../src/parallel/payload/placeholders.ts'
import { LazyResult } from '../../../src/parallel/payload/lazy-result.ts'
import { Run } from '../../../src/parallel/run/run.ts'
import { completeRunDefaults } from '../../../src/parallel/run/run-options.ts'
import { threads } from '../../../src/parallel/backends/threads.ts'
import { square } from '../../fixtures/tasks/plain.ts'

class SpoiltResult extends LazyResult {
  override take(): never {
    throw new RangeError('no room for another map')
  }
}

test('a result that can not be opened is one failure, and ends no run before its last task', async () => {
  const rules = { shareFromBytes: null, sameProcess: true }
  const copies = new SharedCopies()
  const functions = new FunctionCache(rules, copies, 'auto', () => {})
  const packing = { rules, copies, functions, isLocal: false }
  const owner = { ...packing, places: 1, dispatchMs: 0, onRoom() {}, onClose() {} }
  const settings = { ...completeRunDefaults({}), collects: true }
  const collector = new Collector()
  const run = new Run([delayed(square)(1), delayed(square)(2)], collector, owner, settings)
  const [first, second] = [run.take()!, run.take()!]
  let reason: unknown
  try {
    run.succeed(first, new SpoiltResult(1))
  } catch (error) {
    reason = error
    run.fail(first, error)
  }
  assert.ok(reason instanceof RangeError)
  assert.equal(run.isClosed, false)
  run.succeed(second, 4)
  assert.deepEqual(await collector.promise, [
    { status: 'rejected', index: 0, reason },
    { status: 'fulfilled', index: 1, value: 4 },
  ])
  assert.equal(run.done, 2)
})

/** A worker whose memory is gone when its first results arrive, as after a sudden death. */
class DyingWorker implements BackendWorker {
  readonly label = 'dying worker'
  readonly claims = new Claims(new Int32Array(claimsBytes() / 4))
  readonly #events: WorkerEvents

  constructor(events: WorkerEvents) {
    this.#events = events
    queueMicrotask(() => events.onMessage(['ready', 0, undefined]))
  }

  post(message: ToWorker): void {
    if (message[0] !== 'run') return
    const [, first] = message
    this.claims.claim(first)
    this.claims.finish(first)
    const memory = native.createScratch(64, true)
    const mapping = {
      kind: 'scratch',
      process: native.processToken,
      id: 2 ** 40, // no mapping has it
      mode: 'r+',
      identity: memory.identity,
      path: `/proc/${process.pid}/fd/${memory.fd}`,
    } as const
    const layout = { dtype: 'float64', shape: [8], strides: [1], offset: 0 } as const
    const reference = { ...layout, mode: 'r+', own: false, given: true, mapping } as const
    queueMicrotask(() =>
      this.#events.onMessage([
        'results',
        first,
        [withPlaceholders, { [placeholderKey]: 'array', reference }, 1],
        true,
        0,
      ]),
    )
    // What it sent behind that is another task's.
    queueMicrotask(() =>
      this.#events.onMessage(['results', first + 1, [plain, 'wrong', 1], false, 0]),
    )
  }

  kill(): void {
    queueMicrotask(() => this.#events.onExit({ signal: 'SIGKILL' }))
  }
}

/** The first so many workers die, the others are threads. */
function dyingBackend(deaths: number): Backend {
  let left = deaths
  return {
    ...threads,
    start: (setup, events, launch) =>
      left-- > 0 ? new DyingWorker(events) : threads.start(setup, events, launch),
  }
}

test('a result whose memory went with its worker is lost with it', async () => {
  const parallel = new Parallel({ workers: 1, backend: dyingBackend(1) })
  await assert.rejects(parallel.run([delayed(square)(2)]), {
    code: 'ERR_WORKER_LOST',
    message:
      'The worker (dying worker) was killed by SIGKILL after it ran task 0 (`square`), and before it sent the result. It was not run again. Perhaps the system ran out of memory.',
  })
  assert.deepEqual(await parallel.run([delayed(square)(3)]), [9])
  await parallel.close()
})

test('such a task can be run again', async () => {
  const parallel = new Parallel({ workers: 1, backend: dyingBackend(1) })
  assert.deepEqual(await parallel.run([delayed(square)(2)], { retries: 1 }), [4])
  await parallel.close()
})
