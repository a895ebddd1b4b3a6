/** Decides whether the fields of an instance are all of its state. */

import { isOneCopyError } from '../../../errors.ts'
import { registrationAdvice } from '../../payload/explain-unsendable.ts'
import { Unsendable } from '../../payload/unsendable.ts'
import { builtinNode } from '../contract/builtins.ts'
import { receivedId } from '../contract/class-ids.ts'
import { globalNode } from '../contract/globals.ts'
import { locate } from '../scopes/inspector.ts'
import { privateMember } from '../scopes/private-state.ts'

/** Of a class of JavaScript or Node.js itself. */
const builtin = 'is built in'

/** By class: why its own part of an instance is more than fields, or null. */
const known = new WeakMap<object, string | null>()

/**
 * The class of an instance, if an object with the same prototype and the same fields is as good as the instance: none of
 * its classes has private members, or is one of the language's or Node's own.
 *
 * @throws Unsendable otherwise
 */
export function requireDataClass(instance: object): object {
  let first: object | undefined
  let prototype = Object.getPrototypeOf(instance) as object | null
  while (prototype !== null && !isRoot(prototype)) {
    const Class = classOf(prototype)
    if (Class === undefined)
      throw new Unsendable(
        instance,
        'its prototype, which is not that of a class, would be lost. Send a plain object, or make it by a class.',
      )
    const reason = reasonOf(Class)
    if (reason === builtin)
      throw new Unsendable(
        instance,
        first === undefined
          ? 'its class is one of JavaScript or Node.js itself, and its state is more than fields. Make it inside the task.'
          : `it extends ${nameOf(Class)}, whose state is more than fields and would be lost. ${registrationAdvice(instance)}`,
      )
    if (reason !== null)
      throw new Unsendable(
        instance,
        `${nameOf(Class)} ${reason}, which would be lost. ${registrationAdvice(instance)}`,
      )
    first ??= Class
    prototype = Object.getPrototypeOf(prototype) as object | null
  }
  if (first !== undefined) return first
  throw new Unsendable(instance, 'its prototype would be lost. Send a plain object.')
}

/** Whether a prototype is that of plain objects, of any context. */
function isRoot(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf')
}

/** The class whose instances have a prototype. */
function classOf(prototype: object): object | undefined {
  const Class: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value
  return typeof Class === 'function' && Class.prototype === prototype ? Class : undefined
}

function reasonOf(Class: object): string | null {
  let reason = known.get(Class)
  if (reason === undefined) known.set(Class, (reason = findReason(Class)))
  return reason
}

function findReason(Class: object): string | null {
  if (isBuiltin(Class)) return builtin
  try {
    const member = privateMember(Function.prototype.toString.call(Class))
    return member === undefined ? null : `has the private member \`${member}\``
  } catch (error) {
    if (isOneCopyError(error)) throw error // there is no parser
    return `may have private members, as it can't be parsed (${(error as Error).message})`
  }
}

function isBuiltin(Class: object): boolean {
  if (/\{\s*\[native code\]\s*\}\s*$/.test(Function.prototype.toString.call(Class))) return true
  // Its source came from the program; to look where it stands takes long, as each such class is a script of its own.
  if (receivedId(Class) !== undefined) return false
  const place = locate(Class)
  if (place !== undefined) return place.script.url.startsWith('node:')
  return globalNode(Class) !== undefined || builtinNode(Class) !== undefined
}

function nameOf(Class: object): string {
  const name: unknown = 'name' in Class ? Class.name : ''
  return typeof name === 'string' && name !== '' ? `class ${name}` : 'its class'
}
