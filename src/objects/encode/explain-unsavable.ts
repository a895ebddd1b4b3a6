/** Says why a value can't be saved, and what to do. */

import { isBoxedPrimitive, isTypedArray } from 'node:util/types'
import { awaitAdvice } from '../../errors.ts'
import { isNamespace } from '../values/namespaces.ts'
import { isPlainList, isSparse } from '../values/lists.ts'
import { isPlainObject } from '../values/builtin-classes.ts'

/** The reason and the way out, as the end of an error's text. */
export function explainUnsavable(value: unknown): string {
  if (typeof value === 'function' && 'greaterIsBetter' in value)
    return "a scorer of your own is a function, not data. Set one by its name before you save, as by setParams({ scorer: 'rmse' }); scores that were found stay."
  if (typeof value === 'function')
    return 'a function is not data. Leave it out, or name it by a text and look it up where it is used.'
  if (typeof value === 'symbol') return 'a symbol is not data. Use a text.'
  const object = value as object
  const known = explainBuiltin(object)
  if (known !== undefined) return known
  if (isIterator(object))
    return 'what it gives is not there yet. Use a list of its values, `[...iterator]`.'
  return explainClass(object)
}

function explainBuiltin(object: object): string | undefined {
  if (awaitAdvice(object) !== '') return 'a promise is not data. Await it, and use its value.'
  if (object instanceof WeakMap || object instanceof WeakSet || object instanceof WeakRef)
    return "what a weak collection holds can't be listed. Use a Map or a Set."
  if (isPlainObject(object) && isNamespace(object)) return 'it holds functions, not data.'
  if (object instanceof URL) return 'its class is not known to files. Use its `href`.'
  if (object instanceof SharedArrayBuffer)
    return 'only its views can be saved. Use `new Uint8Array(buffer)`.'
  if (isBoxedPrimitive(object)) return 'it is an object around a value. Use its `valueOf()`.'
  if (Array.isArray(object) && isPlainList(object) && isSparse(object))
    return 'most of its items are missing. Use a Map from indices to items.'
  return undefined
}

/** Generators, and iterators of collections. */
function isIterator(value: object): boolean {
  const isIterable = Symbol.iterator in value || Symbol.asyncIterator in value
  return isIterable && typeof (value as { next?: unknown }).next === 'function'
}

function explainClass(object: object): string {
  const Class: unknown = (object as { constructor?: unknown }).constructor
  const name = typeof Class === 'function' ? Class.name : ''
  if (name === '' || name === 'Object')
    return 'its class has no name, so that files could not name it. Use a plain object.'
  const isData = Array.isArray(object) || isTypedArray(object)
  const start = isData ? 'its class would be lost. ' : ''
  return (
    `${start}class ${name} is not registered. Call this in the module that exports it, with a name of your own: ` +
    `registerClass(${name}, { name: 'acme.${name}', version: 1, module: import.meta.url, ` +
    `save: (one) => ({ … }), load: (state) => new ${name}(…) })`
  )
}
