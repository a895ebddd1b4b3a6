/** Finds the module from which a worker can import a function. */

import { show } from '../../../errors.ts'
import { findInCommonJs } from './common-js.ts'
import { exportAt } from './exports.ts'
import { isEntry } from './entry.ts'
import { isProgram } from './files-that-start-runs.ts'
import { hasInspector, locate, type Place } from '../scopes/inspector.ts'
import { originalPlace } from '../contract/original-place.ts'
import type { FunctionReference } from '../contract/reference.ts'
import { originOf } from '../contract/origins.ts'
import { rememberHere } from '../contract/functions-here.ts'
import { refuse, spotText } from '../contract/refusals.ts'

const described = new WeakMap<object, FunctionReference>()

/**
 * Finds by which module and export name any thread or process can import `fn`. Nothing is imported to
 * find out, and the answer is remembered as long as the function lives: the first call costs some
 * 30 ms, the next functions about 1 ms each.
 *
 * @param fn - an exported function or class of a module (ES module, CommonJS or Node's own)
 * @returns its reference, for `reviveFunction`
 * @throws TypeError when `fn` is not a function
 * @throws OneCopyError `ERR_FUNCTION` when no module exports it, or only a program does; the text says which
 *   function, where it is, and what to do
 */
export function describeFunction(fn: object): FunctionReference {
  if (typeof fn !== 'function') throw new TypeError(`Expected a function, got ${show(fn)}.`)
  const place = described.has(fn) ? undefined : locate(fn)
  const reference = findReference(fn, place)
  if (reference === undefined) throw refuse({ name: fn.name }, explain(place, isClass(fn)))
  return reference
}

/** {@link describeFunction}, or undefined when a worker can't import `fn`, or would run the program again by it. */
export function findReference(fn: object, place: Place | undefined): FunctionReference | undefined {
  const reference = described.get(fn) ?? lookUp(fn, place)
  if (reference === undefined || isProgram(reference.url)) return undefined
  described.set(fn, reference)
  rememberHere(reference, fn)
  return reference
}

/** The URL of the program that exports `fn`, so that a worker must not import it; undefined of an entry file. */
export function programOf(fn: object, place: Place | undefined): string | undefined {
  const url = lookUp(fn, place)?.url
  return url !== undefined && isProgram(url) && !isEntry(url) ? url : undefined
}

function lookUp(fn: object, place: Place | undefined): FunctionReference | undefined {
  const origin = originOf(fn)
  if (origin?.kind === 'export') {
    const { kind: _, ...reference } = origin
    return reference
  }
  if (place?.isBound === true) return undefined
  const url = place?.script.url
  if (url?.startsWith('node:') === true) return findBuiltin(fn, url)
  if (place?.script.isModule === true && url?.startsWith('file:') === true) {
    const name = exportAt(place.script.source, place.line, place.column)
    // A search of all CommonJS modules would be dear for each closure, and hardly one exports what an ES module made.
    return name === undefined ? undefined : { url, name }
  }
  return findInCommonJs(fn, url)
}

function findBuiltin(fn: object, url: string): FunctionReference | undefined {
  const exports = Object.entries(process.getBuiltinModule(url) ?? {})
  const name = exports.find(([, value]) => value === fn)?.[0]
  return name === undefined ? undefined : { url, name }
}

function isClass(fn: object): boolean {
  return /^class\b/.test(Function.prototype.toString.call(fn))
}

/** @param isOfClass - whether a class was asked for, which `task` can't name and no function can stand in for */
function explain(place: Place | undefined, isOfClass: boolean): string {
  if (place === undefined || place.isBound) {
    return hasInspector() || place?.isBound === true
      ? 'is a bound or native function: it has no source that a worker could import. Wrap it in an exported function.'
      : "can't be located, since node:inspector is not available here (Node's --permission forbids it). Name it by task(import.meta.url, 'name')."
  }
  const { script, line, column } = place
  const spot = spotText(originalPlace(script.url, line, column))
  return isEntry(script.url)
    ? `(${spot}) is in the program's entry file, which a worker can't import because that would run the program again. ` +
        `Export it from a module of its own.${isOfClass ? '' : guardAdvice}`
    : isProgram(script.url)
      ? `(${spot}) is in a file that starts a run when it is evaluated, so a worker that imports it would run the program again. Move it to a module that starts no runs.`
      : `(${spot}) is not exported by its module, so a worker can't import it. Export it there under its own name${isOfClass ? '' : ', or call an exported function that does the work'}.`
}

const guardAdvice =
  " Or guard the program's work with `if (process.argv[1] === import.meta.filename)` and name the function with task(import.meta.url, 'name')."
