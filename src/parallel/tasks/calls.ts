/** The tasks of `map` and `starmap`: one call for each item. */

import { show } from '../../errors.ts'
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
    if (Symbol.asyncIterator in items) return callEachLater(items, call)
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

  *[Symbol.iterator](): Generator<Task<R>> {
    for (const item of this.#items) yield this.#call(item)
  }
}

/** Number of items of a collection; infinite for what has to be asked one by one. */
export function lengthOf(items: Iterable<unknown>): number {
  if (Array.isArray(items) || items instanceof Calls) return items.length
  if (items instanceof Set || items instanceof Map) return items.size
  if (ArrayBuffer.isView(items) && 'length' in items) return items.length as number
  return Infinity
}

async function* callEachLater<T, R>(
  items: AsyncIterable<T>,
  call: (item: T) => Task<R>,
): AsyncGenerator<Task<R>> {
  for await (const item of items) yield call(item)
}
