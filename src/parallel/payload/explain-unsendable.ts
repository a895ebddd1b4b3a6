/** Says why a value can't be sent, and what to send instead. */

import { isNamespace } from '../../objects/internal.ts'

/** The reason and the way out, as the end of an error's text. */
export function explainUnsendable(value: unknown): string {
  if (typeof value === 'function')
    return 'a function can be sent to workers, but not back. Call it inside the task, and return its result.'
  if (typeof value === 'symbol')
    return "a symbol can't be sent to another thread or process. Send a string."
  const object = value as object
  return explainOwn(object) ?? `its class would be lost. ${registrationAdvice(object)}`
}

/** The way out for objects of the language's and Node's own; undefined for all others. */
export function explainOwn(object: object): string | undefined {
  if (object instanceof Promise) return "a promise can't be sent. Await it, and send its value."
  if (object instanceof WeakMap || object instanceof WeakSet || object instanceof WeakRef)
    return "a weak collection can't be sent. Send a Map or a Set."
  if (isIterator(object)) return explainIterator(object)
  if (Object.getPrototypeOf(object) === Object.prototype && isNamespace(object))
    return 'its functions would be lost. Use the global object of that name inside the task.'
  if (object instanceof AbortSignal || object instanceof AbortController)
    return "it can't be sent. Pass the signal as an option of the run, `{ signal }`, and call taskSignal() inside the task."
  if (object instanceof URL)
    return 'its methods would be lost. Send its `href`, and make the instance where it is used, by `new URL(href)`.'
  return undefined
}

/** How an instance is sent whose fields are not all of its state. */
export function registrationAdvice(instance: object): string {
  const Class: unknown = (instance as { constructor?: unknown }).constructor
  const name = typeof Class === 'function' ? Class.name : ''
  if (name === '' || name === 'Object') return 'Send a plain object.'
  return (
    `Send a plain object, or register the class in the module that exports it: ` +
    `registerClass(${name}, { name: 'acme.${name}', version: 1, module: import.meta.url, save: (one) => ({ … }), load: (state) => new ${name}(…) })`
  )
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
  return isIterable && typeof (value as { next?: unknown }).next === 'function'
}
