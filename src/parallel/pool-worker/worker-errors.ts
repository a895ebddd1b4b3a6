/** The errors of tasks whose worker is gone. */

import { isOneCopyError, OneCopyError, show } from '../../errors.ts'
import { MissingFlags } from '../backends/permissions.ts'
import { limitBehind } from '../../system-limits.ts'
import type { WorkerExit } from '../protocol/backend.ts'
import type { Job } from '../run/job.ts'

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

/** What is known about the memory of a worker, in bytes. */
export interface MemoryNote {
  /** V8's limit of its heap: old and young objects together, so more than `--max-old-space-size`. */
  readonly heapLimit?: number | undefined
  /** Memory of its own that it held when somebody last looked. */
  readonly lastSeen?: number | undefined
  /** Whether the kernel killed for want of memory while it lived. */
  readonly isOomKill?: boolean
}

/** How a worker ended, and what is known about its last moments. */
export interface WorkerEnd extends WorkerExit {
  readonly memory: MemoryNote
  /** The task because of which it was killed. */
  readonly killedFor?: Job
  /** What was wrong with its last message, if it was killed for that. */
  readonly badMessage?: unknown
}

/**
 * The error of a task whose worker ended.
 *
 * @param finished - the task had finished, but its result was lost with the worker
 */
export function lostWorker(
  job: Job,
  end: WorkerEnd,
  worker: string,
  finished: boolean,
): OneCopyError {
  const task: TaskNote = { index: job.index, name: job.task.callee.name, worker }
  const when = finished
    ? `after it ran task ${job.index} (\`${task.name}\`), and before it sent the result`
    : `while it ran task ${job.index} (\`${task.name}\`)`
  const lost = new OneCopyError(
    'ERR_WORKER_LOST',
    `${describeEnd(end, worker, job)} ${when}. ${countRuns(job)}${advise(end)}`,
    { details: { task, ...detailsOf(end) }, ...causeOf(end) },
  )
  noteTask(lost, job, worker)
  return lost
}

/** The error of runs whose pool can't start workers. */
export function failedStart(end: WorkerEnd, worker: string): OneCopyError {
  return new OneCopyError('ERR_WORKER_START', describeFailedStart(end, worker), {
    details: { worker, ...detailsOf(end) },
    ...causeOf(end),
  })
}

function describeFailedStart(end: WorkerEnd, worker: string): string {
  const { error, isUnstarted, stderrTail } = end
  const options =
    'the options `execArgv` and `env`, by default those of this process, that it was started with'
  const limit = limitBehind(error ?? { message: stderrTail })
  if (limit !== undefined) {
    const [what, advice] = limit
    const reason = error === undefined ? describeEnd(end, worker) : messageOf(error)
    return `A worker could not be started, since ${what} (${reason}). ${advice} Or use fewer workers.`
  }
  if (isFolderGone(error))
    return `A worker could not be started, since the current folder of this process was removed, and a thread needs one. Change to another one by process.chdir(), or use the backend 'processes'.`
  if (isUnstarted !== true)
    return `${describeEnd(end, worker)} before it could run a task. Look for what it printed, and at ${options}.`
  const isClear = error instanceof MissingFlags || isOneCopyError(error)
  return `A worker could not be started: ${messageOf(error)}.${isClear ? '' : ` Look at ${options}.`}`
}

/** What a thread throws that asks for its current folder as it starts. */
function isFolderGone(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'uv_cwd'
}

/** Warns that no more workers can be started, while others run the tasks. */
export function warnFewer(end: WorkerEnd, worker: string, count: number): void {
  const others = count === 1 ? 'one worker' : `${count} workers`
  warn(
    'ONECOPY_WORKER_START',
    `${describeFailedStart(end, worker)} The tasks run on ${others} meanwhile, and another start is tried from time to time.`,
  )
}

/** The error of runs whose pool has no worker that is ready, since one took longer to start than `limitMs`. */
export function lateStart(worker: string, limitMs: number): OneCopyError {
  return new OneCopyError(
    'ERR_WORKER_START',
    `${describeLate(worker, 'starting', limitMs)} Look for what keeps it waiting in the options \`execArgv\` and \`env\`, by default those of this process, or allow more time.`,
    { details: { worker, startTimeoutMs: limitMs } },
  )
}

/** The error of runs one of whose workers took longer than `limitMs` for the initializer. */
export function lateInitializer(name: string, worker: string, limitMs: number): OneCopyError {
  return new OneCopyError(
    'ERR_WORKER_START',
    `The initializer (\`${name}\`) did not finish on ${worker} within \`startTimeoutMs\` (${limitMs} ms), and the worker was killed. No task runs without it. Allow more time, or do less in it.`,
    { details: { worker, initializer: name, startTimeoutMs: limitMs } },
  )
}

/** Warns of a worker that was killed because it did not respond; no run fails by it. */
export function warnUnresponsive(worker: string, stage: LateStage, limitMs: number): void {
  warn(
    'ONECOPY_WORKER_ENDED',
    `${describeLate(worker, stage, limitMs)} No task failed; other workers run what it had.`,
  )
}

/** What a worker that does not respond should have done. */
type LateStage = 'starting' | 'initializing' | 'ready'

function describeLate(worker: string, stage: LateStage, limitMs: number): string {
  const missing = {
    starting: 'did not start',
    initializing: 'did not finish its initializer',
    ready: 'did not begin the tasks that it was sent',
  }[stage]
  return `The worker (${worker}) ${missing} within \`startTimeoutMs\` (${limitMs} ms) and was killed.`
}

/** The error of runs whose workers' initializer threw `cause`. */
export function failedInitializer(name: string, worker: string, cause: unknown): OneCopyError {
  return new OneCopyError(
    'ERR_WORKER_START',
    `The initializer (\`${name}\`) failed on ${worker}: ${messageOf(cause)}. No task runs without it.`,
    { cause, details: { worker, initializer: name } },
  )
}

/** The error of runs whose worker ended in its initializer. */
export function lostInitializer(name: string, end: WorkerEnd, worker: string): OneCopyError {
  return new OneCopyError(
    'ERR_WORKER_START',
    `${describeEnd(end, worker)} while it ran the initializer (\`${name}\`). No task runs without it.${advise(end)}`,
    { details: { worker, initializer: name, ...detailsOf(end) }, ...causeOf(end) },
  )
}

/**
 * Warns of the end of a worker that failed no task.
 *
 * @param last - the last task that it finished, which may have left behind what failed
 */
export function warnEnded(end: WorkerEnd, worker: string, last: Job | undefined): void {
  const where = last ? `, after task ${last.index} (\`${last.task.callee.name}\`)` : ''
  warn(
    'ONECOPY_WORKER_ENDED',
    `${describeEnd(end, worker)} between tasks${where}. No task failed; other workers run what it had not started.${advise(end)}`,
  )
}

/** Whether an error that no task caught ended the worker. */
export function isUncaught(end: WorkerEnd): boolean {
  return 'error' in end && end.isUnstarted !== true && end.killedFor === undefined
}

/** Warns of a worker that is replaced because it held too much memory. */
export function warnOutgrown(
  worker: string,
  bytes: number,
  limit: number,
  last: Job | undefined,
): void {
  const where = last ? ` after task ${last.index} (\`${last.task.callee.name}\`)` : ''
  warn(
    'ONECOPY_WORKER_MEMORY',
    `${worker} held ${mebibytes(bytes)} of its own${where}, more than maxMemoryPerWorker (${mebibytes(limit)}), and was replaced. Later replacements are not reported.`,
  )
}

/** Warns of workers that hold too much memory before their first task. */
export function warnTooLarge(worker: string, bytes: number, limit: number): void {
  warn(
    'ONECOPY_WORKER_MEMORY',
    `${worker} held ${mebibytes(bytes)} of its own before its first task, more than maxMemoryPerWorker (${mebibytes(limit)}): each worker is replaced after one task. Allow more.`,
  )
}

function warn(code: string, text: string): void {
  process.emitWarning(text, { type: 'OneCopyWarning', code })
}

function detailsOf(end: WorkerEnd): Record<string, unknown> {
  const { code, signal, stderrTail } = end
  const { heapLimit, lastSeen, isOomKill } = end.memory
  const memory = { heapLimit, lastSeen, isOomKill }
  return {
    exitCode: code,
    signal,
    ...(isAboutMemory(end) && { memory }),
    ...(stderrTail && { stderrTail }),
  }
}

function causeOf(exit: WorkerEnd): { cause?: unknown } {
  if ('badMessage' in exit) return { cause: exit.badMessage }
  return 'error' in exit ? { cause: exit.error } : {}
}

/** @param job - the task that was lost with the worker; undefined when none was */
function describeEnd(end: WorkerEnd, worker: string, job?: Job): string {
  const { code, signal, error, memory, killedFor } = end
  const { lastSeen } = memory
  const name = `The worker (${worker})`
  if (killedFor) return `${name} was ended to stop ${describeKilling(killedFor, job)}`
  if ('badMessage' in end)
    return `${name} was ended because it sent an invalid message (${messageOf(end.badMessage)})`
  if (isOutOfHeap(end)) return `${name} ran out of JavaScript memory${describeMemory(memory)}`
  if (memory.isOomKill) {
    return `${name} was killed by the kernel because memory ran out${describeMemory({ lastSeen })}`
  }
  if (signal === 'SIGKILL') return `${name} was killed by SIGKILL${describeMemory({ lastSeen })}`
  if (signal) return `${name} was killed by ${signal}`
  if ('error' in end) return `${name} ended by an uncaught error (${messageOf(error)})`
  return `${name} exited with code ${code}`
}

/** A task of a run that is over, or one that took too long. */
function describeKilling({ run, index, task }: Job, lost: Job | undefined): string {
  const called = `task ${index} (\`${task.callee.name}\`)`
  if (run.isClosed) return `${called} of a run that was over`
  return `${called}${run === lost?.run ? '' : ' of another run'}, whose time was up,`
}

function countRuns({ losses }: Job): string {
  return losses > 1 ? `It was run ${losses} times.` : 'It was not run again.'
}

function describeMemory({ heapLimit, lastSeen }: MemoryNote): string {
  const limit =
    heapLimit === undefined
      ? undefined
      : `its heap may grow to ${mebibytes(heapLimit)}, young objects included`
  const held =
    lastSeen === undefined
      ? undefined
      : `its private memory was ${mebibytes(lastSeen)} when last measured`
  const facts = [limit, held].filter((fact) => fact !== undefined)
  return facts.length === 0 ? '' : ` (${facts.join('; ')})`
}

function advise(end: WorkerEnd): string {
  const { code, signal, memory, killedFor } = end
  if (killedFor)
    return ' Tasks that end when `taskSignal()` aborts are stopped without their worker.'
  if ('badMessage' in end)
    return ' A task must not use the channels of its worker or change built-in functions.'
  if (isOutOfHeap(end)) {
    return " Keep large data in arrays, which don't count, or give workers more by the option execArgv: ['--max-old-space-size=…']."
  }
  if (memory.isOomKill) {
    return ' Use fewer workers or smaller tasks, or hold them to a limit by `maxMemoryPerWorker`.'
  }
  if (signal === 'SIGKILL') return ' Perhaps the system ran out of memory.'
  if (signal) return ''
  if ('error' in end) return ' Catch errors of timers, events and promises inside the task.'
  return code === undefined ? '' : ' A task should return or throw, not call process.exit().'
}

function isAboutMemory(end: WorkerEnd): boolean {
  return isOutOfHeap(end) || end.signal === 'SIGKILL'
}

/** V8 tells a thread's pool by a code, and of a process by what it writes before it aborts. */
function isOutOfHeap({ error, stderrTail }: WorkerExit): boolean {
  if (stderrTail !== undefined) return /FATAL ERROR: .*heap/.test(stderrTail)
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
}

function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return show(thrown)
  // Node wraps what is no error into one with a long text.
  const [, reason] = /rejected with the reason "(.*)"\.$/s.exec(thrown.message) ?? []
  return reason === undefined
    ? thrown.message.replace(/\.$/, '')
    : `a promise rejected with ${reason}`
}

function mebibytes(bytes: number): string {
  if (bytes < 2 ** 20) return `${Math.ceil(bytes / 2 ** 10)} KiB`
  return `${Math.round(bytes / 2 ** 20)} MiB`
}
