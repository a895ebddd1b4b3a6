/** Opens and reads iterators that users have written. */

import { show } from '../../errors.ts'

/**
 * Opens a sync iterable.
 *
 * @throws TypeError when it gives no iterator
 */
export function openIterator<T>(items: Iterable<T>): Iterator<T> {
  return requireIterator(items[Symbol.iterator](), 'Symbol.iterator')
}

/**
 * Opens an async iterable.
 *
 * @throws TypeError when it gives no iterator
 */
export function openAsyncIterator<T>(items: AsyncIterable<T>): AsyncIterator<T> {
  return requireIterator(items[Symbol.asyncIterator](), 'Symbol.asyncIterator')
}

/**
 * Returns what `next()` gave when it is `{ done, value }`.
 *
 * @throws TypeError
 */
export function requireStep<T>(step: IteratorResult<T, unknown>): IteratorResult<T, unknown> {
  if (typeof step === 'object' && step !== null) return step
  throw new TypeError(
    `Expected next() of the input's iterator to give { done, value }, got ${show(step)}.`,
  )
}

function requireIterator<T extends { next: unknown }>(iterator: T, method: string): T {
  const isObject = typeof iterator === 'object' && iterator !== null
  if ((isObject || typeof iterator === 'function') && typeof iterator.next === 'function') {
    return iterator
  }
  throw new TypeError(
    `Expected [${method}]() of the input to give an iterator, an object with a method next(), got ${show(iterator)}.`,
  )
}
