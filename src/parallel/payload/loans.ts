/** Private memory lent to workers as one scratch copy. */

import { type NDArray, SharedCopies } from '../../arrays/index.ts'

/** The scratch copies of one buffer. */
interface Loan {
  copies: SharedCopies
  fingerprint: number
  /** Byte ranges known to be equal to the buffer's, by run. */
  checked: WeakMap<object, Set<string>>
}

/** How many words of a buffer its fingerprint reads. */
const samples = 64

/**
 * The scratch copies of a pool. A buffer is copied at its first use, only where it is used, and the copy
 * lives as long as the buffer. A later run compares what it uses once, and takes a new copy of what
 * has changed. Within a run an array must stay as it is; that the same buffer is filled again between two
 * tasks is still noticed, by samples.
 */
export class Loans {
  readonly #loans = new WeakMap<ArrayBufferLike, Loan>()

  /**
   * The array in scratch memory, for tasks of `run`: a view of its buffer's copy.
   *
   * @throws OneCopyError `ERR_MEMORY` when there is no room for the copy
   */
  lend(array: NDArray, run: object): NDArray {
    const fingerprint = takeFingerprint(array.buffer)
    let loan = this.#loans.get(array.buffer)
    if (loan === undefined || loan.fingerprint !== fingerprint) {
      loan = { copies: new SharedCopies(), fingerprint, checked: new WeakMap() }
      this.#loans.set(array.buffer, loan)
    }
    const lent = loan.copies.share(array)
    const [start, stop] = bytesOf(array)
    const checked = loan.checked.get(run) ?? new Set()
    loan.checked.set(run, checked)
    if (checked.has(`${start}-${stop}`)) return lent
    checked.add(`${start}-${stop}`)
    if (areEqual(array.buffer, lent.buffer, [start, stop])) return lent
    loan.copies = new SharedCopies()
    loan.checked = new WeakMap([[run, checked]])
    return loan.copies.share(array)
  }
}

/** The bytes between the first and the last element. */
function bytesOf({
  shape,
  strides,
  offset,
  data,
}: NDArray): readonly [start: number, stop: number] {
  const size = data.BYTES_PER_ELEMENT
  const reaches = shape.map((length, axis) => (length - 1) * strides[axis]!)
  const below = reaches.reduce((sum, reach) => sum + Math.min(0, reach), 0)
  const above = reaches.reduce((sum, reach) => sum + Math.max(0, reach), 0)
  return [(offset + below) * size, (offset + above + 1) * size]
}

function areEqual(
  a: ArrayBufferLike,
  b: ArrayBufferLike,
  [start, stop]: readonly [number, number],
): boolean {
  const length = stop - start
  return Buffer.compare(new Uint8Array(a, start, length), new Uint8Array(b, start, length)) === 0
}

/** A hash of words that lie evenly over the buffer, the last included. */
function takeFingerprint(buffer: ArrayBufferLike): number {
  const words = new Uint32Array(buffer, 0, buffer.byteLength >>> 2)
  const step = Math.max(1, Math.floor(words.length / samples))
  let hash = 0
  for (let i = words.length - 1; i >= 0; i -= step) hash = (Math.imul(hash, 31) + words[i]!) | 0
  return hash
}
