/** Refuses memory that other threads and processes can't see. */

import { isSharedArrayBuffer } from 'node:util/types'
import { OneCopyError } from '../../errors.ts'
import type { NDArray } from './ndarray.ts'

/**
 * Returns the array when other workers can see writes to it.
 *
 * @param array - any array
 * @param called - what the error's text calls it
 * @throws OneCopyError `ERR_UNSENDABLE`; TypeError when it is no array
 */
export function requireShared<A extends NDArray>(array: A, called: string): A {
  const { mapping, buffer } = array
  const isSeen = mapping === undefined ? isSharedArrayBuffer(buffer) : mapping.mode === 'r+'
  if (isSeen) return array
  const found = mapping === undefined ? 'private memory' : "a copy-on-write mapping (mode 'c')"
  throw new OneCopyError(
    'ERR_UNSENDABLE',
    `Expected ${called} to lie in shared memory, got one in ${found}, where other workers can't see what is written. ` +
      "Create it with shared(shape, dtype), or open its file in mode 'r+'.",
  )
}
