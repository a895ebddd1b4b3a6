/** Private memory of arguments, copied once into shared memory. */

import type { ArrayReference, NDArray } from '../../arrays/index.ts'
import { type ByteRange, ByteRanges, bytesOf, Snapshot } from '../../arrays/internal.ts'
import type { Hold } from './holds.ts'

/** What a task gets of a private array: a reference to its copy, and a hold on that for as long as it needs it. */
export interface SharedCopy {
  readonly reference: ArrayReference
  readonly hold: Hold
}

/** A copy of a buffer, which tasks may have. */
interface Copy {
  readonly snapshot: Snapshot
  /** Tasks that have it now. */
  holds: number
  /** What was compared with the buffer and found equal, by the moment for which that holds. */
  readonly checked: WeakMap<object, ByteRanges>
}

/** What is known of one buffer. */
interface Known {
  /** Undefined when it was given up. */
  copy: Copy | undefined
  /** How often it was shared. */
  uses: number
}

/** Idle copies that were used once are remembered up to this size together, and the last one in any case. */
const mostIdleBytes = 64 * 2 ** 20

/**
 * The copies that a pool has made of private buffers. A buffer is copied at its first use, only where it is used,
 * and the copy is remembered as long as the buffer lives, or until the pool is closed: all its views, in all tasks and
 * runs, share it. What a task gets is never out of date: whenever the caller may have written to a buffer, what
 * is used of it is compared with the copy, at some 10 GB/s, and what differs is copied anew.
 *
 * Many arrays that are used once each don't pile up: their idle copies make room for later ones.
 */
export class SharedCopies {
  readonly #known = new WeakMap<ArrayBufferLike, Known>()
  /** Copies that were used once and are idle; from the one idle longest. */
  readonly #idle = new Map<Known, Copy>()
  #idleBytes = 0
  /** All copies that may live. Their buffers, and with them the copies, can be collected all the same. */
  readonly #all = new Set<WeakRef<Snapshot>>()
  readonly #collected = new FinalizationRegistry<WeakRef<Snapshot>>((ref) => this.#all.delete(ref))

  /**
   * Shares the memory of an array with a task.
   *
   * @param moment - the same object while the caller can't have written to its arrays: a task, or a whole
   *   run whose tasks were all made before it
   * @throws OneCopyError `ERR_MEMORY` when there is no room for a copy
   */
  share(array: NDArray, moment: object): SharedCopy {
    const { buffer } = array
    const range = bytesOf(array)
    let known = this.#known.get(buffer)
    if (known === undefined) this.#known.set(buffer, (known = { copy: undefined, uses: 0 }))
    const copy = this.#update(known, buffer, { range, moment })
    copy.snapshot.copy(buffer, range)
    known.uses++
    const reference = copy.snapshot.refer(array, known.uses === 1 ? 'shared once' : 'shared')
    return { reference, hold: this.#hold(known, copy) }
  }

  /** Ends the use of all copies here. Nobody else may open one any more. */
  close(): void {
    for (const ref of this.#all) ref.deref()?.release()
    this.#all.clear()
    this.#idle.clear()
    this.#idleBytes = 0
  }

  /** The copy of a buffer, equal to it in what was copied of `range`. */
  #update(
    known: Known,
    buffer: ArrayBufferLike,
    { range, moment }: { range: ByteRange; moment: object },
  ): Copy {
    if (known.copy !== undefined) {
      const { snapshot } = known.copy
      const unchecked = checkedFor(known.copy, moment).add(range)
      if (unchecked.every((part) => snapshot.isCurrent(buffer, part))) return known.copy
      this.#giveUp(known)
    }
    const copy = { snapshot: this.#remember(buffer), holds: 0, checked: new WeakMap() }
    checkedFor(copy, moment).add(range)
    known.copy = copy
    return copy
  }

  #remember(buffer: ArrayBufferLike): Snapshot {
    const snapshot = new Snapshot(buffer)
    const ref = new WeakRef(snapshot)
    this.#all.add(ref)
    this.#collected.register(snapshot, ref)
    return snapshot
  }

  #hold(known: Known, copy: Copy): Hold {
    copy.holds++
    this.#wake(known)
    let isOver = false
    const release = (): void => {
      if (isOver) return
      isOver = true
      if (--copy.holds > 0) return
      if (known.copy !== copy) copy.snapshot.release()
      else if (known.uses === 1) this.#rest(known, copy)
    }
    return { release }
  }

  #rest(known: Known, copy: Copy): void {
    this.#idle.set(known, copy)
    this.#idleBytes += copy.snapshot.byteLength
    for (const oldest of this.#idle.keys()) {
      if (this.#idleBytes <= mostIdleBytes || this.#idle.size === 1) return
      this.#giveUp(oldest)
    }
  }

  #wake(known: Known): void {
    const copy = this.#idle.get(known)
    if (copy === undefined) return
    this.#idle.delete(known)
    this.#idleBytes -= copy.snapshot.byteLength
  }

  #giveUp(known: Known): void {
    this.#wake(known)
    const { copy } = known
    known.copy = undefined
    if (copy?.holds === 0) copy.snapshot.release()
  }
}

function checkedFor({ checked }: Copy, moment: object): ByteRanges {
  let ranges = checked.get(moment)
  if (ranges === undefined) checked.set(moment, (ranges = new ByteRanges()))
  return ranges
}
