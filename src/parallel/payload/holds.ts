/** What a message refers to, kept until it is received or dropped. */

import { NDArray } from '../../arrays/index.ts'

/** Something that is in use until it is released or collected. */
export interface Hold {
  /** Ends the use. Further calls do nothing. */
  release(): void
}

/** What a message refers to: arrays, which only need to stay reachable, and other holds. */
export type Held = NDArray | Hold

/** Releases everything that a message refers to, when it was received or never will be. */
export function releaseAll(held: readonly Held[]): void {
  for (const each of held) if (!(each instanceof NDArray)) each.release()
}
