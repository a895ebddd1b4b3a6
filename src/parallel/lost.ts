/** The errors of tasks whose worker is gone. */

import { OneCopyError } from '../errors.ts'
import type { WorkerExit } from './backend.ts'
import type { Job } from './run.ts'

/** What an error says about the task that it comes from. */
export interface TaskNote {
  /** Position of the task in its run, from 0. */
  readonly index: number
  /** Name of the function. */
  readonly name: string
  /** Where it ran: `thread 2`, `process 4711`. */
  readonly worker: string
}

/**
 * Notes on an error which task threw it: as its field `task` and as a line at the end of its stack. The
 * message stays the task's own. What is no error is left as it is.
 */
export function noteTask(error: unknown, { index, task }: Job, worker: string): void {
  if (!(error instanceof Error)) return
  const note: TaskNote = { index, name: task.callee.name, worker }
  if (!Object.hasOwn(error, 'task')) {
    Object.defineProperty(error, 'task', {
      value: note,
      enumerable: true,
      writable: true,
      configurable: true,
    })
  }
  const stack = `${error.stack}\n    in task ${index} (${note.name}) on ${worker}`
  Object.defineProperty(error, 'stack', { value: stack, writable: true, configurable: true })
}

/**
 * The error of a task whose worker ended.
 *
 * @param finished - the task had finished, but its result was lost with the worker
 */
export function lostWorker(
  job: Job,
  exit: WorkerExit,
  worker: string,
  finished: boolean,
): OneCopyError {
  const { code, signal, error } = exit
  const task: TaskNote = { index: job.index, name: job.task.callee.name, worker }
  const when = finished
    ? `after it ran task ${job.index} (\`${task.name}\`), and before it sent the result`
    : `while it ran task ${job.index} (\`${task.name}\`)`
  const lost = new OneCopyError(
    'ERR_WORKER_LOST',
    `${describeExit(exit, worker)} ${when}. ${advise(exit)}`,
    {
      details: { task, exitCode: code, signal },
      ...(error === undefined ? {} : { cause: error }),
    },
  )
  noteTask(lost, job, worker)
  return lost
}

/** The error of runs whose pool can't start workers. */
export function failedStart(exit: WorkerExit, worker: string): OneCopyError {
  const { code, signal, error } = exit
  return new OneCopyError(
    'ERR_WORKER_START',
    `${describeExit(exit, worker)} before it could run a task. Look for what it printed, and at the options \`execArgv\` and \`env\` that it inherits from this process.`,
    {
      details: { worker, exitCode: code, signal },
      ...(error === undefined ? {} : { cause: error }),
    },
  )
}

function describeExit({ code, signal, error }: WorkerExit, worker: string): string {
  const name = `The worker (${worker})`
  if (isOutOfMemory(error)) return `${name} ran out of JavaScript memory`
  if (signal) return `${name} was killed by ${signal}`
  if (error instanceof Error)
    return `${name} ended by an error that nobody caught (${error.message})`
  if (error !== undefined) return `${name} ended by something thrown that nobody caught`
  return `${name} exited with code ${code}`
}

function advise({ code, signal, error }: WorkerExit): string {
  const last = 'It was not run again.'
  if (isOutOfMemory(error)) {
    return `${last} Keep large data in arrays, which don't count, or give workers more by \`node --max-old-space-size=…\`.`
  }
  if (signal === 'SIGKILL') return `${last} Perhaps the system ran out of memory.`
  if (signal === 'SIGABRT')
    return `${last} Perhaps it ran out of JavaScript memory: see what it printed.`
  if (signal) return last
  if (error !== undefined)
    return `${last} Catch errors of timers, events and promises inside the task.`
  return code === undefined
    ? last
    : `${last} A task should return or throw, not call process.exit().`
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
}
