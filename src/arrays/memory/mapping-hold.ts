/** Keeps mappings alive without a buffer. */

import { native } from '../../native/index.ts'
import type { Mapping } from './mapping.ts'

/** Releases holds that were dropped without `release()`. */
const dropped = new FinalizationRegistry<number>((hold) => native.releaseHold(hold))

/** Keeps the mapping of an array. */
export function holdMapping({ id }: Mapping): MappingHold {
  // SAFETY: the object stands for a mapping that its own buffer keeps alive.
  return new MappingHold(native.holdMapping(id)!)
}

/**
 * Keeps the mapping of an array and its pages: if the array is disposed of meanwhile, they are freed with the last hold.
 *
 * @throws OneCopyError `ERR_DETACHED` when they were freed before
 */
export function holdPages({ id }: Mapping): MappingHold {
  return new MappingHold(native.holdPages(id))
}

/**
 * Runs `work` with the memory of arrays held: if one of them is disposed of meanwhile, its pages are freed when `work` is
 * over.
 *
 * @param arrays - any arrays; private memory and files need no hold
 * @throws OneCopyError `ERR_DETACHED` when an array was disposed of before
 */
export async function withPages<T>(
  arrays: readonly { readonly mapping: Mapping | undefined }[],
  work: () => Promise<T>,
): Promise<T> {
  const holds: MappingHold[] = []
  try {
    for (const { mapping } of arrays)
      if (mapping?.kind === 'scratch') holds.push(holdPages(mapping))
    return await work()
  } finally {
    for (const hold of holds) hold.release()
  }
}

/**
 * Keeps a mapping until `release()`, or until this object is collected. No buffer is needed for that, and `release()`
 * does not wait for the garbage collector.
 */
export class MappingHold {
  readonly #hold: number
  #isReleased = false

  /** @param hold - of the core's; owned by the new object */
  constructor(hold: number) {
    this.#hold = hold
    dropped.register(this, hold, this)
  }

  /** Ends the hold. Further calls do nothing. */
  release(): void {
    if (this.#isReleased) return
    this.#isReleased = true
    dropped.unregister(this)
    native.releaseHold(this.#hold)
  }
}
