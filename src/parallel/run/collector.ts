/** Collects the results of a run in one list. */

import { taken } from '../payload/lazy-result.ts'
import type { Sink } from './sink.ts'

/** The results of `Parallel.run`, in the order of the tasks. */
export class Collector implements Sink {
  readonly #results: unknown[] = []
  readonly #resolve: (results: unknown[]) => void
  readonly #reject: (error: unknown) => void
  /** The list is read only at the end. */
  readonly buffered = 0
  /** All results, or the first failure. */
  readonly promise: Promise<unknown[]>

  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers<unknown[]>()
    this.promise = promise
    this.#resolve = resolve
    this.#reject = reject
  }

  /** The caller asked for all results, so their number is not limited. */
  room(): number {
    return Infinity
  }

  put(index: number, value: unknown): void {
    this.#results[index] = taken(value)
  }

  end(): void {
    this.#resolve(this.#results)
  }

  fail(error: unknown): void {
    this.#reject(error)
  }
}
