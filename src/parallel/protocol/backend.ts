/** The contract between the pool and its backends. */

import type { Claims } from './claims.ts'
import type { ToWorker, WorkerSetup } from './messages.ts'

/** Where tasks run: in this thread, in threads, in processes, or elsewhere. */
export interface Backend {
  /** Its name in options and error texts. */
  readonly name: string
  /** Whether messages stay inside this process, so that a SharedArrayBuffer is shared with them. */
  readonly sameProcess: boolean
  /** Whether tasks run in the calling thread, one after the other, so that one worker is enough. */
  readonly sameThread: boolean
  /**
   * Starts a worker. Messages may be posted at once: they wait until it has started. A worker must not keep the
   * calling process alive, and must end with it.
   *
   * @param setup - the first message to the worker
   * @param events - its listeners; never called before `start` has returned
   * @param launch - how to start its program, if it has one of its own
   * @throws the reason why no worker can be started
   */
  start(setup: WorkerSetup, events: WorkerEvents, launch: WorkerLaunch): BackendWorker
}

/** How the program of a worker is started. */
export interface WorkerLaunch {
  /** Variables to add to this process's environment; undefined removes one. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Options of Node in place of this process's own; undefined: its own. */
  readonly execArgv: readonly string[] | undefined
}

/** A running worker. */
export interface BackendWorker {
  /** Names it in error texts: `thread 3`, `process 4711`. */
  readonly label: string
  /** Which tasks it may start; in memory that it shares with the pool, and that outlives it. */
  readonly claims: Claims
  /** The process whose memory is this worker's alone; undefined when it has none of its own. */
  readonly pid?: number | undefined
  /**
   * Sends a message; messages arrive in order.
   *
   * @throws when the message can't be serialised; then nothing was sent
   */
  post(message: ToWorker): void
  /**
   * Waits for a message without sleeping, for `maxMicros` at most, and passes it on. Undefined where only the event
   * loop can.
   */
  poll?(maxMicros: number): void
  /** Kills the worker at once; `onExit` follows. */
  kill(): void
}

/** Events of a worker. */
export interface WorkerEvents {
  /** A message has come. The pool checks it, so it may be anything. */
  onMessage(message: unknown): void
  /** Unreadable bytes have come, so messages are lost and the worker must be killed. */
  onUnreadable(error: unknown): void
  /** The worker has ended; no message follows. Called once. */
  onExit(exit: WorkerExit): void
}

/** How a worker ended. */
export interface WorkerExit {
  readonly code?: number | undefined
  readonly signal?: string | undefined
  /** The error that ended it, if known, even if its value is undefined. */
  readonly error?: unknown
  /** Whether it could not be started; `error` is the reason. */
  readonly isUnstarted?: boolean
  /** The end of what V8 or native code in it wrote to stderr directly. */
  readonly stderrTail?: string | undefined
}
