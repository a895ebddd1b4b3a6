/** Shared memory whose owner disposes of it. */

import { shared } from '../../src/arrays/index.ts'
import { dtypeOf } from '../../src/arrays/internal.ts'
import type { Movable } from '../native/moved-buffers.ts'

/** Puts a copy of `source` into shared memory whose owner disposes of it. */
export function disposable<T extends NodeJS.TypedArray>(source: T): Movable<T> {
  const owner = shared([source.length], dtypeOf(source))
  const data = owner.data as T
  data.set(source as never)
  return { array: data, ways: { dispose: () => owner[Symbol.dispose]() } }
}
