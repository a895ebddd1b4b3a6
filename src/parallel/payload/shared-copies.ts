/** Private memory lent to workers as one scratch copy. */

import { type ArrayReference, itemSize, NDArray } from '../../arrays/index.ts'
import {
  type ByteRange,
  ByteRanges,
  bytesOf,
  holdsBytesOf,
  Snapshot,
  typedArrayMaker,
} from '../../arrays/internal.ts'
import type { Held, Hold } from './holds.ts'

/** What a task gets of a private array: a reference to its copy, and a hold on that for as long as it needs it. */
export interface Lent {
  readonly reference: ArrayReference
  readonly hold: Hold
}

/** The copy of one buffer. */
interface Copy {
  readonly snapshot: Snapshot
  /** Tasks that have it now. */
  holds: number
  /** What was compared with the buffer and found equal, by the moment for which that holds. */
  readonly checked: WeakMap<object, ByteRanges>
}

/** What is known of one buffer. */
interface Loan {
  /** Undefined when it was given up. */
  copy: Copy | undefined
  /** How often it was lent. */
  uses: number
}

/** Copies that were lent once and are back are remembered up to this size together, and the last one in any case. */
const mostIdleBytes = 64 * 2 ** 20

/**
 * The scratch copies of a pool. A buffer is copied at its first use, only where it is used, and the copy is
 * remembered as long as the buffer lives: all its views, in all tasks and runs, share it. What a task
 * gets is never out of date: whenever the caller may have written to a buffer, what is used of it is
 * compared with the copy, at some 10 GB/s, and what differs is copied anew.
 *
 * Many arrays that are used once each don't pile up: idle copies of theirs make room for later ones.
 */
export class Loans {
  readonly #loans = new WeakMap<ArrayBufferLike, Loan>()
  /** Loans that were lent once and are back; from the one idle longest. */
  readonly #idle = new Map<Loan, Copy>()
  #idleBytes = 0

  /**
   * Lends the memory of an array to a task.
   *
   * @param moment - the same object while the caller can't have written to its arrays: a task, or a whole
   *   run whose tasks were all made before it
   * @throws OneCopyError `ERR_MEMORY` when there is no room for a copy
   */
  lend(array: NDArray, moment: object): Lent {
    const { buffer } = array
    const range = bytesOf(array)
    let loan = this.#loans.get(buffer)
    if (loan === undefined) this.#loans.set(buffer, (loan = { copy: undefined, uses: 0 }))
    const copy = this.#update(loan, buffer, { range, moment })
    copy.snapshot.copy(buffer, range)
    loan.uses++
    const reference = copy.snapshot.refer(array, loan.uses === 1 ? 'lent once' : 'lent')
    return { reference, hold: this.#hold(loan, copy, buffer) }
  }

  /** The copy of a buffer, equal to it in what was copied of `range`. */
  #update(
    loan: Loan,
    buffer: ArrayBufferLike,
    { range, moment }: { range: ByteRange; moment: object },
  ): Copy {
    if (loan.copy !== undefined) {
      const { snapshot } = loan.copy
      const unchecked = checkedFor(loan.copy, moment).add(range)
      if (unchecked.every((part) => snapshot.isCurrent(buffer, part))) return loan.copy
      this.#giveUp(loan)
    }
    const copy = { snapshot: new Snapshot(buffer), holds: 0, checked: new WeakMap() }
    checkedFor(copy, moment).add(range)
    loan.copy = copy
    return copy
  }

  #hold(loan: Loan, copy: Copy, buffer: ArrayBufferLike): Hold {
    copy.holds++
    this.#wake(loan)
    let isOver = false
    const release = (): void => {
      if (isOver) return
      isOver = true
      if (--copy.holds > 0) return
      if (loan.copy !== copy) copy.snapshot.release()
      else if (loan.uses === 1) this.#rest(loan, copy)
    }
    return { release, lent: { buffer, identity: copy.snapshot.identity } }
  }

  #rest(loan: Loan, copy: Copy): void {
    this.#idle.set(loan, copy)
    this.#idleBytes += copy.snapshot.byteLength
    for (const oldest of this.#idle.keys()) {
      if (this.#idleBytes <= mostIdleBytes || this.#idle.size === 1) return
      this.#giveUp(oldest)
    }
  }

  #wake(loan: Loan): void {
    const copy = this.#idle.get(loan)
    if (copy === undefined) return
    this.#idle.delete(loan)
    this.#idleBytes -= copy.snapshot.byteLength
  }

  #giveUp(loan: Loan): void {
    this.#wake(loan)
    const { copy } = loan
    loan.copy = undefined
    if (copy?.holds === 0) copy.snapshot.release()
  }
}

function checkedFor({ checked }: Copy, moment: object): ByteRanges {
  let ranges = checked.get(moment)
  if (ranges === undefined) checked.set(moment, (ranges = new ByteRanges()))
  return ranges
}

/**
 * The array on the caller's own memory that a result is a view of.
 *
 * @param reference - from a result, received in this thread
 * @param lent - what its task was lent
 * @returns undefined when it is a view of something else, or when the memory has been written to since
 */
export function findHome(reference: ArrayReference, lent: readonly Held[]): NDArray | undefined {
  const { dtype, shape, strides, offset, mapping, given } = reference
  if (!given || lent.length === 0) return undefined
  for (const held of lent) {
    if (held instanceof NDArray || held.lent?.identity !== mapping.identity) continue
    const { buffer } = held.lent
    if (!holdsBytesOf(reference, buffer)) return undefined
    const length = Math.floor(buffer.byteLength / itemSize(dtype))
    const data = new (typedArrayMaker(dtype))(buffer, 0, length)
    return new NDArray(shape, dtype, data, { strides, offset })
  }
  return undefined
}
