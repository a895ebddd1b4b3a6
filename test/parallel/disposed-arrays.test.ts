/** Shared arrays that are disposed of while tasks use them: right, or refused. */

import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { exclusive, type NDArray, shared } from '../../src/arrays/index.ts'
import { collectGarbage } from '../../src/collect-garbage.ts'
import { delayed } from '../../src/parallel/index.ts'
import {
  disposeKept,
  disposeThenGive,
  giveThenDispose,
  keep,
  sumAfterGate,
  sumKept,
  untilStarted,
} from '../fixtures/tasks/disposed-arrays.ts'
import { everyBackend, onBackends, workerBackends } from './backends.ts'

const length = 100_000

function ones(): NDArray<'float64'> {
  const X = shared([length])
  X.data.fill(1)
  return X
}

const bytesOf = ({ mapping }: NDArray): number => statSync(`/proc/self/fd/${mapping!.fd}`).blocks

onBackends(
  everyBackend,
  'an argument that is disposed of stays until its task has ended',
  async (make) => {
    const parallel = make.shared(1)
    const [X, gate] = [ones(), shared([2], 'int32')]
    const running = parallel.run([delayed(sumAfterGate)(X.rows(1), gate)])
    await untilStarted(gate)
    X[Symbol.dispose]()
    gate.set(1, 1)
    assert.deepEqual(await running, [length - 1])
    assert.equal(bytesOf(X), 0, 'freed with the task')
    assert.throws(() => X.get(0), { code: 'ERR_DETACHED' })
  },
)

onBackends(
  everyBackend,
  'a task whose turn comes after its argument was disposed of is refused by name',
  async (make) => {
    const parallel = make({ workers: 1, preDispatch: 1 })
    const [X, gate] = [ones(), shared([2], 'int32')]
    const tasks = Array.from({ length: 3 }, () => delayed(sumAfterGate)(X, gate))
    const running = parallel.run(tasks, { onError: 'collect' })
    await untilStarted(gate)
    X[Symbol.dispose]()
    gate.set(1, 1)
    const [first, ...others] = await running
    assert.deepEqual(first, { status: 'fulfilled', index: 0, value: length })
    for (const other of others) {
      assert.ok(other.status === 'rejected')
      assert.match(
        String(other.reason),
        /^OneCopyError: Expected the arguments of task \d \(`sumAfterGate`\) to be data that can be sent, got an object of class NDArray at `\[0\]`: its memory was freed by \[Symbol\.dispose\]\(\)\./,
      )
    }
  },
)

onBackends(
  everyBackend,
  'an array that a function has captured stays until its run is over',
  async (make) => {
    const parallel = make.shared(1)
    const [X, gate] = [ones(), shared([2], 'int32')]
    const sum = async (stop: number): Promise<number> => sumAfterGate(X.rows(0, stop), gate)
    const running = parallel.run([delayed(sum)(length), delayed(sum)(7)])
    await untilStarted(gate)
    X[Symbol.dispose]()
    gate.set(1, 1)
    assert.deepEqual(await running, [length, 7])
    assert.equal(bytesOf(X), 0, 'freed with the run')
    await assert.rejects(parallel.run([delayed(sum)(1)]), {
      code: 'ERR_FUNCTION',
      message: /captures `X` at .*: its memory was freed by \[Symbol\.dispose\]\(\)/,
    })
  },
)

onBackends(
  workerBackends,
  'an argument of a task that ran too long stays until the task has ended',
  async (make) => {
    const parallel = make({ workers: 1, concurrency: 2 })
    const [X, late, other] = [ones(), shared([2], 'int32'), shared([2], 'int32')]
    const running = parallel.run([delayed(sumAfterGate)(shared([1]), other)])
    await untilStarted(other)
    const output = exclusive(X)
    await assert.rejects(
      parallel.run([delayed(sumAfterGate)(output, late)], { timeoutMs: 50, graceMs: 60_000 }),
      { code: 'ERR_TIMEOUT' },
    )
    await assert.rejects(parallel.run([delayed(sumAfterGate)(output, late)]), {
      code: 'ERR_OVERLAP',
    })
    X[Symbol.dispose]()
    assert.notEqual(bytesOf(X), 0)
    late.set(1, 1)
    while (bytesOf(X) > 0) await setImmediate()
    other.set(1, 1)
    assert.deepEqual(await running, [0])
  },
)

onBackends(
  workerBackends,
  'an argument of the initializer stays until the pool is closed',
  async (make) => {
    const X = ones()
    const parallel = make({ workers: 1, maxTasksPerWorker: 1, initializer: delayed(keep)(X) })
    for (let i = 0; i < 3; i++) {
      assert.deepEqual(await parallel.run([delayed(sumKept)()]), [length])
      X[Symbol.dispose]()
    }
    await parallel.close()
    assert.equal(bytesOf(X), 0, 'freed with the pool')
  },
)

onBackends(
  workerBackends,
  'an array that the initializer has captured stays until the pool is closed',
  async (make) => {
    const X = ones()
    const parallel = make({ workers: 1, maxTasksPerWorker: 1, initializer: () => keep(X) })
    for (let i = 0; i < 3; i++) {
      assert.deepEqual(await parallel.run([delayed(sumKept)()]), [length])
      X[Symbol.dispose]()
      collectGarbage('major')
      await setImmediate() // then what was collected is released
    }
    await parallel.close()
    assert.equal(bytesOf(X), 0, 'freed with the pool')
  },
)

onBackends(
  workerBackends,
  'a worker that disposes of its result after it was sent frees nothing',
  async (make) => {
    const parallel = make.shared(1)
    const [result] = await parallel.run([delayed(giveThenDispose)(length)])
    await parallel.run([delayed(disposeKept)()])
    assert.ok(result.data.every((x) => x === 1))
    result[Symbol.dispose]()
    assert.throws(() => result.get(0), { code: 'ERR_DETACHED' })
  },
)

onBackends(everyBackend, 'a result that its task has disposed of is refused', async (make) => {
  await assert.rejects(make.shared().run([delayed(disposeThenGive)(length)]), {
    code: 'ERR_UNSENDABLE',
    message:
      'Expected the result to be data that can be sent, got an object of class NDArray: ' +
      'its memory was freed by [Symbol.dispose](). Dispose of a shared array after its last use.',
  })
})
