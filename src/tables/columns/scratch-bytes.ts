/** Copies bytes into scratch memory without touching its pages. */

import { writeSync } from 'node:fs'
import type { NDArray } from '../../arrays/index.ts'
import { OneCopyError } from '../../errors.ts'

/**
 * Copies bytes to the memory of an array. Scratch memory is written to through its descriptor: that
 * takes half the time of the page faults that a store to fresh memory causes, and full memory is an
 * error here and not the end of the process.
 *
 * @param array - any array; the bytes go to the buffer that it lies in
 * @param position - first byte in that buffer
 * @param bytes - what to copy
 * @throws OneCopyError `ERR_MEMORY` when the system has no room
 */
export function writeBytes(array: NDArray, position: number, bytes: Uint8Array): void {
  const { mapping } = array
  if (process.platform !== 'linux' || mapping?.kind !== 'scratch') {
    new Uint8Array(array.buffer).set(bytes, position)
    return
  }
  // Small arrays share a file, in which each begins somewhere else.
  const first = mapping.start + position
  for (let done = 0; done < bytes.length;)
    done += attempt(() => writeSync(mapping.fd, bytes, done, bytes.length - done, first + done))
}

function attempt(write: () => number): number {
  try {
    return write()
  } catch (cause) {
    throw new OneCopyError(
      'ERR_MEMORY',
      `Not enough memory for the columns of the table: ${(cause as Error).message}.`,
      { cause },
    )
  }
}
