/** Finds a function among the exports of loaded CommonJS modules. */

import { fileURLToPath, pathToFileURL } from 'node:url'
import { requireFromHere } from '../../../package-file.ts'
import type { FunctionReference } from '../contract/reference.ts'

const { cache } = requireFromHere

/** Jest has a registry of its own in place of Node's, of modules that it has transformed in this process only. */
const isNodes =
  (process.getBuiltinModule('node:module') as unknown as { _cache: unknown })._cache === cache

/** Whether a worker that requires a loaded module gets the same. */
export function isRequirable(path: string): boolean {
  return isNodes || path.includes('/node_modules/')
}

/**
 * Looks `fn` up by identity: first in the module that wrote it, then in all, since a package may export
 * from its index what another file defines. Getters are left alone.
 *
 * @param fn - the function or class
 * @param url - where its source stands, when that is known
 */
export function findInCommonJs(fn: object, url?: string): FunctionReference | undefined {
  const home = url?.startsWith('file:') === true ? cache[fileURLToPath(url)] : undefined
  for (const module of home ? [home, ...Object.values(cache)] : Object.values(cache)) {
    if (module?.loaded !== true || !isRequirable(module.filename)) continue
    const name = nameIn(module.exports, fn)
    if (name !== undefined)
      return { url: pathToFileURL(module.filename).href, name, isCommonJs: true }
  }
  return undefined
}

function nameIn(exports: unknown, fn: object): string | undefined {
  if (exports === fn) return 'default'
  if (typeof exports !== 'object' || exports === null) return undefined
  return Object.entries(Object.getOwnPropertyDescriptors(exports)).find(
    ([, { value }]) => value === fn,
  )?.[0]
}
