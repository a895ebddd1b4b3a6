/** A server of several processes that share port and models. */

import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { availableParallelism } from 'node:os'
import { OneCopyError } from '../../errors.ts'
import type { MetricsJson } from '../observe/metrics.ts'
import { usualTimeoutMs } from '../server/serve-options.ts'
import { Connections, refuse } from './connections.ts'
import type { FromWorker, WorkerOptions } from './fleet-messages.ts'
import { FleetWorker } from './fleet-worker-process.ts'
import type { ModelFile } from './model-files.ts'

/** What a fleet tells its operator. */
export type OnNote = (text: string) => void

/** How a fleet is started. */
export interface FleetOptions {
  readonly files: readonly ModelFile[]
  readonly workers: number
  readonly port: number
  readonly host: string
  readonly options: WorkerOptions
  readonly onNote: OnNote
  /** Milliseconds until a worker that is not ready is ended. Default: 120,000. */
  readonly startMs?: number
}

/** Metrics of a worker that does not answer in time are left out. */
const gatherMs = 1000
const longestPauseMs = 5000

/** Models are mapped, and predict one row: what takes longer doesn't answer at all. */
const usualStartMs = 120_000

/** How much longer than their requests workers may take to end. */
const endingMs = 2000

/** Metrics that come in one by one. */
interface Gathering {
  readonly all: MetricsJson[]
  readonly from: Set<number>
  readonly finish: () => void
}

/**
 * Accepts connections and hands each to the worker that has the fewest. It holds them open, so that a worker that dies takes only the
 * requests along that it was answering.
 */
export class Fleet {
  readonly #setup: FleetOptions
  readonly #server: Server
  readonly #connections = new Connections()
  readonly #workers = new Map<number, FleetWorker>()
  readonly #gatherings = new Map<number, Gathering>()
  #generation = 0
  #next = 1
  #failures = 0
  #isStarting = true
  #isClosing = false
  #url = ''
  #onStarted: { resolve: () => void; reject: (error: Error) => void } | undefined
  #onEmpty: (() => void) | undefined

  private constructor(setup: FleetOptions) {
    this.#setup = setup
    this.#server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) =>
      this.#accept(socket),
    )
  }

  /**
   * Starts the workers, then listens.
   *
   * @throws OneCopyError `ERR_FILE`, or another reason of a worker that can't start; `ERR_SYSTEM` when the port is taken
   */
  static async start(setup: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(setup)
    const started = new Promise<void>((resolve, reject) => {
      fleet.#onStarted = { resolve, reject }
    })
    for (let i = 0; i < setup.workers; i++) fleet.#startWorker()
    try {
      await started
      await fleet.#listen()
      fleet.#isStarting = false
    } catch (error) {
      fleet.#kill()
      throw error
    }
    return fleet
  }

  /** Its address, such as `http://127.0.0.1:8080`. */
  get url(): string {
    return this.#url
  }

  /** Processes of the workers that are ready. */
  get pids(): readonly number[] {
    return this.#ready().map(({ pid }) => pid)
  }

  /** Lets all workers open files anew; resolves when they have. One that can't be opened is told, and the model before stays. */
  async reload(files: readonly ModelFile[] = this.#setup.files): Promise<void> {
    // A worker that is just starting may have opened the file before.
    this.#generation++
    await Promise.all(this.#ready().map((worker) => this.#reloadIn(worker, files)))
  }

  /** Stops listening, lets workers answer what has arrived, and resolves when they have ended. */
  async close(): Promise<void> {
    if (this.#isClosing) return
    this.#isClosing = true
    this.#server.close()
    for (const { socket } of this.#connections.waiting)
      refuse(socket, 'The server is about to end.')
    const empty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve
    })
    for (const worker of this.#workers.values())
      if (worker.isReady) worker.send({ kind: 'close' })
      else worker.kill()
    // One that does not even end by itself must not keep the others.
    const { timeoutMs = usualTimeoutMs } = this.#setup.options
    const late = setTimeout(() => this.#killAll(), timeoutMs + endingMs)
    if (this.#workers.size > 0) await empty
    clearTimeout(late)
    this.#connections.end()
  }

  #reloadIn(worker: FleetWorker, files: readonly ModelFile[]): Promise<void> {
    const done = new Promise<void>((resolve) => {
      worker.onReloaded.push(resolve)
    })
    worker.send({ kind: 'reload', files })
    return done
  }

  async #listen(): Promise<void> {
    const { port, host } = this.#setup
    this.#server.listen({ port, host, backlog: 1024 })
    try {
      await once(this.#server, 'listening')
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      const text = `Can't listen on ${host}:${port}: ${reason}. Choose another port, or 0 for any free one.`
      throw new OneCopyError('ERR_SYSTEM', text, { cause, details: { host, port } })
    }
    const bound = this.#server.address() as AddressInfo
    const name = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address
    this.#url = `http://${name}:${bound.port}`
  }

  #accept(socket: Socket): void {
    const held = this.#connections.add(socket)
    if (held === undefined) return void socket.destroy()
    this.#share()
  }

  /** Hands connections that no worker has to the workers that have the fewest. */
  #share(): void {
    const ready = this.#ready()
    if (ready.length === 0) return
    for (const held of this.#connections.waiting) {
      const counts = ready.map(({ connections }) => connections)
      const worker = ready[counts.indexOf(Math.min(...counts))]!
      held.worker = worker.number
      worker.give(held)
    }
    this.#connections.waiting.clear()
  }

  #ready(): FleetWorker[] {
    return [...this.#workers.values()].filter(({ isReady }) => isReady)
  }

  #startWorker(): void {
    const worker = new FleetWorker(this.#next++, this.#generation, {
      onMessage: (from, message) => this.#read(from, message),
      onExit: (from, ending) => this.#lose(from, ending),
    })
    this.#workers.set(worker.number, worker)
    const { files, options, workers } = this.#setup
    const threads = Math.max(1, Math.floor(availableParallelism() / workers))
    const states = this.#connections.reference
    worker.send({ kind: 'start', files, options, states, threads })
    worker.startTimer = setTimeout(() => this.#giveUp(worker), this.#startMs)
  }

  get #startMs(): number {
    return this.#setup.startMs ?? usualStartMs
  }

  /** Ends a worker that hangs while it starts. */
  #giveUp(worker: FleetWorker): void {
    const text = `A worker process was not ready after ${this.#startMs / 1000} s. Look whether the file system of the models answers.`
    this.#failStart(new OneCopyError('ERR_SYSTEM', text))
    worker.giveUp()
  }

  /** The first start ends with an error; a later one is tried again, and noted. */
  #failStart(error: OneCopyError, prefix = ''): void {
    if (this.#isStarting) this.#onStarted?.reject(error)
    else this.#setup.onNote(`${prefix}${error.message}`)
  }

  #read(worker: FleetWorker, message: FromWorker): void {
    switch (message.kind) {
      case 'ready':
        worker.isReady = true
        clearTimeout(worker.startTimer)
        this.#failures = 0
        if (worker.generation !== this.#generation) void this.#reloadIn(worker, this.#setup.files)
        if (this.#ready().length === this.#setup.workers) this.#onStarted?.resolve()
        return this.#share()
      case 'failed':
        this.#failStart(new OneCopyError('ERR_FILE', message.text), "A worker can't start: ")
        return worker.giveUp()
      case 'closed':
        worker.connections -= message.slots.length
        return this.#connections.close(message.slots)
      case 'reloaded':
        for (const text of message.failures) this.#setup.onNote(`Kept the model before: ${text}`)
        return worker.onReloaded.shift()?.()
      case 'fault':
        return this.#setup.onNote(message.text)
      case 'gather':
        return this.#gather(worker, message.id, message.own)
      case 'reported':
        return this.#collect(message.id, worker.number, message.metrics)
    }
  }

  #lose(worker: FleetWorker, ending: string): void {
    this.#workers.delete(worker.number)
    const reason = `The worker process that had this request has ended (${ending}). Send the request again.`
    this.#connections.release(worker.number, reason)
    if (this.#isClosing) {
      if (this.#workers.size === 0) this.#onEmpty?.()
      return
    }
    if (worker.isReady)
      this.#setup.onNote(`Worker ${worker.pid} has ended (${ending}); another one starts.`)
    else if (!worker.isGivenUp)
      this.#failStart(new OneCopyError('ERR_SYSTEM', `A worker ended at its start: ${ending}.`))
    // Nobody waits for the reload of a worker that is gone.
    for (const tell of worker.onReloaded.splice(0)) tell()
    const pauseMs = worker.isReady ? 0 : Math.min(longestPauseMs, 100 * 2 ** this.#failures++)
    setTimeout(() => {
      if (!this.#isClosing) this.#startWorker()
    }, pauseMs)
    this.#share()
  }

  /** Collects the metrics of all workers for one of them. */
  #gather(asker: FleetWorker, id: number, own: MetricsJson): void {
    const others = this.#ready().filter(({ number }) => number !== asker.number)
    const key = this.#next++
    const all = [own]
    const finish = (): void => {
      clearTimeout(timer)
      if (this.#gatherings.delete(key)) asker.send({ kind: 'gathered', id, all })
    }
    const timer = setTimeout(finish, gatherMs)
    const from = new Set(others.map(({ number }) => number))
    this.#gatherings.set(key, { all, from, finish })
    if (others.length === 0) return finish()
    for (const worker of others) worker.send({ kind: 'report', id: key })
  }

  #collect(key: number, worker: number, metrics: MetricsJson): void {
    const gathering = this.#gatherings.get(key)
    if (gathering === undefined || !gathering.from.delete(worker)) return
    gathering.all.push(metrics)
    if (gathering.from.size === 0) gathering.finish()
  }

  #killAll(): void {
    for (const worker of this.#workers.values()) worker.kill()
  }

  #kill(): void {
    this.#isClosing = true
    this.#killAll()
    this.#server.close()
    this.#connections.end()
  }
}
