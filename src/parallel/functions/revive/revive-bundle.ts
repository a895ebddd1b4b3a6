/** Creates a function that was sent as source. */

import type { FunctionBundle } from '../contract/bundle.ts'
import { Factory } from './factory.ts'
import { loadNode } from './load-module-values.ts'
import type { Callable, FunctionReference } from '../contract/reference.ts'

/**
 * Loads what a function needs of modules, and makes it.
 *
 * @param importFunction - imports an exported function
 * @throws OneCopyError `ERR_FUNCTION` when a module can't be loaded
 */
export async function reviveBundle(
  { nodes }: FunctionBundle,
  importFunction: (reference: FunctionReference) => Promise<Callable>,
): Promise<Callable> {
  const loaded = await Promise.all(
    nodes.map(async (node) =>
      node.kind === 'source' ? undefined : loadNode(node, importFunction),
    ),
  )
  return new Factory(nodes, loaded).make(0) as Callable
}
