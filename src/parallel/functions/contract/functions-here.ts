/** Remembers this thread's functions by their references. */

import { RecentMap } from '../../../recent-map.ts'
import type { FunctionReference } from './reference.ts'

const functions = new RecentMap<string, WeakRef<object>>(1000)

/** Notes that `reference` was found to name `fn`. */
export function rememberHere(reference: FunctionReference, fn: object): void {
  functions.set(keyOf(reference), new WeakRef(fn))
}

/** What {@link rememberHere} noted: it need not be imported. */
export function functionHere(reference: FunctionReference): object | undefined {
  return functions.get(keyOf(reference))?.deref()
}

function keyOf({ url, name }: FunctionReference): string {
  return `${name} ${url}`
}
