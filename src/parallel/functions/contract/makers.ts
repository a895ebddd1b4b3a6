/** Remembers functions that this library makes of others. */

import type { FunctionReference } from './reference.ts'

/** How a function is made again in another thread or process. */
export interface Made {
  /** The exported function that makes it. */
  readonly maker: FunctionReference
  /** What the maker is called with: data, and functions that travel as any others. Asked for at each run. */
  readonly parts: () => readonly unknown[]
  /** Says by which text what it computes can be told from what others do; equal in every process. */
  readonly identity: () => string
}

const all = new WeakMap<object, Made>()

/** Has `fn` travel by its maker and parts, not by its source. */
export function rememberMaker(fn: object, made: Made): void {
  all.set(fn, made)
}

/** What {@link rememberMaker} noted. */
export function makerOf(fn: object): Made | undefined {
  return all.get(fn)
}
