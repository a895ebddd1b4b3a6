/** Recognizes objects that represent modules. */

import { isModuleNamespaceObject } from 'node:util/types'

/** Whether an object is a module, or what a compiler, bundler or test runner has in place of one. */
export function isModuleLike(value: object): boolean {
  return (
    isModuleNamespaceObject(value) ||
    '__esModule' in value ||
    (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] === 'Module'
  )
}
