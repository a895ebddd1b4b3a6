/** Whatever a task does: the right error, nothing hangs, the next run works. */

import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { type OneCopyError, isOneCopyError } from '../../src/errors.ts'
import { delayed, type Parallel, type Task } from '../../src/parallel/index.ts'
import { throwQuota } from '../fixtures/tasks/failing.ts'
import {
  abort,
  breakAtomics,
  closeChannel,
  emitError,
  exit,
  exitLater,
  freeze,
  killMyself,
  overflow,
  rejectNothingUnhandled,
  rejectUnhandled,
  removeListeners,
  sendJunk,
  setExitCode,
  spinMicrotasks,
  thenThrows,
  thenTwice,
  throwFrozen,
  throwFunction,
  throwLater,
  throwNothingLater,
  throwSoon,
  throwTrap,
  throwWhenIdle,
  writeToChannel,
} from '../fixtures/tasks/misbehaving.ts'
import { after, square } from '../fixtures/tasks/plain.ts'
import { place } from '../fixtures/tasks/workers.ts'
import { type BackendName, everyBackend, onBackends, workerBackends } from './backends.ts'

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

/** What the third of five tasks rejects with; a run beside it, and the next run, must be right. */
async function misbehave(parallel: Parallel, task: Task<unknown>): Promise<unknown> {
  const beside = parallel.run(range(30).map((x) => delayed(after)(1, x)))
  const tasks = [1, 2, 3, 4].map((x) => delayed(square)(x)) as Task<unknown>[]
  tasks.splice(2, 0, task)
  const outcome = await parallel.run(tasks).then(
    () => assert.fail('the task did not fail'),
    (error: unknown) => ({ error }),
  )
  assert.deepEqual(await beside, range(30), 'another run on the pool')
  assert.deepEqual(await parallel.run([3, 4].map((x) => delayed(square)(x))), [9, 16])
  return outcome.error
}

function asLoss(error: unknown): OneCopyError {
  assert.ok(isOneCopyError(error), String(error))
  assert.equal(error.code, 'ERR_WORKER_LOST')
  assert.equal(error.name, 'OneCopyError')
  return error
}

/** What a task does to its worker, and what is said of it: the text between worker and task, exit code, signal. */
interface Ending {
  readonly task: Task<unknown>
  readonly says: string
  readonly exitCode?: number
  readonly signal?: string
  readonly advice?: string
  /** The cause: a value, the code of an error, or the message of a RangeError. */
  readonly cause?: { value: unknown } | { code: string } | { message: string }
  readonly on?: readonly BackendName[]
}

const dontExit = ' A task should return or throw, not call process.exit().'
const catchIt = ' Catch errors of timers, events and promises inside the task.'
const leaveChannels =
  ' A task must not use the channels of its worker or change built-in functions.'
const nobody = (text: string): string => `ended by an uncaught error (${text})`

const endings: readonly Ending[] = [
  { task: delayed(exit)(3), says: 'exited with code 3', exitCode: 3, advice: dontExit },
  { task: delayed(exit)(0), says: 'exited with code 0', exitCode: 0, advice: dontExit },
  { task: delayed(exitLater)(4), says: 'exited with code 4', exitCode: 4, advice: dontExit },
  {
    task: delayed(throwLater)('too late'),
    says: nobody('too late'),
    exitCode: 1,
    advice: catchIt,
    cause: { message: 'too late' },
  },
  {
    task: delayed(throwNothingLater)(),
    says: nobody('undefined'),
    exitCode: 1,
    advice: catchIt,
    cause: { value: undefined },
  },
  {
    task: delayed(rejectUnhandled)('left alone'),
    says: nobody('left alone'),
    exitCode: 1,
    advice: catchIt,
    cause: { message: 'left alone' },
  },
  {
    task: delayed(rejectNothingUnhandled)(),
    says: nobody('a promise rejected with undefined'),
    exitCode: 1,
    advice: catchIt,
    cause: { code: 'ERR_UNHANDLED_REJECTION' },
  },
  {
    task: delayed(emitError)('an event'),
    says: nobody('an event'),
    exitCode: 1,
    advice: catchIt,
    cause: { message: 'an event' },
  },
  ...(['SIGSEGV', 'SIGTERM', 'SIGBUS', 'SIGABRT'] as const).map((signal) => ({
    task: delayed(killMyself)(signal),
    says: `was killed by ${signal}`,
    signal,
    on: ['processes'] as const,
  })),
  {
    task: delayed(killMyself)('SIGKILL'),
    says: 'was killed by SIGKILL',
    signal: 'SIGKILL',
    advice: ' Perhaps the system ran out of memory.',
    on: ['processes'],
  },
  { task: delayed(abort)(), says: 'was killed by SIGABRT', signal: 'SIGABRT', on: ['processes'] },
  {
    task: delayed(closeChannel)(),
    says: 'was ended because it sent an invalid message (it closed its channel)',
    signal: 'SIGKILL',
    advice: leaveChannels,
    cause: { message: 'it closed its channel' },
    on: ['processes'],
  },
  {
    task: delayed(writeToChannel)(),
    says: 'was ended because it sent an invalid message (bytes that are no message)',
    signal: 'SIGKILL',
    advice: leaveChannels,
    cause: { message: 'bytes that are no message' },
    on: ['processes'],
  },
]

for (const ending of endings) {
  const { name } = ending.task.callee
  onBackends(
    ending.on ?? workerBackends,
    `A29: ${name} (${ending.says}) is a loss that names task, worker and reason`,
    async (make) => {
      const error = asLoss(await misbehave(make(), ending.task))
      const { worker } = error.details['task'] as { worker: string }
      assert.match(worker, /^(thread|process) \d+$/)
      assert.equal(
        error.message.replace(/ \(its private memory was \d+ MiB when last measured\)/, ''),
        `The worker (${worker}) ${ending.says} while it ran task 2 (\`${name}\`). It was not run again.${ending.advice ?? ''}`,
      )
      const { task, exitCode, signal } = error.details
      assert.deepEqual(
        { task, exitCode, signal },
        {
          task: { index: 2, name, worker },
          exitCode: ending.exitCode,
          signal: ending.signal,
        },
      )
      if (ending.cause === undefined || 'value' in ending.cause) {
        assert.equal(error.cause, ending.cause?.value)
      } else if ('code' in ending.cause) {
        assert.equal((error.cause as NodeJS.ErrnoException).code, ending.cause.code)
      } else {
        assert.ok(error.cause instanceof Error)
        assert.equal(error.cause.message, ending.cause.message)
      }
    },
  )
}

onBackends(everyBackend, 'what a task throws is told, and its worker goes on', async (make) => {
  const parallel = make({ workers: 1 })
  const [before] = await parallel.run([delayed(place)()])
  const quota = await misbehave(parallel, delayed(throwQuota)(5))
  assert.ok(quota instanceof TypeError && (quota as { code?: string }).code === 'E_QUOTA')
  const deep = await misbehave(parallel, delayed(overflow)())
  assert.ok(deep instanceof RangeError && deep.message === 'Maximum call stack size exceeded')
  const frozen = await misbehave(parallel, delayed(throwFrozen)())
  assert.ok(frozen instanceof RangeError && frozen.message === 'frozen')
  const then = await misbehave(parallel, delayed(thenThrows)())
  assert.ok(then instanceof RangeError && then.message === 'then threw')
  for (const fn of [throwTrap, throwFunction]) {
    const error = await misbehave(parallel, delayed(fn)())
    assert.ok(error instanceof TypeError)
    assert.equal(error.message, "A task threw what can't be sent back")
    assert.ok(error.cause instanceof Error)
  }
  assert.deepEqual(await parallel.run([delayed(place)()]), [before])
})

onBackends(everyBackend, 'a thenable counts as its first word says', async (make) => {
  const parallel = make()
  assert.deepEqual(await parallel.run([delayed(thenTwice)(), delayed(square)(2)]), [1, 4])
})

onBackends(
  workerBackends,
  'X8: what a task sends by itself, and what it does to Atomics, reaches no other task',
  async (make) => {
    const parallel = make()
    for (const fn of [sendJunk, breakAtomics]) {
      const results = await parallel.run(range(40).map((x) => delayed(fn as typeof square)(x)))
      assert.deepEqual(results, range(40))
      assert.deepEqual(await parallel.run(range(40).map((x) => delayed(after)(1, x))), range(40))
    }
  },
)

onBackends(
  workerBackends,
  'a worker without its listeners, or with an exit code set, loses nothing',
  async (make) => {
    const parallel = make()
    for (const fn of [removeListeners, setExitCode]) {
      assert.deepEqual(await parallel.run(range(4).map((x) => delayed(fn)(x))), range(4))
      assert.deepEqual(await parallel.run(range(40).map((x) => delayed(after)(1, x))), range(40))
    }
  },
)

onBackends(workerBackends, 'what ends an idle worker is told as a warning', async (make) => {
  const warnings: (Error & { code?: string })[] = []
  const listen = (warning: Error): void => void warnings.push(warning)
  process.on('warning', listen)
  const parallel = make({ workers: 1 })
  assert.deepEqual(await parallel.run([delayed(throwWhenIdle)(5, 'nobody heard')]), [5])
  for (let i = 0; i < 2000 && warnings.length === 0; i++) await sleep(10)
  process.off('warning', listen)
  assert.deepEqual(await parallel.run([delayed(square)(5)]), [25])
  assert.equal(warnings[0]?.code, 'ONECOPY_WORKER_ENDED')
  assert.match(
    warnings[0].message,
    /^The worker \((thread|process) \d+\) ended by an uncaught error \(nobody heard\) between tasks, after task 0 \(`throwWhenIdle`\)\. No task failed; other workers run what it had not started\. Catch errors of timers, events and promises inside the task\.$/,
  )
})

onBackends(
  workerBackends,
  'P5: what a task leaves behind to fail is a warning or the failure of another task, never silence',
  async (make) => {
    const warnings: (Error & { code?: string })[] = []
    const listen = (warning: Error): void => void warnings.push(warning)
    process.on('warning', listen)
    for (const retries of [0, 3]) {
      for (let round = 0; round < 2; round++) {
        const parallel = make({ workers: 1, retries })
        assert.deepEqual(await parallel.run([delayed(throwSoon)(round, 'left behind')]), [round])
        const outcome = await parallel
          .run(range(40).map((x) => delayed(after)(1, x)))
          .catch((error: unknown) => asLoss(error))
        const isKnown = (): boolean =>
          /left behind/.test(isOneCopyError(outcome) ? outcome.message : '') ||
          warnings.some(({ code, message }) => {
            return code === 'ONECOPY_WORKER_ENDED' && message.includes('left behind')
          })
        for (let i = 0; i < 500 && !isKnown(); i++) await sleep(10)
        assert.ok(isKnown(), `round ${round} with ${retries} retries`)
        await parallel.close()
        warnings.length = 0
      }
    }
    process.off('warning', listen)
  },
)

onBackends(
  workerBackends,
  'close ends a worker that turns in microtasks, or that is stopped',
  async (make, backend) => {
    for (const fn of backend === 'processes' ? [spinMicrotasks, freeze] : [spinMicrotasks]) {
      const parallel = make()
      const failed = assert.rejects(parallel.run([delayed(fn)()]), { code: 'ERR_CLOSED' })
      await sleep(200)
      await parallel.close()
      await failed
    }
  },
)
