/** The tasks of `map` and `starmap`: one call for each item. */

import { show } from '../errors.ts'
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
