/** Saves arrays as .npy files, whole or not at all. */

import { OneCopyError } from '../../errors.ts'
import { requireKnown } from '../../options.ts'
import { writeWhole } from '../../pending-file.ts'
import { elementBlocks } from '../layout/element-blocks.ts'
import { isAttached, requireAttached } from '../layout/elements.ts'
import { isCContiguous, isFContiguous } from '../layout/layout.ts'
import { arrayHint } from '../layout/numpy-names.ts'
import { withPages } from '../memory/mapping-hold.ts'
import { PendingArrayFile } from '../memory/pending-array-file.ts'
import type { NDArray } from '../ndarray/ndarray.ts'
import { requireArray } from '../ndarray/require-array.ts'
import { formatNpyHeader } from './npy.ts'
import { formatDescr } from './npy-dtype.ts'
import { requirePath } from '../memory/path.ts'

/**
 * Saves an array as a .npy file, byte for byte as NumPy does. The file appears whole or not at all. An existing file is
 * replaced; processes that have it open keep the old one.
 *
 * @param path - where the file appears
 * @param array - any array or view; one in Fortran order is written so
 * @param options - `signal` stops the writing and leaves nothing behind
 * @throws OneCopyError `ERR_FILE` when it can't be written, `ERR_DETACHED` when the memory of `array` is
 * moved away or shrunk before all of it is written
 */
export async function saveArray(
  path: string,
  array: NDArray,
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  requirePath(path)
  requireKnown('saveArray', options, saveNames, arrayHint(saveNames))
  requireAttached(requireArray(array, '`array`'))
  await withPages([array], () => writeArray(path, array, options.signal))
}

const saveNames = { signal: true }

async function writeArray(
  path: string,
  array: NDArray,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { dtype, shape } = array
  const fortranOrder = isFContiguous(array) && !isCContiguous(array)
  const header = formatNpyHeader({ descr: formatDescr(dtype), fortranOrder, shape })
  await writeWhole(new PendingArrayFile(path), async (file) => {
    await file.write(header)
    if (!isAttached(array)) throw lostMemory(path)
    let elements = 0
    for (const block of elementBlocks(fortranOrder ? array.transpose() : array)) {
      signal?.throwIfAborted()
      await file.write(block)
      elements += block.length
      if (!isAttached(array)) break
    }
    if (elements < array.size) throw lostMemory(path)
  })
}

function lostMemory(path: string): OneCopyError {
  return new OneCopyError(
    'ERR_DETACHED',
    `The memory of the array was transferred or shrunk before it was saved, so ${path} was not changed. ` +
      'Await saveArray() before you transfer or resize the buffer.',
    { details: { path } },
  )
}
