/** The messages between a pool and its workers. */

import type { SentFunction } from '../functions/contract/bundle.ts'

/** What a worker is told before anything else. */
export interface WorkerSetup {
  /** Number of the worker in its pool, from 1. */
  readonly worker: number
  /** Tasks that it may be in at a time. */
  readonly concurrency: number
  /** Cores that its tasks may keep busy. */
  readonly cores: number
  /** Native threads that one kernel may use in it. */
  readonly kernelThreads: number
  /** Private arrays of at least this many bytes are not cloned; null: all are. */
  readonly shareFromBytes: number | null
  /** Private bytes above which it takes no more tasks; null: no limit. */
  readonly maxMemory: number | null
  /** Whether it collects dropped arrays early. */
  readonly eagerGc: boolean
  /** Whether what tasks print comes as messages. */
  readonly sendsOutput: boolean
}

/** How a value is written: as it is, with placeholders for what structured clone can't do, or a failure. */
export type Form = typeof plain | typeof withPlaceholders | typeof failed | typeof calling
/** Nothing in the value needs to be read by `decode`. */
export const plain = 0
/** `decode` must read the value. */
export const withPlaceholders = 1
/** The value is an error that was thrown, for `decode`. */
export const failed = 2
/** Arguments with functions among them: the numbers of these, and a value for `decode`. */
export const calling = 3

/**
 * From the pool to a worker. Tasks have numbers, in the order in which this worker gets them (see `Claims`);
 * they start in that order, `concurrency` of them at a time, those apart that the pool took back.
 */
export type ToWorker =
  /** Before any task: reference, form and arguments of a function to call, and to wait for. */
  | readonly [kind: 'initialize', fn: SentFunction, form: Form, args: unknown]
  /**
   * Numbers of functions new to the worker, and the functions; then function, form, arguments of each task; the
   * functions to forget when these tasks have run; and whether each result is to be sent before the next task starts.
   */
  | readonly [
      kind: 'run',
      first: number,
      functions: readonly unknown[],
      calls: readonly unknown[],
      forgotten: readonly number[],
      isEager?: boolean,
    ]
  /** Functions to forget when the tasks that came before have run. */
  | readonly [kind: 'forget', forgotten: readonly number[]]
  /** A task is to let go (see `Claims.abort`). */
  | readonly [kind: 'abort']
  /** The result of this task has been opened: its memory may go. */
  | readonly [kind: 'received', task: number]
  /** End, as soon as the task that runs lets you. */
  | readonly [kind: 'close']

/** From a worker to the pool. */
export type FromWorker =
  /** The worker is up; how much JavaScript memory it may use, and its private bytes if these are above its limit already. */
  | readonly [kind: 'ready', heapLimit?: number, outgrown?: number | undefined]
  /** It has done what `initialize` said. */
  | readonly [kind: 'initialized']
  /** That failed: what was thrown, for `decode`. The worker runs no task. */
  | readonly [kind: 'uninitialized', error: unknown]
  /**
   * Form, value and running time in ms of each task from `first` on; `holds` when results lie in memory of the
   * worker's that it holds until they are received; when the first of these tasks began, by `sharedMs`.
   */
  | readonly [
      kind: 'results',
      first: number,
      results: readonly unknown[],
      holds: boolean,
      startMs: number,
    ]
  /** The pool took back all tasks of a message before any of them was started. */
  | readonly [kind: 'available']
  /** What the task of that number printed, or none (-1), on stdout (1) or stderr (2). */
  | readonly [kind: 'output', stream: 1 | 2, task: number, bytes: Uint8Array]
  /** Private bytes of the worker, which are above its limit: it starts no more tasks. */
  | readonly [kind: 'outgrown', bytes: number]
  /** What nobody caught, as a value for `decode`; the worker's end follows. */
  | readonly [kind: 'uncaught', error: unknown]

/** The functions of a `run` message. */
export function pairFunctions(functions: readonly unknown[]): [number, SentFunction][] {
  const pairs: [number, SentFunction][] = []
  for (let i = 0; i < functions.length; i += 2)
    pairs.push([functions[i] as number, functions[i + 1] as SentFunction])
  return pairs
}
