/** Names the exports of Node's own modules. */

import { isBuiltin } from 'node:module'
import { isModuleNamespaceObject } from 'node:util/types'
import type { ModuleNode } from './bundle.ts'

/** By what was exported: the module, and the member of it. */
let exported = new Map<unknown, readonly [specifier: string, path: readonly string[]]>()
let modulesSeen = 0
/** Any file: whose `import` and `require` it is makes no difference. */
const anyFile = 'file:///builtins.js'

/**
 * Finds the module of Node's own that is `value`, or has it as a member, whoever imported it. Only modules that are
 * loaded are looked at; getters are left alone.
 */
export function builtinNode(value: object): ModuleNode | undefined {
  const { moduleLoadList } = process as { moduleLoadList?: readonly string[] }
  if (moduleLoadList !== undefined && moduleLoadList.length > modulesSeen) {
    modulesSeen = moduleLoadList.length
    exported = readExports(moduleLoadList)
  }
  const isImported = isModuleNamespaceObject(value)
  const found = exported.get(isImported ? (value as { default?: unknown }).default : value)
  if (found === undefined) return undefined
  const [specifier, path] = found
  if (isImported && path.length > 0) return undefined
  return { kind: 'module', by: isImported ? 'import' : 'require', specifier, path, from: anyFile }
}

function readExports(loaded: readonly string[]): typeof exported {
  const found: typeof exported = new Map()
  for (const entry of loaded) {
    const name = entry.replace(/^NativeModule /, '')
    if (name === entry || name.startsWith('internal/') || !isBuiltin(name)) continue
    const exports: unknown = process.getBuiltinModule(name)
    const specifier = `node:${name}`
    if (!found.has(exports)) found.set(exports, [specifier, []])
    for (const [member, { value }] of Object.entries(Object.getOwnPropertyDescriptors(exports)))
      if (typeof value === 'function' && !found.has(value)) found.set(value, [specifier, [member]])
  }
  return found
}
