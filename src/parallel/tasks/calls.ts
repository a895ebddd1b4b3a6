/** The tasks of `map` and `starmap`: one call for each item. */

import { show } from '../../errors.ts'
import { openAsyncIterator, openIterator, requireStep } from './iterators.ts'
import type { Task } from './task.ts'

/** What can be mapped: an array, a typed array, a generator, an async generator … */
export type Items<T> = Iterable<T> | AsyncIterable<T>

/**
 * Makes a task of each item, when it is taken.
 *
 * @throws TypeError when `items` can't be iterated
 */
export function callEach<T, R>(
  items: Items<T>,
  call: (item: T) => Task<R>,
): Iterable<Task<R>> | AsyncIterable<Task<R>> {
  if (typeof items === 'string') return new Calls(items as Iterable<T>, call)
  if (typeof items === 'object' && items !== null) {
    if (Symbol.iterator in items) return new Calls(items, call)
    if (Symbol.asyncIterator in items) return new LaterCalls(items, call)
  }
  throw new TypeError(
    `Expected an iterable of items such as an array or a generator, got ${show(items)}.`,
  )
}

/**
 * Returns `fn` when it is a function; `delayed` would speak of itself.
 *
 * @param method - the method that was called
 * @throws TypeError
 */
export function requireCallable<F>(fn: F, method: 'map' | 'starmap'): F {
  if (typeof fn === 'function') return fn
  throw new TypeError(
    `Expected \`${method}\` to get a function and then its items, got ${show(fn)}.`,
  )
}

/**
 * Returns an item of `starmap` when it is a list of arguments.
 *
 * @throws TypeError
 */
export function requireArguments<T>(args: Iterable<T>): Iterable<T> {
  if (typeof args === 'object' && args !== null && Symbol.iterator in args) return args
  throw new TypeError(
    `Expected the items of \`starmap\` to be lists of arguments, got ${show(args)}. Use \`map\` for a function of one argument.`,
  )
}

/** The calls of a sync iterable. */
class Calls<T, R> implements Iterable<Task<R>> {
  readonly #items: Iterable<T>
  readonly #call: (item: T) => Task<R>

  constructor(items: Iterable<T>, call: (item: T) => Task<R>) {
    this.#items = items
    this.#call = call
  }

  /** How many there are; infinite when nobody knows. */
  get length(): number {
    return lengthOf(this.#items)
  }

  [Symbol.iterator](): Iterator<Task<R>> {
    const iterator = openIterator(this.#items)
    const close = (): void => void iterator.return?.()
    return {
      next: () => toCall(requireStep(iterator.next()), this.#call, close),
      return: () => {
        close()
        return over
      },
    }
  }
}

/** The calls of an async iterable. No generator: its `return()` would wait for a `next()` that is under way. */
class LaterCalls<T, R> implements AsyncIterable<Task<R>> {
  readonly #items: AsyncIterable<T>
  readonly #call: (item: T) => Task<R>

  constructor(items: AsyncIterable<T>, call: (item: T) => Task<R>) {
    this.#items = items
    this.#call = call
  }

  [Symbol.asyncIterator](): AsyncIterator<Task<R>> {
    const iterator = openAsyncIterator(this.#items)
    const close = async (): Promise<void> => void (await iterator.return?.())
    return {
      next: async () => toCall(requireStep(await iterator.next()), this.#call, close),
      return: async () => {
        await close()
        return over
      },
    }
  }
}

const over = { done: true, value: undefined } as const

/** The call of an item; an item that can't be called closes its source, whose own troubles matter less then. */
function toCall<T, R>(
  step: IteratorResult<T, unknown>,
  call: (item: T) => Task<R>,
  close: () => void | Promise<void>,
): IteratorResult<Task<R>, undefined> {
  if (step.done === true) return over
  try {
    return { done: false, value: call(step.value) }
  } catch (error) {
    closeQuietly(close)
    throw error
  }
}

function closeQuietly(close: () => void | Promise<void>): void {
  try {
    close()?.catch(() => {})
  } catch {
    // the error that ends the run says more
  }
}

/**
 * Whether the items of `map` or `starmap` are a collection, whose arrays exist before the run begins, and not made one
 * by one.
 */
export function areOfCollection(tasks: object): boolean {
  return tasks instanceof Calls && tasks.length < Infinity
}

/** Number of items of a collection; infinite for what has to be asked one by one. */
export function lengthOf(items: Iterable<unknown>): number {
  if (items instanceof Calls) return items.length
  const iterate: unknown = items[Symbol.iterator]
  // A class of its own may give other items than it counts.
  if (Array.isArray(items) && iterate === Array.prototype[Symbol.iterator]) return items.length
  if (items instanceof Set && iterate === Set.prototype[Symbol.iterator]) return items.size
  if (items instanceof Map && iterate === Map.prototype[Symbol.iterator]) return items.size
  if (ArrayBuffer.isView(items) && iterate === Int8Array.prototype[Symbol.iterator])
    return (items as Int8Array).length
  return Infinity
}
