/** Collects a worker's results until they are posted. */

import { resultLength } from '../protocol/check-message.ts'
import { taskAfter } from '../protocol/claims.ts'
import { sharedMs } from '../machine/clock.ts'
import {
  failed,
  type Form,
  type FromWorker,
  withPlaceholders,
  plain,
} from '../protocol/messages.ts'
import type { ArrayRules } from '../payload/encode-arrays.ts'
import { encode, type Encoded, encodeThrown } from '../payload/encode.ts'
import { type Held, releaseAll } from '../payload/holds.ts'
import { isLargePlain } from '../payload/plain-data.ts'
import { ResultClasses } from './result-classes.ts'

/** Posts a message to the pool. Throws when it can't be cloned. */
export type Post = (message: FromWorker) => void

/** Collects results and posts them together. */
export class Outbox {
  readonly #post: Post
  readonly #rules: ArrayRules
  readonly #classes = new ResultClasses()
  /** Form, value and milliseconds of each result. */
  #results: unknown[] = []
  /** Number of the first task in `#results`; the others follow it. */
  #first = 0
  /** When that task began. */
  #startMs = 0
  /** What posted results refer to and the pool has not opened yet, by task. */
  readonly #held = new Map<number, readonly Held[]>()

  constructor(post: Post, rules: ArrayRules) {
    this.#post = post
    this.#rules = rules
  }

  /**
   * Adds the value that a task returned.
   *
   * @returns a promise only when what finds the classes of instances has to be loaded first; it never rejects
   */
  addValue(task: number, value: unknown, ms: number): Promise<void> | undefined {
    if (isLargePlain(value)) {
      // As it is: no task can change it before it is posted.
      this.#add(task, plain, { value, kept: [] }, ms)
      this.flush()
      return undefined
    }
    let encoded: Encoded
    try {
      encoded = encode(value, this.#rules, () => 'the result', { classes: this.#classes.describe })
    } catch (error) {
      return this.#classes.isMissed
        ? this.#addLater(task, ms, () => this.addValue(task, value, ms))
        : this.addFailure(task, error, ms)
    }
    // Members of an error that can't be sent are left out, those that had to wait among them.
    if (this.#classes.isMissed) {
      releaseAll(encoded.kept)
      return this.#addLater(task, ms, () => this.addValue(task, value, ms))
    }
    this.#add(task, encoded.hasPlaceholders ? withPlaceholders : plain, encoded, ms)
    return undefined
  }

  /**
   * Adds what a task threw and posts it at once, since it may stop the run.
   *
   * @returns a promise only when what finds the classes of instances has to be loaded first; it never rejects
   */
  addFailure(task: number, thrown: unknown, ms: number): Promise<void> | undefined {
    const encoded = encodeThrown(thrown, this.#rules, this.#classes.describe)
    if (this.#classes.isMissed) {
      releaseAll(encoded.kept)
      return this.#addLater(task, ms, () => this.addFailure(task, thrown, ms))
    }
    this.#add(task, failed, encoded, ms)
    this.flush()
    return undefined
  }

  async #addLater(task: number, ms: number, add: () => Promise<void> | undefined): Promise<void> {
    try {
      await this.#classes.load()
    } catch (error) {
      this.#add(task, failed, encodeThrown(error, this.#rules), ms)
      return this.flush()
    }
    await add()
  }

  /** Releases the arrays in the result of a task. */
  release(task: number): void {
    releaseAll(this.#held.get(task) ?? [])
    this.#held.delete(task)
  }

  /** Posts all waiting results. */
  flush(): void {
    if (this.#results.length > 0) this.#send(this.#first, this.#results)
    this.#results = []
  }

  /** Posts a result in the worker's own memory alone and at once, so that its memory is reused soon. */
  #add(
    task: number,
    form: Form,
    { value, kept }: Omit<Encoded, 'hasPlaceholders'>,
    ms: number,
  ): void {
    const holds = kept.length > 0
    // The tasks of one message follow each other.
    const isNext = task === taskAfter(this.#first, this.#results.length / resultLength)
    if (holds || !isNext) this.flush()
    if (this.#results.length === 0) {
      this.#first = task
      this.#startMs = sharedMs() - ms
    }
    this.#results.push(form, value, ms)
    if (!holds) return
    this.#held.set(task, kept)
    this.#send(task, this.#results, holds)
    this.#results = []
  }

  #send(first: number, results: unknown[], holds = false): void {
    try {
      this.#post(['results', first, results, holds, this.#startMs])
    } catch {
      this.#post([
        'results',
        first,
        results.flatMap((_, i) => (i % resultLength === 0 ? this.#check(results, i) : [])),
        holds,
        this.#startMs,
      ])
    }
  }

  /** The result at `i`, or a failure if structured clone refuses it. */
  #check(results: readonly unknown[], i: number): unknown[] {
    try {
      structuredClone(results[i + 1])
      return results.slice(i, i + resultLength)
    } catch (error) {
      return [failed, encodeThrown(error, this.#rules).value, results[i + 2]]
    }
  }
}
