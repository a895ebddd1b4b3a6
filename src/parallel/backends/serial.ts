/** The backend that runs tasks in the calling thread. */

import type { Backend, BackendWorker, WorkerEvents } from '../protocol/backend.ts'
import { Claims, claimsBytes } from '../protocol/claims.ts'
import { Executor } from '../worker/executor.ts'
import type { FromWorker, ToWorker, WorkerSetup } from '../protocol/messages.ts'

/**
 * Runs one task after the other in this thread, between its other events. Values are cloned and arrays
 * referred to as for a thread, so that a task behaves the same; only what ends a worker ends the program.
 */
export const serial: Backend = {
  name: 'serial',
  sameProcess: true,
  sameThread: true,
  start: (setup, events) => new SerialWorker(setup, events),
}

class SerialWorker implements BackendWorker {
  readonly label = 'this thread'
  readonly claims: Claims
  readonly #events: WorkerEvents
  readonly #executor: Executor
  #isEnded = false

  constructor({ shareFromBytes, concurrency }: WorkerSetup, events: WorkerEvents) {
    this.#events = events
    this.claims = new Claims(new Int32Array(claimsBytes(concurrency) / 4))
    this.#executor = new Executor({
      rules: { shareFromBytes, sameProcess: true },
      claims: this.claims,
      post: (message) => this.#deliver(message),
      exit: () => this.kill(),
      isShared: true,
    })
    this.#deliver(['ready'])
  }

  post(message: ToWorker): void {
    const received = structuredClone(message)
    setImmediate(() => {
      if (!this.#isEnded) this.#executor.receive(received)
    })
  }

  kill(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    setImmediate(() => this.#events.onExit({}))
  }

  #deliver(message: FromWorker): void {
    const received = structuredClone(message)
    queueMicrotask(() => {
      if (!this.#isEnded) this.#events.onMessage(received)
    })
  }
}
