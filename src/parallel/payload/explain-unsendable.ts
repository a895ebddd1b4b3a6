/** Says why a value can't be sent, and what to send instead. */

import { isDate, isRegExp, isTypedArray } from 'node:util/types'
import { isNamespace } from '../../objects/internal.ts'

/** The reason and the way out, as the end of an error's text. */
export function explainUnsendable(value: unknown): string {
  if (typeof value === 'function')
    return 'a function can be sent to workers, but not back. Call it inside the task, and return its result.'
  if (typeof value === 'symbol')
    return "a symbol can't be sent to another thread or process. Send a string."
  if (value instanceof Promise) return "a promise can't be sent. Await it, and send its value."
  if (value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef)
    return "a weak collection can't be sent. Send a Map or a Set."
  const object = value as object
  if (isIterator(object)) return explainIterator(object)
  if (Object.getPrototypeOf(object) === Object.prototype && isNamespace(object))
    return 'its functions would be lost. Use the global object of that name inside the task.'
  const way = knownWay(object)
  if (way !== undefined) return way
  const made = constructionOf(object)
  if (Array.isArray(value) || isTypedArray(value) || isDate(value) || isRegExp(value))
    return `its class would be lost. Send what it was made of, and make the instance where it is used${made && `, by ${made}`}.`
  if (hasMethods(object, ['getParams', 'setParams']))
    return `its methods would be lost. Send its getParams() and what learnedState() returns for it, and make it again where it is used: restore(${made.replaceAll('`', '').replace('…', 'params')}, state).`
  return `its methods would be lost. Send its data as a plain object, and make the instance where it is used${made && `, by ${made}`}.`
}

/** The way out for objects that hold no plain data, or that are not to be made anew. */
function knownWay(object: object): string | undefined {
  if (object instanceof AbortSignal || object instanceof AbortController)
    return "it can't be sent. Pass the signal as an option of the run, `{ signal }`, and call taskSignal() inside the task."
  if (object instanceof URL)
    return 'its methods would be lost. Send its `href`, and make the instance where it is used, by `new URL(href)`.'
  // Tables are made above this module.
  if ('columns' in object && hasMethods(object, ['column', 'has', 'row']))
    return "its methods would be lost. Send the values of the columns that the task needs, `table.column('a').values`, which are not copied; of texts, these are codes of `table.column('a').categories`."
  if ('kind' in object && 'values' in object && hasMethods(object, ['isMissing', 'missingMask']))
    return 'its methods would be lost. Send its `values`, which are not copied; of texts, these are codes of its `categories`.'
  return undefined
}

function explainIterator(value: object): string {
  const [kind, list] =
    Symbol.asyncIterator in value
      ? ['an async generator', 'await Array.fromAsync(generator)']
      : ['a generator', '[...generator]']
  return `${kind} can't be sent. Send a list of its values, \`${list}\`, or make a task of each part.`
}

/** Generators, and iterators of collections. */
function isIterator(value: object): boolean {
  const isIterable = Symbol.iterator in value || Symbol.asyncIterator in value
  return isIterable && hasMethods(value, ['next'])
}

function hasMethods(value: object, names: readonly string[]): boolean {
  return names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function')
}

/** `` `new Point(…)` ``; empty where the class has no name. */
function constructionOf(value: object): string {
  const Class: unknown = (value as { constructor?: unknown }).constructor
  const name = typeof Class === 'function' ? Class.name : ''
  return name === '' || name === 'Object' ? '' : `\`new ${name}(…)\``
}
