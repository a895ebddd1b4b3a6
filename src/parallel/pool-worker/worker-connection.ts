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
import type { Job } from '../run/run.ts'
import { ExitEvidence } from './exit-evidence.ts'
import { UnsettledTasks } from './unsettled-tasks.ts'
import type { WorkerEnd } from './worker-errors.ts'

/** What a worker is made of. */
export interface WorkerSettings {
  readonly backend: Backend
  readonly setup: WorkerSetup
  readonly launch: WorkerLaunch
  /** What it is told before its first task. */
  readonly initialize: ToWorker | undefined
}

/** How far a worker has come. */
export type Stage = 'starting' | 'initializing' | 'ready'

/** Who is told of a worker's messages. */
export interface ConnectionEvents {
  /** A message came that can come now. */
  onMessage(message: FromWorker): void
  /** The worker has ended, and no message of it will come any more. */
  onExit(exit: WorkerExit): void
}

/** One worker that was started, its tasks, and what is known of it. */
export class WorkerConnection {
  readonly worker: BackendWorker
  readonly tasks: UnsettledTasks
  readonly #evidence: ExitEvidence
  readonly #events: ConnectionEvents
  readonly #hasInitializer: boolean
  /** A message was lost or was wrong, so that what it sent behind that counts no more. */
  #isCutOff = false
  #stage: Stage = 'starting'
  /** When a message of it came last, or when `awaitMessage` was called since then, by `performance.now()`. */
  #heardMs = performance.now()

  /** Starts the worker; one that can't be started ends at once. */
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

  /** How long nothing has come of it. */
  get silentMs(): number {
    return performance.now() - this.#heardMs
  }

  /** From now on its next message is waited for. */
  awaitMessage(): void {
    this.#heardMs = performance.now()
  }

  /** Notes how many private bytes it was seen to hold. */
  noteMemory(bytes: number): void {
    this.#evidence.noteMemory({ lastSeen: bytes })
  }

  /** Ends it, since memory that it sent is gone; what it sent behind that counts no more. */
  cutOff(): void {
    this.#isCutOff = true
    this.worker.kill()
  }

  /**
   * Its end, with all that is known.
   *
   * @param blamed - the task for whose sake it was ended
   */
  conclude(exit: WorkerExit, blamed: Job | undefined): WorkerEnd {
    return this.#evidence.conclude(exit, blamed)
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

  /** What it sends can't be relied on any more: its tasks are lost with it. */
  #breakOff(error: unknown): void {
    if (this.#isCutOff) return
    this.#evidence.noteBadMessage(error)
    this.cutOff()
  }

  /** @throws Error for a message that can't come now, such as the result of a task that it was not given */
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

/** What was thrown in a worker, or why that can't be told. */
export function decodeThrown(value: unknown): unknown {
  try {
    return decode(value)
  } catch (error) {
    return error
  }
}
