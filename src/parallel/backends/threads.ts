/** The backend that runs tasks in threads of this process. */

import { MessageChannel, Worker } from 'node:worker_threads'
import { PolledPort, portBytes } from '../machine/polled-port.ts'
import type { Backend, BackendWorker, WorkerEvents, WorkerLaunch } from '../protocol/backend.ts'
import { Claims, claimsBytes } from '../protocol/claims.ts'
import { threadArguments } from './exec-arguments.ts'
import { requirePermissions } from './permissions.ts'
import type { ToWorker, WorkerSetup } from '../protocol/messages.ts'
import type { ThreadData } from '../protocol/worker-data.ts'
import { workerUrl } from '../worker/worker-url.ts'

/** Worker threads: they start in some 30 ms and share all memory, but a crash of one is a crash of all. */
export const threads: Backend = {
  name: 'threads',
  sameProcess: true,
  sameThread: false,
  start: (setup, events, launch) => {
    requirePermissions('threads')
    return new ThreadWorker(setup, events, launch)
  },
}

class ThreadWorker implements BackendWorker {
  readonly label: string
  readonly claims: Claims
  readonly #worker: Worker
  readonly #port: PolledPort
  readonly #events: WorkerEvents

  constructor(setup: WorkerSetup, events: WorkerEvents, launch: WorkerLaunch) {
    const words = new Int32Array(new SharedArrayBuffer(claimsBytes(setup.concurrency)))
    this.claims = new Claims(words)
    // A channel of its own: tasks may use `parentPort` for what they like.
    const { port1, port2 } = new MessageChannel()
    const posted = new Int32Array(new SharedArrayBuffer(portBytes))
    const workerData: ThreadData = { onecopy: { setup, port: port2, posted, words } }
    this.#port = new PolledPort(port1, posted, 0)
    this.#events = events
    try {
      this.#worker = new Worker(workerUrl(), {
        name: `onecopy ${setup.worker}`,
        workerData,
        transferList: [port2],
        ...threadArguments(launch),
      })
    } catch (error) {
      port1.close()
      throw error
    }
    this.label = `thread ${this.#worker.threadId}`
    let failure: { error: unknown } | undefined
    port1.on('message', (message: unknown) => events.onMessage(message))
    port1.on('messageerror', (error) => events.onUnreadable(error))
    this.#worker.on('error', (error: unknown) => (failure = { error }))
    this.#worker.on('exit', (code) => {
      readRest(this.#port, events)
      port1.close()
      events.onExit({ code, ...failure })
    })
    this.#worker.unref()
    port1.unref()
  }

  post(message: ToWorker): void {
    this.#port.post(message)
  }

  poll(maxMicros: number): void {
    readNext(this.#port, this.#events, maxMicros)
  }

  kill(): void {
    void this.#worker.terminate() // the event `exit` tells
  }
}

/** Reads what a thread sent before its end, which may still wait in the channel. */
function readRest(port: PolledPort, events: WorkerEvents): void {
  while (readNext(port, events, 0));
}

/** Reads a message, for which it waits `maxMicros` at most; returns whether there was one. */
function readNext(port: PolledPort, events: WorkerEvents, maxMicros: number): boolean {
  let next: { readonly message: unknown } | undefined
  try {
    next = port.take(maxMicros)
  } catch (error) {
    events.onUnreadable(error)
    return false
  }
  if (next === undefined) return false
  events.onMessage(next.message)
  return true
}
