/** Predicts rows of requests that arrive together in one go. */

import { type FeatureRows, joinRows } from '../model/feature-rows.ts'
import { type OutputName, type Predicted, sliceRows } from '../model/model-outputs.ts'
import type { ServedModel } from '../model/served-model.ts'
import { unavailable } from '../http/request-error.ts'

/** Rows of one batch of small requests, which also bounds how long a request waits for the one before it. */
const mostBatchRows = 2048

/** A request of more rows is predicted alone, beside the batches of small ones. */
const mostSmallRows = 512

/** What bounds the waiting requests of all models of a server. */
export interface QueueLimits {
  /** Most requests that wait at a time. */
  readonly maxQueue: number
  /** Milliseconds until a request is given up. */
  readonly timeoutMs: number
  /** How many large requests are predicted at a time. */
  readonly parallel: number
}

/** Who waits for a prediction. One of its methods is called, once; neither may throw. */
export interface Asker {
  /**
   * @param found - for all requests that were predicted together
   * @param start - the first of its rows in there
   */
  resolve(found: Predicted, start: number): void
  reject(error: unknown): void
}

/** One request on its way. */
interface Waiting {
  readonly model: ServedModel
  readonly rows: FeatureRows
  readonly wanted: readonly OutputName[]
  readonly sinceMs: number
  readonly asker: Asker
  isDone: boolean
}

/** Told of each prediction, for metrics. */
export type OnBatch = (rows: number, requests: number, seconds: number) => void

/**
 * Queues requests. A request that finds nothing else there is predicted at once; those that come while a prediction
 * runs wait for its end and are then predicted together. No timer makes anybody wait.
 */
export class Batcher {
  readonly #limits: QueueLimits
  readonly #onBatch: OnBatch
  #small: Waiting[] = []
  #large: Waiting[] = []
  readonly #running = new Set<readonly Waiting[]>()
  #isBatchRunning = false
  #runningLarge = 0
  #isPlanned = false
  /** When the first request of this turn of the event loop came. */
  #turnMs = 0
  #onIdle: (() => void)[] = []
  readonly #sweeper: NodeJS.Timeout

  constructor(limits: QueueLimits, onBatch: OnBatch = () => {}) {
    this.#limits = limits
    this.#onBatch = onBatch
    const period = Math.min(1000, Math.max(10, limits.timeoutMs / 4))
    this.#sweeper = setInterval(() => this.#giveUp(), period).unref()
  }

  /** Requests that wait. */
  get length(): number {
    return this.#small.length + this.#large.length
  }

  /**
   * Predicts rows.
   *
   * @param rows - checked against the columns of `model`
   * @throws RequestError 429 when too many requests wait, 503 when it took too long; what the model throws
   */
  predict(
    model: ServedModel,
    rows: FeatureRows,
    wanted: readonly OutputName[],
  ): Promise<Predicted> {
    return new Promise((resolve, reject) => {
      this.ask(model, rows, wanted, {
        resolve: (found, start) => resolve(sliceRows(found, start, start + rows.count)),
        reject,
      })
    })
  }

  /** As {@link predict}, without the time and memory that promises take. */
  ask(model: ServedModel, rows: FeatureRows, wanted: readonly OutputName[], asker: Asker): void {
    if (this.length >= this.#limits.maxQueue) {
      const text = `${this.length} requests are waiting, at most ${this.#limits.maxQueue} may. Try again later.`
      return asker.reject(unavailable(429, text))
    }
    this.#plan()
    const one = { model, rows, wanted, sinceMs: this.#turnMs, asker, isDone: false }
    if (rows.count > mostSmallRows) this.#large.push(one)
    else this.#small.push(one)
  }

  /** Resolves when nothing waits and nothing runs. */
  whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle.push(resolve)
      this.#tellIdle()
    })
  }

  /** Stops the time limit; call it when no request can come any more. */
  close(): void {
    clearInterval(this.#sweeper)
  }

  /** Starts predictions at the end of this turn of the event loop, when all that has arrived is there. */
  #plan(): void {
    if (this.#isPlanned) return
    this.#isPlanned = true
    this.#turnMs = performance.now()
    setImmediate(this.#onTurn)
  }

  readonly #onTurn = (): void => {
    this.#isPlanned = false
    this.#start()
  }

  #start(): void {
    while (this.#large.length > 0 && this.#runningLarge < this.#limits.parallel) {
      this.#runningLarge++
      const one = this.#large.shift()!
      void this.#run([one]).finally(() => {
        this.#runningLarge--
        this.#next()
      })
    }
    if (this.#isBatchRunning || this.#small.length === 0) return
    this.#isBatchRunning = true
    void this.#run(this.#takeBatch()).finally(() => {
      this.#isBatchRunning = false
      this.#next()
    })
  }

  #next(): void {
    if (this.length > 0) this.#plan()
    else this.#tellIdle()
  }

  /** The oldest small requests of one model. */
  #takeBatch(): Waiting[] {
    const { model } = this.#small[0]!
    const batch: Waiting[] = []
    const rest: Waiting[] = []
    let rows = 0
    for (const one of this.#small) {
      const isTaken =
        one.model === model && (batch.length === 0 || rows + one.rows.count <= mostBatchRows)
      if (isTaken) rows += one.rows.count
      ;(isTaken ? batch : rest).push(one)
    }
    this.#small = rest
    return batch
  }

  /** Never rejects: each request gets its own error. */
  async #run(batch: readonly Waiting[]): Promise<void> {
    this.#running.add(batch)
    try {
      await this.#predictTogether(batch)
    } catch (error) {
      // A row that one request should not have sent must not harm the others.
      if (batch.length === 1) reject(batch[0]!, error)
      else for (const one of batch) await this.#predictAlone(one)
    } finally {
      this.#running.delete(batch)
    }
  }

  async #predictAlone(one: Waiting): Promise<void> {
    try {
      await this.#predictTogether([one])
    } catch (error) {
      reject(one, error)
    }
  }

  async #predictTogether(batch: readonly Waiting[]): Promise<void> {
    const startMs = performance.now()
    const rows = joinRows(batch.map((one) => one.rows))
    const wanted = wantedOf(batch)
    const found = await batch[0]!.model.predict(rows, wanted)
    this.#onBatch(rows.count, batch.length, (performance.now() - startMs) / 1000)
    let start = 0
    for (const one of batch) {
      if (!one.isDone) {
        one.isDone = true
        one.asker.resolve(found, start)
      }
      start += one.rows.count
    }
  }

  /** Answers requests that have taken too long. */
  #giveUp(): void {
    const oldest = performance.now() - this.#limits.timeoutMs
    for (const one of [this.#small, this.#large, ...this.#running].flat()) {
      if (one.sinceMs > oldest || one.isDone) continue
      const seconds = this.#limits.timeoutMs / 1000
      const text = `The prediction was not ready after ${seconds} s, the time limit of this server. Try again later, or send fewer rows.`
      reject(one, unavailable(503, text))
    }
    this.#small = this.#small.filter((one) => !one.isDone)
    this.#large = this.#large.filter((one) => !one.isDone)
  }

  #tellIdle(): void {
    if (this.length > 0 || this.#running.size > 0) return
    for (const tell of this.#onIdle.splice(0)) tell()
  }
}

function reject(one: Waiting, error: unknown): void {
  if (one.isDone) return
  one.isDone = true
  one.asker.reject(error)
}

/** Outputs that some request of a batch wants. */
function wantedOf(batch: readonly Waiting[]): Iterable<OutputName> {
  const first = batch[0]!.wanted
  // Most requests want what their model gives, by one list.
  if (batch.every((one) => one.wanted === first)) return first
  const wanted = new Set<OutputName>()
  for (const one of batch) for (const name of one.wanted) wanted.add(name)
  return wanted
}
