/** Streams the results of a run. */

import { OneCopyError } from '../../errors.ts'
import { LazyResult, taken } from '../payload/lazy-result.ts'
import { sizeOfResult } from '../payload/result-size.ts'
import type { Order, RunSettings } from './run-options.ts'
import type { Sink } from './sink.ts'
import { UnreadStream } from './unread-streams.ts'

/** A reader that waits for a result. */
interface Waiting<R> {
  resolve(result: IteratorResult<R, undefined>): void
  reject(error: unknown): void
}

/** A result that waits for its reader, perhaps in a parcel. */
interface Finished {
  readonly value: unknown
  readonly bytes: number
}

/** The run of a stream, as the stream uses it. */
export interface Upstream {
  /** Notes that there may be room for more results. */
  wake(): void
  /** Ends the run, because its results are no longer read. */
  stop(): void
}

/**
 * The results of tasks: one by one with `for await`, or all of them in a list with `await`. If an async function
 * returns it, JavaScript awaits it like any thenable, and the caller gets the list. A second loop, or `await` after a
 * loop, is refused (`ERR_CLOSED`), because no results are left; `await` may be repeated.
 */
export interface Results<R> extends AsyncGenerator<R, undefined, undefined>, PromiseLike<R[]> {}

const done = { done: true, value: undefined } as const

/** Bytes that waiting results may take, unless the user has set limits. */
const usualBytes = 48 * 2 ** 20

/**
 * The results of `Parallel.stream` and `map`: an async generator that is already running. Finished results
 * wait in a window of limited size, and a full window stops the run until one is read.
 */
export class ResultStream<R> implements Results<R>, Sink {
  readonly #order: Order
  readonly #maxAhead: number | undefined
  readonly #maxBytes: number
  readonly #finished = new Map<number, Finished>()
  readonly #waiting: Waiting<R>[] = []
  #upstream: Upstream | undefined
  /** Results handed out so far. */
  #read = 0
  /** Results that came in; in order of completion the key of the next one. */
  #put = 0
  /** Bytes of the results that wait. */
  #bytes = 0
  /** Bytes that a result is expected to have. */
  #expected = 0
  #failure: { error: unknown } | undefined
  #isEnded = false
  /** Whether a loop or a list has begun to read it. */
  #isIterated = false
  /** Whether such a reader has reached its end or stopped, so that nothing is left to read. */
  #isSpent = false
  #list: Promise<R[]> | undefined
  readonly #signal: AbortSignal | undefined
  readonly #name: string | undefined
  /** Whether it is read, or none of its results can be lost. */
  #isSafe = false
  /** Warns if it is never read; undefined once it is safe. */
  #unread: UnreadStream | undefined

  constructor(settings: RunSettings & { readonly order: Order }) {
    const { order, maxAhead, maxBufferedBytes, signal, name } = settings
    this.#signal = signal
    this.#name = name
    this.#order = order
    this.#maxAhead = maxAhead
    this.#maxBytes = maxBufferedBytes
  }

  /** Results that wait for their reader. */
  get buffered(): number {
    return this.#finished.size
  }

  /** Sets the run. It can't be an argument of the constructor, because the run is made with its stream. */
  connect(upstream: Upstream): void {
    this.#upstream = upstream
    this.#watchUnread()
  }

  room(taken: number, usual: { readonly least: number; readonly most: number }): number {
    const ahead = this.#maxAhead ?? this.#usualAhead(usual)
    const room = this.#read + this.#waiting.length + ahead - taken
    return Math.min(room, this.#roomInBytes(taken - this.#put))
  }

  put(index: number, value: unknown): void {
    const bytes = value instanceof LazyResult ? value.bytes : sizeOfResult(value)
    // A large result counts at once, smaller ones little by little: what is in progress may be as large.
    this.#expected = Math.max(bytes, 0.9 * this.#expected + 0.1 * bytes)
    this.#bytes += bytes
    this.#finished.set(this.#order === 'input' ? index : this.#put, { value, bytes })
    this.#put++
    this.#serve()
  }

  end(): void {
    this.#markSafe()
    this.#isEnded = true
    this.#serve()
  }

  /** Results that are ready in order are still handed out before the failure. */
  fail(error: unknown): void {
    this.#failure = { error }
    // A caller that aborted the signal knows of the failure.
    if (this.#signal?.aborted === true) this.#markSafe()
    else this.#watchUnread()
    this.#serve()
  }

  next(): Promise<IteratorResult<R, undefined>> {
    this.#markSafe()
    const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<R, undefined>>()
    this.#waiting.push({ resolve, reject })
    this.#serve()
    this.#upstream?.wake()
    return promise
  }

  /**
   * Ends the run, as `break` in a `for await` does: closes its source without waiting for it, drops tasks and
   * results.
   */
  // oxlint-disable-next-line require-await -- what closing the source throws becomes a rejection
  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#drop()
    this.#upstream?.stop()
    return done
  }

  /** Ends the run, and rejects with `error` as a generator does that doesn't catch it. */
  // oxlint-disable-next-line require-await -- as above
  async throw(error: unknown): Promise<IteratorReturnResult<undefined>> {
    this.#drop()
    this.#upstream?.stop()
    throw error
  }

  /** All results that have not been read yet, in a list. */
  // oxlint-disable-next-line no-thenable -- `await parallel.map(fn, items)` gives the list, as Pool.map does
  then<Fulfilled = R[], Rejected = never>(
    onFulfilled?: ((list: R[]) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((error: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return (this.#list ??= this.#readAll()).then(onFulfilled, onRejected)
  }

  /** @throws OneCopyError `ERR_CLOSED` when its results were read before, by another loop or in a list */
  [Symbol.asyncIterator](): this {
    if (this.#isSpent || this.#list !== undefined) {
      throw new OneCopyError(
        'ERR_CLOSED',
        'Expected a stream that can still be read, got one that was read or left before. A stream yields its results once: keep the list of `await parallel.map(…)`, or start another run.',
      )
    }
    this.#isIterated = true
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  async #readAll(): Promise<R[]> {
    const list: R[] = []
    // Asks for the iterator before `#list` is set, so that only other readers are refused.
    for await (const result of this) list.push(result)
    return list
  }

  /** As many as fit into some memory; before the first is known, it may be of any size. */
  #usualAhead({ least, most }: { readonly least: number; readonly most: number }): number {
    if (this.#put === 0) return least
    return Math.min(most, Math.max(least, Math.floor(usualBytes / this.#expected)))
  }

  /** How many more tasks may be in progress, so that their results have room; one always. */
  #roomInBytes(inProgress: number): number {
    if (this.#expected === 0) return Infinity
    const fitting = Math.floor((this.#maxBytes - this.#bytes) / this.#expected)
    const least = this.#finished.size === 0 ? 1 : 0
    return Math.max(least, fitting) - inProgress
  }

  #watchUnread(): void {
    if (this.#isSafe) return
    this.#unread ??= new UnreadStream(this, this.#name)
    if (this.#failure !== undefined) this.#unread.fail(this.#failure.error)
  }

  #markSafe(): void {
    this.#isSafe = true
    this.#unread?.forget()
    this.#unread = undefined
  }

  #drop(): void {
    this.#markSafe()
    this.#isEnded = true
    this.#isSpent = true
    this.#bytes = 0
    this.#failure = undefined
    for (const { value } of this.#finished.values()) if (value instanceof LazyResult) value.drop()
    this.#finished.clear()
    this.#serve()
  }

  #stopQuietly(): void {
    try {
      this.#upstream?.stop()
    } catch {
      // the error that ends the run matters more
    }
  }

  /** Arrays are made only now, so that those that are dropped soon are young. */
  #hand(value: unknown): void {
    const reader = this.#waiting.shift()!
    try {
      reader.resolve({ done: false, value: taken(value) as R })
    } catch (error) {
      this.#drop()
      this.#stopQuietly()
      reader.reject(error)
    }
  }

  /** Gives waiting readers the results, the failure or the end that is ready for them. */
  #serve(): void {
    while (this.#waiting.length > 0) {
      const next = this.#finished.get(this.#read)
      if (next !== undefined) {
        this.#finished.delete(this.#read++)
        this.#bytes -= next.bytes
        this.#hand(next.value)
      } else if (this.#failure !== undefined) {
        this.#waiting.shift()!.reject(this.#failure.error)
        this.#failure = undefined
        this.#isEnded = true
        this.#isSpent = this.#isIterated
      } else if (this.#isEnded) {
        this.#waiting.shift()!.resolve(done)
        this.#isSpent ||= this.#isIterated
      } else return
    }
  }
}
