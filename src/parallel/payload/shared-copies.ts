/** Private memory of arguments, copied once into shared memory. */

import type { ArrayReference, NDArray } from '../../arrays/index.ts'
import { type ByteRange, ByteRanges, bytesOf, Snapshot } from '../../arrays/internal.ts'
import type { Hold } from './holds.ts'

/** What a task gets for a private array: a reference to its copy, and a hold until it no longer needs it. */
export interface SharedCopy {
  readonly reference: ArrayReference
  readonly hold: Hold
}

/** A copy of a buffer. */
interface Copy {
  readonly snapshot: Snapshot
  /** Number of tasks that use it now. */
  holds: number
  /** Ranges found equal to the buffer, for each moment. */
  readonly checked: WeakMap<object, ByteRanges>
}

/** What is known of one buffer. */
interface Known {
  /** Undefined when it was given up. */
  copy: Copy | undefined
  /** How often it was shared. */
  uses: number
}

/** Total size of idle copies that were used once; the last one is kept whatever its size. */
const mostIdleBytes = 64 * 2 ** 20

/**
 * The copies that a pool has made of private buffers. A buffer is copied at its first use, and only the parts that are used.
 * All its views, in all tasks and runs, share the copy until the buffer is collected or the pool is closed. A task never
 * gets old values: whenever the caller may have written to a buffer, the parts in use are compared with the copy, at
 * about 10 GB/s, and a buffer that differs is copied again.
 *
 * Idle copies of arrays that were used once are freed to make room for later ones.
 */
export class SharedCopies {
  readonly #known = new WeakMap<ArrayBufferLike, Known>()
  /** Idle copies that were used once, longest idle first. */
  readonly #idle = new Map<Known, Copy>()
  #idleBytes = 0
  /** All copies. They are remembered weakly, so that they are collected with their buffers. */
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

  /** Frees all copies. The workers that could open them must have ended. */
  close(): void {
    for (const ref of this.#all) ref.deref()?.release()
    this.#all.clear()
    this.#idle.clear()
    this.#idleBytes = 0
  }

  /** The copy of a buffer, with the same values as the buffer in the copied parts of `range`. */
  #update(
    known: Known,
    buffer: ArrayBufferLike,
    { range, moment }: { range: ByteRange; moment: object },
  ): Copy {
    if (known.copy !== undefined) {
      const { snapshot } = known.copy
      // A resizable buffer may have grown since.
      const isWithin = range[1] <= snapshot.byteLength
      const unchecked = isWithin ? checkedFor(known.copy, moment).add(range) : []
      if (isWithin && unchecked.every((part) => snapshot.isCurrent(buffer, part))) return known.copy
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
