/** Says how a worker can get hold of a function. */

import { basename } from 'node:path'
import { OneCopyError, show } from '../../errors.ts'
import { findInCommonJs } from './common-js.ts'
import { entryUrl } from './entry.ts'
import { exportAt } from './exports.ts'
import { locate, type Location } from './locate.ts'
import type { FunctionReference } from './reference.ts'

const described = new WeakMap<object, FunctionReference>()

/**
 * Finds by which module and export name any thread or process can import `fn`. Nothing is imported to
 * find out, and the answer is remembered as long as the function lives: the first call costs some
 * 30 ms, the next functions about 1 ms each.
 *
 * @param fn - an exported function or class of a module (ES module, CommonJS or Node's own)
 * @returns its reference, to be called with `reviveFunction`
 * @throws TypeError when `fn` is not a function
 * @throws OneCopyError `ERR_FUNCTION` when no module but the entry file exports it; the text says
 *   which function, where it stands, and the way out
 */
export function describeFunction(fn: object): FunctionReference {
  const known = described.get(fn)
  if (known !== undefined) return known
  if (typeof fn !== 'function') throw new TypeError(`Expected a function, got ${show(fn)}.`)
  const location = locate(fn)
  const reference = findReference(fn, location)
  if (reference === undefined || reference.url === entryUrl) throw refusal(fn, location)
  described.set(fn, reference)
  return reference
}

function findReference(fn: object, location: Location | undefined): FunctionReference | undefined {
  if (location?.url.startsWith('node:') === true) return findBuiltin(fn, location.url)
  if (location?.url.startsWith('file:') === true) {
    const name = exportAt(location.source, location.line, location.column)
    if (name !== undefined) return { url: location.url, name }
  }
  return findInCommonJs(fn, location?.url)
}

function findBuiltin(fn: object, url: string): FunctionReference | undefined {
  const exports = Object.entries(process.getBuiltinModule(url) ?? {})
  const name = exports.find(([, value]) => value === fn)?.[0]
  return name === undefined ? undefined : { url, name }
}

function refusal(fn: object, location: Location | undefined): OneCopyError {
  const name = 'name' in fn && typeof fn.name === 'string' && fn.name !== '' ? fn.name : undefined
  const called = name === undefined ? 'An anonymous function' : `\`${name}\``
  const details = { name, url: location?.url, line: location && location.line + 1 }
  return new OneCopyError('ERR_FUNCTION', explain(fn, called, location), { details })
}

function explain(fn: object, called: string, location: Location | undefined): string {
  if (location === undefined) {
    const native = /\{\s*\[native code\]\s*\}\s*$/.test(Function.prototype.toString.call(fn))
    return native
      ? `${called} is a bound or native function: it has no source that a worker could import. Wrap it in an exported function.`
      : `${called} can't be located, since node:inspector is not available here (Node's --permission forbids it). Name it by task(import.meta.url, 'name').`
  }
  const place = `${called} (${basename(location.url) || 'evaluated code'}:${location.line + 1})`
  return location.url === entryUrl
    ? `${place} stands in the program's entry file, which a worker can't import: that would run the program again. ` +
        "Export it from a module of its own. Or guard what the program does by `if (process.argv[1] === import.meta.filename)` and name the function by task(import.meta.url, 'name')."
    : `${place} is not exported by its module, so that a worker can't import it. Export it there under its own name, or call an exported function that does the work.`
}
