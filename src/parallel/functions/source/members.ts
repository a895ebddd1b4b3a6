/** Reads members that a program has added to a function or class. */

import { refuse, type Traveller } from '../contract/refusals.ts'
import { type Source, spotIn } from './source.ts'

/** Members that a program has set. */
type Members = Readonly<Record<string, unknown>>

/**
 * Reads the enumerable members of a function or class (static fields are among them), and of its prototype,
 * where functions before classes have their methods.
 *
 * @throws OneCopyError `ERR_FUNCTION` for a constructor that inherits without being a class
 */
export function readMembers(
  fn: object,
  source: Source,
  traveller: Traveller,
): { members: Members | undefined; prototype: Members | undefined } {
  const prototype = prototypeOf(fn)
  if (prototype !== undefined && source.facts.kind === 'function' && !source.facts.isGenerator) {
    if (Object.getPrototypeOf(prototype) !== Object.prototype) {
      throw refuse(
        traveller,
        `at ${spotIn(source, 0)} inherits through its prototype, which would be lost. Write it as a class that extends another, or export it from a module.`,
      )
    }
  }
  return { members: readOwn(fn), prototype: prototype && readOwn(prototype) }
}

/** Whether there is something to read. */
export function hasMembers(fn: object): boolean {
  return Object.keys(fn).length > 0 || Object.keys(prototypeOf(fn) ?? {}).length > 0
}

function prototypeOf(fn: object): object | undefined {
  const prototype: unknown = 'prototype' in fn ? fn.prototype : undefined
  return typeof prototype === 'object' && prototype !== null ? prototype : undefined
}

function readOwn(holder: object): Members | undefined {
  const own = Object.entries(Object.getOwnPropertyDescriptors(holder)).flatMap(
    ([name, { enumerable, value }]): [string, unknown][] =>
      enumerable === true && name !== 'constructor' ? [[name, value]] : [],
  )
  return own.length === 0 ? undefined : Object.fromEntries(own)
}
