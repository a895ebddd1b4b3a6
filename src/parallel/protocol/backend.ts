/** The contract between the pool and its backends. */

import type { Claims } from './claims.ts'
import type { ToWorker, WorkerSetup } from './messages.ts'

/** Where tasks run: in this thread, in threads, in processes, or wherever a backend takes them. */
export interface Backend {
  /** How options and error texts call it. */
  readonly name: string
  /** Whether messages stay inside this process, so that a SharedArrayBuffer is shared with them. */
  readonly sameProcess: boolean
  /** Whether tasks run in the calling thread, one after the other, so that more workers make no sense. */
  readonly sameThread: boolean
  /**
   * Starts a worker, which may be posted to at once: messages wait until it is up. A worker must not keep
   * the calling process alive, and must end when that one dies.
   *
   * @param setup - what the worker is told first
   * @param events - whom to tell what happens to it; never called before `start` has returned
   * @param launch - how its program is to be started, where it has one of its own
   * @throws whatever says why no worker can be started
   */
  start(setup: WorkerSetup, events: WorkerEvents, launch: WorkerLaunch): BackendWorker
}

/** How the program of a worker is started. */
export interface WorkerLaunch {
  /** Variables added to this process's environment; undefined takes one out. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Options of Node in place of this process's own; undefined: its own. */
  readonly execArgv: readonly string[] | undefined
}

/** A running worker as the pool holds it. */
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
   * @throws whatever says that the message can't be serialised; then nothing was sent
   */
  post(message: ToWorker): void
  /** Ends the worker now, whatever it does; `onExit` follows. */
  kill(): void
}

/** What a backend tells about one worker. */
export interface WorkerEvents {
  /** A message came. The pool checks it: whatever came may be handed in. */
  onMessage(message: unknown): void
  /** Something came that can't be read, so that messages are lost; the worker has to be ended. */
  onUnreadable(error: unknown): void
  /** The worker has ended, and no message of it will come any more. Called once. */
  onExit(exit: WorkerExit): void
}

/** How a worker ended. */
export interface WorkerExit {
  readonly code?: number | undefined
  readonly signal?: string | undefined
  /** What made it end, where that is known, even if it is undefined: out of memory, no more processes. */
  readonly error?: unknown
  /** It never was: `error` says why it could not be started. */
  readonly isUnstarted?: boolean
  /** The end of what V8 or native code in it wrote to stderr, past JavaScript. */
  readonly stderrTail?: string | undefined
}
