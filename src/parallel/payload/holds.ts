/** What must live until a message has served its purpose. */

import { NDArray } from '../../arrays/index.ts'

/** Something that is in use until it is released; without that until it is collected. */
export interface Hold {
  /** Ends the use; more often than once does no harm. */
  release(): void
}

/** What a message refers to: arrays, which live by being reachable, and other things. */
export type Held = NDArray | Hold

/** Ends the use of all that a message refers to: it was received, or will never be. */
export function releaseAll(held: readonly Held[]): void {
  for (const each of held) if (!(each instanceof NDArray)) each.release()
}
