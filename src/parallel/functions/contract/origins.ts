/** Remembers which values of this worker came from references. */

import type { FunctionNode } from './bundle.ts'

const origins = new WeakMap<object, FunctionNode>()

/** Notes how a function, module or object was had, so that a closure made here can take it along. */
export function rememberOrigin(value: unknown, node: FunctionNode): void {
  if ((typeof value === 'object' && value !== null) || typeof value === 'function')
    origins.set(value, node)
}

/** What {@link rememberOrigin} noted. */
export function originOf(value: object): FunctionNode | undefined {
  return origins.get(value)
}
