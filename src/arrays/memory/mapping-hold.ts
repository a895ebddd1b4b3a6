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
