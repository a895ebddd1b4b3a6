/** What happens when a task ends or harms its worker. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type OneCopyError, isOneCopyError } from '../../src/errors.ts'
import { delayed, type Parallel, type Task } from '../../src/parallel/index.ts'
import {
  exit,
  exitSoon,
  killMyself,
  never,
  rejectUnhandled,
  spin,
  throwLater,
} from '../fixtures/tasks/misbehaving.ts'
import { pid, same, square } from '../fixtures/tasks/plain.ts'
import { onBackends, workerBackends } from './backends.ts'

/** The error of the third task of a run; the pool must work afterwards. */
async function lose(parallel: Parallel, task: Task<unknown>): Promise<OneCopyError> {
  const before = [delayed(square)(1), delayed(square)(2)]
  const error: unknown = await parallel.run([...before, task]).catch((thrown: unknown) => thrown)
  assert.ok(isOneCopyError(error), String(error))
  assert.equal(error.code, 'ERR_WORKER_LOST')
  assert.deepEqual(await parallel.run([3, 4].map((x) => delayed(square)(x))), [9, 16])
  return error
}

onBackends(
  workerBackends,
  'A29: a task that exits is named, with worker and exit code',
  async (make, backend) => {
    const error = await lose(make(), delayed(exit)(7))
    const worker = (error.details['task'] as { worker: string }).worker
    assert.match(worker, backend === 'threads' ? /^thread \d+$/ : /^process \d+$/)
    assert.equal(
      error.message,
      `The worker (${worker}) exited with code 7 while it ran task 2 (\`exit\`). It was not run again. A task should return or throw, not call process.exit().`,
    )
    assert.deepEqual(error.details, {
      task: { index: 2, name: 'exit', worker },
      exitCode: 7,
      signal: undefined,
    })
  },
)

onBackends(workerBackends, 'an exit with code 0 is a loss too', async (make) => {
  const error = await lose(make(), delayed(exit)(0))
  assert.equal(error.details['exitCode'], 0)
})

onBackends(
  ['processes'],
  'A29: a task whose process is killed is named, with the signal',
  async (make) => {
    const parallel = make()
    const killed = await lose(parallel, delayed(killMyself)('SIGKILL'))
    assert.match(
      killed.message,
      /^The worker \(process \d+\) was killed by SIGKILL( \(its private memory was \d+ MiB when last measured\))? while it ran task 2 \(`killMyself`\)\. It was not run again\. Perhaps the system ran out of memory\.$/,
    )
    const crashed = await lose(parallel, delayed(killMyself)('SIGSEGV'))
    assert.equal(crashed.details['signal'], 'SIGSEGV')
  },
)

onBackends(workerBackends, 'an uncaught error is the cause of the loss', async (make) => {
  const parallel = make()
  for (const fn of [throwLater, rejectUnhandled]) {
    const error = await lose(parallel, delayed(fn)('too late'))
    assert.ok(error.cause instanceof RangeError)
    assert.equal(error.cause.message, 'too late')
    assert.match(error.message, /ended by an uncaught error \(too late\) while it ran task 2/)
  }
})

onBackends(
  workerBackends,
  'tasks that had not started run on another worker, those of other runs too',
  async (make) => {
    const parallel = make({ workers: 1 })
    await parallel.run(Array.from({ length: 50 }, (_, i) => delayed(same)(i)))
    const other = parallel.run(Array.from({ length: 500 }, (_, i) => delayed(same)(i)))
    const lost = assert.rejects(parallel.run([delayed(exit)(1)]), { code: 'ERR_WORKER_LOST' })
    const after = parallel.run(Array.from({ length: 500 }, (_, i) => delayed(same)(i)))
    const all = Array.from({ length: 500 }, (_, i) => i)
    assert.deepEqual(await other, all)
    await lost
    assert.deepEqual(await after, all)
  },
)

onBackends(
  workerBackends,
  'results that were ready are not lost with their worker',
  async (make) => {
    const parallel = make({ workers: 1 })
    const stream = parallel.stream([1, 2, 3].map((x) => delayed(exitSoon)(x)))
    for (const x of [1, 2, 3]) assert.equal((await stream.next()).value, x)
    await new Promise((resolve) => setTimeout(resolve, 100))
    // On a busy machine the last worker may end only now, with this task just begun.
    assert.deepEqual(await parallel.run([delayed(square)(5)], { retries: 3 }), [25])
  },
)

onBackends(
  workerBackends,
  'close ends a task that never ends, even one that spins',
  async (make) => {
    for (const fn of [never, spin]) {
      const parallel = make()
      const running = parallel.run([delayed(fn)()])
      const failed = assert.rejects(running, { code: 'ERR_CLOSED' })
      await new Promise((resolve) => setTimeout(resolve, 200))
      await parallel.close()
      await failed
    }
  },
)

onBackends(
  ['processes'],
  'a worker that is killed while it has nothing to do is replaced',
  async (make) => {
    const parallel = make({ workers: 1 })
    const [worker] = await parallel.run([delayed(pid)()])
    process.kill(worker, 'SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, 200))
    assert.notEqual((await parallel.run([delayed(pid)()]))[0], worker)
  },
)

/** Runs a program of `programs/` without its stderr, and gives what it prints. */
function runProgram(name: string, execArgv: string[], args: string[]): string {
  const path = fileURLToPath(new URL(`./programs/${name}`, import.meta.url))
  return execFileSync(process.execPath, [...execArgv, path, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
}

test('a worker that runs out of heap is named, and the pool goes on', { timeout: 60_000 }, () => {
  const [threads, processes] = ['threads', 'processes'].map((backend) =>
    runProgram('fill-heap.ts', ['--max-old-space-size=100'], [backend]),
  )
  for (const [output, label] of [
    [threads!, 'thread'],
    [processes!, 'process'],
  ] as const) {
    assert.match(
      output,
      new RegExp(
        `^ERR_WORKER_LOST The worker \\(${label} \\d+\\) ran out of JavaScript memory \\(its heap may grow to \\d\\d\\d MiB, young objects included(; its private memory was \\d+ MiB when last measured)?\\) while it ran task 0 \\(\`fillHeap\`\\)\\. It was not run again\\. Keep large data in arrays, which don't count, or give workers more by the option execArgv: \\['--max-old-space-size=…'\\]\\.$`,
        'm',
      ),
    )
  }
  for (const output of [threads, processes]) assert.match(output!, /then 81\n$/)
})

for (const backend of workerBackends) {
  test(
    `a worker of ${backend} that is lost with tasks behind its own lets no other run down`,
    { timeout: 60_000 },
    () => {
      // Nothing but the pool keeps the program alive while it waits for the slow run.
      assert.equal(runProgram('lose-one.ts', [], [backend]), 'lost\nslow\n')
    },
  )
}

test(
  'workers that can not start fail the run, and do not try for ever',
  { timeout: 60_000 },
  () => {
    assert.match(
      runProgram('broken-start.ts', [], []),
      /^ERR_WORKER_START The worker \(process \d+\) exited with code 1 before it could run a task\. Look for what it printed/,
    )
  },
)
