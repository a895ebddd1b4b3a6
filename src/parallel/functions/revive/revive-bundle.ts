/** Creates a function that was sent as source. */

import type { FunctionBundle } from '../contract/bundle.ts'
import { rememberReceived } from '../contract/class-ids.ts'
import { Factory } from './factory.ts'
import { loadNode } from './load-module-values.ts'
import type { Callable, FunctionReference } from '../contract/reference.ts'

/** A function, and classes that came with it, by the numbers that their sender knows them by. */
export interface Revived {
  readonly fn: Callable
  readonly classes?: ReadonlyMap<number, object>
}

/**
 * Loads what a function needs of modules, and makes it.
 *
 * @param importFunction - imports an exported function
 * @throws OneCopyError `ERR_FUNCTION` when a module can't be loaded
 */
export async function reviveBundle(
  { nodes, classes }: FunctionBundle,
  importFunction: (reference: FunctionReference) => Promise<Callable>,
): Promise<Revived> {
  const loaded = await Promise.all(
    nodes.map(async (node) => {
      if (node.kind === 'source') return undefined
      return node.kind === 'made' ? importFunction(node.maker) : loadNode(node, importFunction)
    }),
  )
  const factory = new Factory(nodes, loaded)
  const fn = factory.make(0) as Callable
  if (classes.length === 0) return { fn }
  const made = new Map<number, object>()
  for (const [id, node] of classes) {
    const Class = factory.make(node) as object
    rememberReceived(Class, id)
    made.set(id, Class)
  }
  return { fn, classes: made }
}
