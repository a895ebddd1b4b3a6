/** Hands out the results of a run one by one. */

import type { Sink } from './run.ts'
import type { Order } from './run-options.ts'

/** A reader that waits for a result. */
interface Waiting<R> {
  resolve(result: IteratorResult<R, undefined>): void
  reject(error: unknown): void
}

/** What a stream asks of its run. */
export interface Upstream {
  /** There is room for more. */
  wake(): void
  /** Nobody reads any more; what it returns is to be awaited. */
  stop(): PromiseLike<unknown> | undefined
}

const done = { done: true, value: undefined } as const

/**
 * The results of `Parallel.stream` and `map`: an async generator that is already running. Finished results
 * wait in a window of limited size, and a full window stops the run until one is read.
 */
export class ResultStream<R> implements AsyncGenerator<R, undefined, undefined>, Sink {
  readonly #order: Order
  readonly #maxAhead: number | undefined
  readonly #finished = new Map<number, R>()
  readonly #waiting: Waiting<R>[] = []
  #upstream: Upstream | undefined
  /** Results handed out so far. */
  #read = 0
  /** Key of the next finished result in order of completion. */
  #put = 0
  #failure: { error: unknown } | undefined
  #isEnded = false

  constructor(order: Order, maxAhead: number | undefined) {
    this.#order = order
    this.#maxAhead = maxAhead
  }

  /** Names the run, which needs the stream to be made. */
  connect(upstream: Upstream): void {
    this.#upstream = upstream
  }

  room(taken: number, usual: number): number {
    return this.#read + this.#waiting.length + (this.#maxAhead ?? usual) - taken
  }

  put(index: number, value: unknown): void {
    this.#finished.set(this.#order === 'input' ? index : this.#put++, value as R)
    this.#serve()
  }

  end(): void {
    this.#isEnded = true
    this.#serve()
  }

  /** Results that are ready in order are still handed out before the failure. */
  fail(error: unknown): void {
    this.#failure = { error }
    this.#serve()
  }

  next(): Promise<IteratorResult<R, undefined>> {
    const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<R, undefined>>()
    this.#waiting.push({ resolve, reject })
    this.#serve()
    this.#upstream?.wake()
    return promise
  }

  /** Ends the run, as `break` in a `for await` does: closes its source, drops tasks and results. */
  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#drop()
    await this.#upstream?.stop()
    return done
  }

  /** Ends the run, and rejects with `error` as a generator does that doesn't catch it. */
  async throw(error: unknown): Promise<never> {
    this.#drop()
    await this.#upstream?.stop()
    throw error
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  #drop(): void {
    this.#isEnded = true
    this.#failure = undefined
    this.#finished.clear()
    this.#serve()
  }

  /** Gives readers what there is for them. */
  #serve(): void {
    while (this.#waiting.length > 0) {
      if (this.#finished.has(this.#read)) {
        const value = this.#finished.get(this.#read)!
        this.#finished.delete(this.#read++)
        this.#waiting.shift()!.resolve({ done: false, value })
      } else if (this.#failure !== undefined) {
        this.#waiting.shift()!.reject(this.#failure.error)
        this.#failure = undefined
        this.#isEnded = true
      } else if (this.#isEnded) this.#waiting.shift()!.resolve(done)
      else return
    }
  }
}
