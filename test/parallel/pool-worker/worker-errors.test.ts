/** What is said of a worker that ended, by what is known of its end. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { delayed, Parallel } from '../../../src/parallel/index.ts'
import {
  failedStart,
  lostInitializer,
  type WorkerEnd,
} from '../../../src/parallel/pool-worker/worker-errors.ts'

const MiB = 2 ** 20
const intro = (end: WorkerEnd): string => lostInitializer('load', end, 'process 7').message
const outOfHeap = Object.assign(new Error('Worker terminated due to reaching memory limit'), {
  code: 'ERR_WORKER_OUT_OF_MEMORY',
})
const giveMore =
  " Keep large data in arrays, which don't count, or give workers more by the option execArgv: ['--max-old-space-size=…']."

test('a full heap is told with its limit, of a thread and of a process', () => {
  const text = (facts: string): string =>
    `The worker (process 7) ran out of JavaScript memory${facts} while it ran the initializer (\`load\`). No task runs without it.${giveMore}`
  assert.equal(intro({ code: 1, error: outOfHeap, memory: {} }), text(''))
  assert.equal(
    intro({ code: 1, error: outOfHeap, memory: { heapLimit: 100 * MiB } }),
    text(' (its heap may grow to 100 MiB, young objects included)'),
  )
  const stderrTail =
    'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'
  assert.equal(
    intro({
      signal: 'SIGABRT',
      stderrTail,
      memory: { heapLimit: 100 * MiB, lastSeen: 90 * MiB, isOomKill: false },
    }),
    text(
      ' (its heap may grow to 100 MiB, young objects included; its private memory was 90 MiB when last measured)',
    ),
  )
})

test('a kill by the kernel for want of memory is told apart from another SIGKILL', () => {
  const memory = { heapLimit: 4096 * MiB, lastSeen: 700 * MiB }
  assert.equal(
    intro({ signal: 'SIGKILL', memory: { ...memory, isOomKill: true } }),
    'The worker (process 7) was killed by the kernel because memory ran out (its private memory was 700 MiB when last measured) while it ran the initializer (`load`). No task runs without it. Use fewer workers or smaller tasks, or hold them to a limit by `maxMemoryPerWorker`.',
  )
  assert.equal(
    intro({ signal: 'SIGKILL', memory: { ...memory, isOomKill: false } }),
    'The worker (process 7) was killed by SIGKILL (its private memory was 700 MiB when last measured) while it ran the initializer (`load`). No task runs without it. Perhaps the system ran out of memory.',
  )
})

test('figures of memory and last words are in the details where they matter', () => {
  const memory = { heapLimit: 5, lastSeen: 4, isOomKill: false }
  const { details } = failedStart({ signal: 'SIGKILL', memory, stderrTail: 'oh' }, 'process 7')
  assert.deepEqual(details, {
    worker: 'process 7',
    exitCode: undefined,
    signal: 'SIGKILL',
    memory,
    stderrTail: 'oh',
  })
  assert.deepEqual(failedStart({ code: 3, memory }, 'thread 2').details, {
    worker: 'thread 2',
    exitCode: 3,
    signal: undefined,
  })
})

test('a limit of the system is named as the reason that no worker starts', () => {
  const told = (error: Error): string =>
    failedStart({ error, isUnstarted: true, memory: {} }, 'not started').message
  assert.equal(
    told(Object.assign(new Error('spawn node EAGAIN'), { code: 'EAGAIN' })),
    'A worker could not be started, since the system allows no more processes and threads (spawn node EAGAIN). End some, or allow more of them (`ulimit -u`, or `pids.max` of a container). Or use fewer workers.',
  )
  const init = Object.assign(new Error('Worker initialization failure: EMFILE'), {
    code: 'ERR_WORKER_INIT_FAILED',
  })
  assert.match(
    failedStart({ code: 0, error: init, memory: {} }, 'thread 2').message,
    /^A worker could not be started, since this process has too many files open \(Worker init/,
  )
  assert.match(
    failedStart({ code: 1, stderrTail: 'Error: EMFILE, open x', memory: {} }, 'process 7').message,
    /^A worker could not be started, since this process has too many files open \(The worker \(process 7\) exited with code 1\)\. Close some/,
  )
  const missing = Object.assign(new Error('spawn node ENOENT'), { code: 'ENOENT' })
  assert.equal(
    told(missing),
    'A worker could not be started: spawn node ENOENT. Look at the options `execArgv` and `env`, by default those of this process, that it was started with.',
  )
})

test('threads say that the current folder is gone, and processes do without', async (t) => {
  const before = process.cwd()
  const folder = mkdtempSync(join(tmpdir(), 'onecopy-'))
  process.chdir(folder)
  t.after(() => process.chdir(before))
  rmdirSync(folder)
  const double = (x: number): number => 2 * x
  const threads = new Parallel({ workers: 1 })
  await assert.rejects(threads.run([delayed(double)(4)]), {
    code: 'ERR_WORKER_START',
    message:
      "A worker could not be started, since the current folder of this process was removed, and a thread needs one. Change to another one by process.chdir(), or use the backend 'processes'.",
  })
  await threads.close()
  const processes = new Parallel({ workers: 1, backend: 'processes' })
  assert.deepEqual(await processes.run([delayed(double)(4)]), [8])
  await processes.close()
})
