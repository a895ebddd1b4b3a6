/** The `initializer`, which prepares each worker of a pool. */

import type { NDArray } from '../../arrays/index.ts'
import type { FunctionCache, PackedFunction } from '../functions/bundles/function-cache.ts'
import { ArgumentClasses } from '../functions/classes/describe-class.ts'
import type { RunStart } from '../functions/names/run-start.ts'
import { withPlaceholders, plain, type ToWorker } from '../protocol/messages.ts'
import type { ArrayRules } from '../payload/encode-arrays.ts'
import { encode } from '../payload/encode.ts'
import { type Held, releaseAll } from '../payload/holds.ts'
import type { SharedCopies, SharedCopy } from '../payload/shared-copies.ts'
import type { Task } from '../tasks/task.ts'

/** What a pool's workers are told before their first task. */
export class Initializer {
  readonly #task: Task<unknown>
  /** The message, and what it refers to. */
  #prepared: { message: ToWorker; kept: readonly Held[] } | undefined

  constructor(task: Task<unknown>) {
    this.#task = task
  }

  /** What error texts call it. */
  get name(): string {
    return this.#task.callee.name
  }

  /**
   * The message, the same for all workers of the pool: arguments are taken the first time.
   *
   * @param start - the stack of the first run
   * @throws OneCopyError `ERR_FUNCTION`, `ERR_UNSENDABLE`
   */
  prepare(
    rules: Omit<ArrayRules, 'share'>,
    copies: SharedCopies,
    functions: FunctionCache,
    start?: RunStart,
  ): ToWorker {
    if (this.#prepared !== undefined) return this.#prepared.message
    const { callee, args } = this.#task
    const share = (array: NDArray): SharedCopy => copies.share(array, this)
    const classes = new ArgumentClasses(start)
    const made = new Set<object>()
    const encoded = encode(
      args,
      { ...rules, share, holdsPages: true },
      () => `the arguments of the initializer (\`${callee.name}\`)`,
      { classes: (instance, registered) => classes.describe(instance, registered, made) },
    )
    const own = functions.forRun(start)
    const captured = { release: () => own.close() }
    let fn: PackedFunction
    try {
      const { target } = callee
      fn = made.size === 0 ? own.take(target) : own.takeWithClasses(target, made)
    } catch (error) {
      releaseAll(encoded.kept)
      throw error
    }
    const form = encoded.hasPlaceholders ? withPlaceholders : plain
    const message: ToWorker = ['initialize', fn.sent, form, encoded.value]
    this.#prepared = { message, kept: [...encoded.kept, ...fn.kept, captured] }
    return message
  }

  /** All workers have ended: the memory of its arguments, and of what it has captured, may go. */
  close(): void {
    if (this.#prepared !== undefined) releaseAll(this.#prepared.kept)
  }
}
