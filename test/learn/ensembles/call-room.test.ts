/** Calls of ensembles that wait for room. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shared, type NDArray } from '../../../src/arrays/index.ts'
import { CallRoom, roomFor } from '../../../src/learn/ensembles/calls/call-room.ts'
import { call, makeCalls } from '../../../src/learn/ensembles/calls/layer-work.ts'
import { kernelThreads } from '../../../src/native/index.ts'
import { Parallel } from '../../../src/parallel/index.ts'
import { countRunning } from './programs/count-running.ts'

/** Makes calls, of which the i-th fails when `failing` is i. */
function run(
  running: NDArray<'int32'>,
  given: { parallel: Parallel; room: CallRoom; failing?: number; signal?: AbortSignal },
): Promise<number[]> {
  const { parallel, room, failing, signal } = given
  const calls = Array.from({ length: 8 }, (_, i) => call(countRunning, running, i === failing))
  return makeCalls(calls, { parallel, room, signal, step: () => {} })
}

test('calls of several members that share a room never run more at once than it has places', async (t) => {
  const parallel = new Parallel({ workers: 4, minWorkers: 4 })
  t.after(() => parallel.close())
  const running = shared([2], 'int32')
  const room = new CallRoom(2)
  const given = { parallel, room }
  const results = await Promise.all([run(running, given), run(running, given)])
  assert.deepEqual(results, [Array(8).fill(1), Array(8).fill(1)])
  assert.deepEqual(running.toArray(), [0, 2])
})

test(
  'a member that fails, or is aborted, gives its places back',
  { timeout: 60_000 },
  async (t) => {
    const parallel = new Parallel({ workers: 4, minWorkers: 4 })
    t.after(() => parallel.close())
    const running = shared([2], 'int32')
    const room = new CallRoom(2)
    for (const failing of [0, 1, 3, 7]) {
      const [failed, whole] = await Promise.allSettled([
        run(running, { parallel, room, failing }),
        run(running, { parallel, room }),
      ])
      assert.equal(failed.status, 'rejected')
      assert.equal(whole.status, 'fulfilled')
    }
    // On a busy machine some may end before their signal.
    const aborting = [0, 5, 15, 40].map((ms) =>
      run(running, { parallel, room, signal: AbortSignal.timeout(ms) }),
    )
    await Promise.allSettled(aborting)
    assert.equal((await run(running, { parallel, room })).length, 8)
  },
)

test('only fits of many rows on more workers than cores wait for each other', (t) => {
  const many = new Parallel({ workers: kernelThreads() + 1 })
  t.after(() => many.close())
  const few = new Parallel({ workers: kernelThreads() })
  t.after(() => few.close())
  assert.equal(roomFor(undefined, 1e9), undefined)
  assert.equal(roomFor(few, 1e9), undefined)
  assert.equal(roomFor(many, 99_999), undefined)
  assert.equal(roomFor(many, 100_000)!.calls, kernelThreads())
})
