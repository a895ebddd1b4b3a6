/** Decides whether a captured value is an import of a module. */

import { createRequire, isBuiltin } from 'node:module'
import { isModuleNamespaceObject } from 'node:util/types'
import { limitBehind } from '../../../system-limits.ts'
import type { ModuleNode } from '../contract/bundle.ts'
import type { ModuleBinding } from '../scopes/script-facts.ts'
import { isRequirable } from './common-js.ts'
import { isProgram } from './files-that-start-runs.ts'

/**
 * The reference by which a worker gets a captured value from its module.
 *
 * @param binding - what the script says of the variable
 * @param from - URL of the script
 * @returns undefined when the variable holds something else by now, or its module is a program, which no worker
 *   may import
 */
export function moduleNode(
  value: unknown,
  binding: ModuleBinding,
  from: string,
): ModuleNode | undefined {
  const isRight =
    binding.by === 'import' ? isImported(value, binding, from) : isRequired(value, binding, from)
  return isRight ? { kind: 'module', from, ...binding } : undefined
}

function isImported(value: unknown, { specifier, path }: ModuleBinding, from: string): boolean {
  if (/^\.{0,2}\//.test(specifier) && isProgram(new URL(specifier, from).href)) return false
  return path.length > 0 || isModuleNamespaceObject(value)
}

/** Nothing is loaded to find out: a module that gave the value is loaded. */
function isRequired(value: unknown, { specifier, path, by }: ModuleBinding, from: string): boolean {
  try {
    const exports = loadedModule(specifier, from)
    if (by === 'require') return path.reduce(takeMember, exports) === value
    return path.length > 0 || value === exports || takeMember(value, 'default') === exports
  } catch (error) {
    if (limitBehind(error) !== undefined) throw error // nobody knows then
    return false
  }
}

function loadedModule(specifier: string, from: string): unknown {
  if (isBuiltin(specifier)) return process.getBuiltinModule(specifier)
  const require = createRequire(from)
  const path = require.resolve(specifier)
  const module = require.cache[path]
  if (module === undefined || isProgram(path) || !isRequirable(path)) throw new Error('not loaded')
  return module.exports
}

function takeMember(value: unknown, name: string): unknown {
  return (value as Record<string, unknown>)[name]
}
