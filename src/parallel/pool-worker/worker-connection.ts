/** The connection to one worker: checks what comes, notes its state. */

import { deadWorker } from '../backends/dead-worker.ts'
import { restoreStack } from '../functions/contract/original-place.ts'
import { decode } from '../payload/decode.ts'
import type {
  Backend,
  BackendWorker,
  WorkerEvents,
  WorkerExit,
  WorkerLaunch,
} from '../protocol/backend.ts'
import { requireFromWorker, resultLength } from '../protocol/check-message.ts'
import type { FromWorker, ToWorker, WorkerSetup } from '../protocol/messages.ts'
import type { Job } from '../run/job.ts'
import { ExitEvidence } from './exit-evidence.ts'
import { UnsettledTasks } from './unsettled-tasks.ts'
import type { WorkerEnd } from './worker-errors.ts'

/** What a worker is made of. */
export interface WorkerSettings {
  readonly backend: Backend
  readonly setup: WorkerSetup
  readonly launch: WorkerLaunch
  /** The message with its initializer, if it has one. */
  readonly initialize: ToWorker | undefined
}

/** What a worker is doing before and after it can run tasks. */
export type Stage = 'starting' | 'initializing' | 'ready'

/** Events of a connection. */
export interface ConnectionEvents {
  /** A valid message has come. */
  onMessage(message: FromWorker): void
  /** The worker has ended; no message follows. */
  onExit(exit: WorkerExit): void
}

/** A started worker, its tasks, and evidence of how it ends. */
export class WorkerConnection {
  readonly worker: BackendWorker
  readonly tasks: UnsettledTasks
  readonly #evidence: ExitEvidence
  readonly #events: ConnectionEvents
  readonly #hasInitializer: boolean
  /** Whether a message was lost or wrong, so that later ones are ignored. */
  #isCutOff = false
  #stage: Stage = 'starting'
  /** When its last message came or `awaitMessage` was last called, by `performance.now()`. */
  #heardMs = performance.now()

  /** Starts the worker. If that fails, `onExit` is called soon, with the reason. */
  constructor({ backend, setup, launch, initialize }: WorkerSettings, events: ConnectionEvents) {
    this.#events = events
    this.#hasInitializer = initialize !== undefined
    const workerEvents: WorkerEvents = {
      onMessage: (message) => this.#receive(message),
      onUnreadable: (error) => this.#breakOff(error),
      onExit: (exit) => events.onExit(exit),
    }
    try {
      this.worker = backend.start(setup, workerEvents, launch)
    } catch (error) {
      this.worker = deadWorker(error, workerEvents)
    }
    this.tasks = new UnsettledTasks(this.worker.claims)
    this.#evidence = new ExitEvidence(this.worker.pid !== undefined)
    if (initialize !== undefined) this.worker.post(initialize)
  }

  get stage(): Stage {
    return this.#stage
  }

  /** How long ago its last message came, or `awaitMessage` was last called. */
  get silentMs(): number {
    return performance.now() - this.#heardMs
  }

  /** Restarts the clock of `silentMs`. */
  awaitMessage(): void {
    this.#heardMs = performance.now()
  }

  /** Notes how many private bytes it was seen to hold. */
  noteMemory(bytes: number): void {
    this.#evidence.noteMemory({ lastSeen: bytes })
  }

  /** Kills it, since memory that it sent is gone; later messages are ignored. */
  cutOff(): void {
    this.#isCutOff = true
    this.worker.kill()
  }

  /**
   * Describes its end, with all evidence.
   *
   * @param killedFor - the task because of which it was killed
   */
  conclude(exit: WorkerExit, killedFor: Job | undefined): WorkerEnd {
    return this.#evidence.conclude(exit, killedFor)
  }

  #receive(message: unknown): void {
    if (this.#isCutOff) return
    let checked: FromWorker
    try {
      checked = requireFromWorker(message)
      this.#requireExpected(checked)
    } catch (error) {
      return this.#breakOff(error)
    }
    this.#heardMs = performance.now()
    this.#note(checked)
    this.#events.onMessage(checked)
  }

  /** Kills a worker whose messages can't be trusted; its tasks are lost. */
  #breakOff(error: unknown): void {
    if (this.#isCutOff) return
    this.#evidence.noteBadMessage(error)
    this.cutOff()
  }

  /** @throws Error for a message out of order, such as the result of a task that the worker does not have */
  #requireExpected(message: FromWorker): void {
    const [kind] = message
    const isExpected =
      kind === 'results'
        ? this.tasks.mayAnswer(message[1], message[2].length / resultLength)
        : kind === 'ready'
          ? this.#stage === 'starting'
          : (kind !== 'initialized' && kind !== 'uninitialized') || this.#stage === 'initializing'
    if (!isExpected) throw new Error(`Expected no message \`${kind}\` now.`)
  }

  #note(message: FromWorker): void {
    if (message[0] === 'ready') {
      this.#evidence.noteMemory({ heapLimit: message[1] })
      this.#stage = this.#hasInitializer ? 'initializing' : 'ready'
    } else if (message[0] === 'initialized') this.#stage = 'ready'
    else if (message[0] === 'outgrown') this.noteMemory(message[1])
    else if (message[0] === 'uncaught') {
      const error = decodeThrown(message[1])
      restoreStack(error)
      this.#evidence.noteUncaught(error)
    }
  }
}

/** What was thrown in a worker, or the error of decoding it. */
export function decodeThrown(value: unknown): unknown {
  try {
    return decode(value)
  } catch (error) {
    return error
  }
}
