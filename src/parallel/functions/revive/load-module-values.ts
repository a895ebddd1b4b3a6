/** Loads the module values that a received function refers to. */

import { createRequire } from 'node:module'
import { isOneCopyError, OneCopyError, show } from '../../../errors.ts'
import { limitBehind } from '../../../system-limits.ts'
import type { FunctionNode, MadeNode, ModuleNode, SourceNode } from '../contract/bundle.ts'
import { importForTask } from '../names/task-imports.ts'
import { importerOf } from './dynamic-import.ts'
import { takeGlobal } from '../contract/globals.ts'
import { rememberOrigin } from '../contract/origins.ts'
import type { FunctionReference } from '../contract/reference.ts'

/**
 * Gets the value of a node that is no source.
 *
 * @param importFunction - imports an exported function
 * @throws OneCopyError `ERR_FUNCTION` when its module can't be loaded
 */
export async function loadNode(
  node: Exclude<FunctionNode, SourceNode | MadeNode>,
  importFunction: (reference: FunctionReference) => Promise<unknown>,
): Promise<unknown> {
  const value = await takeValue(node, importFunction)
  rememberOrigin(value, node)
  return value
}

function takeValue(
  node: Exclude<FunctionNode, SourceNode | MadeNode>,
  importFunction: (reference: FunctionReference) => Promise<unknown>,
): unknown {
  switch (node.kind) {
    case 'export':
      return importFunction(node)
    case 'global':
      return takeGlobal(node.path)
    case 'require':
      return createRequire(node.from)
    default:
      return loadModule(node)
  }
}

/** Loads as the module at `from` would, whatever loaders are installed. */
async function loadModule(node: ModuleNode): Promise<unknown> {
  const { specifier, from, by, path, attributes } = node
  try {
    if (by === 'import') {
      const name = /^\.{0,2}\//.test(specifier) ? new URL(specifier, from).href : specifier
      const module = await importForTask(name, () => importerOf(from)(specifier, attributes))
      return takeMembers(module, path)
    }
    const exports: unknown = createRequire(from)(specifier)
    return takeMembers(by === 'require' ? exports : asNamespace(exports), path)
  } catch (cause) {
    if (isOneCopyError(cause)) throw cause
    const reason =
      cause instanceof Error ? `${cause.name}: ${cause.message.split('\n')[0]}` : show(cause)
    const limit = limitBehind(cause)
    const advice = limit === undefined ? '' : ` The reason is that ${limit.join('. ')}`
    throw new OneCopyError(
      'ERR_FUNCTION',
      `A worker could not load '${specifier}' for ${from}: ${reason.replace(/\.$/, '')}.${advice}`,
      { cause, details: { specifier, from } },
    )
  }
}

/** What compilers make of a CommonJS module that was written to be imported. */
function asNamespace(exports: unknown): unknown {
  if (typeof exports !== 'object' && typeof exports !== 'function') return { default: exports }
  if (exports === null || '__esModule' in exports) return exports
  return Object.create(exports, { default: { value: exports, enumerable: true } })
}

function takeMembers(value: unknown, path: readonly string[]): unknown {
  return path.reduce((holder, name) => (holder as Record<string, unknown>)[name], value)
}
