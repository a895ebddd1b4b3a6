/** Reads the state of instances of classes. */

import { isProxy } from 'node:util/types'
import { show } from '../../errors.ts'
import type { RegisteredClass } from '../../objects/internal.ts'
import { registrationAdvice } from './explain-unsendable.ts'
import { placeOf, Unsendable } from './unsendable.ts'

/**
 * The names of the fields of an instance whose class is not registered. They are all of its state.
 *
 * @throws Unsendable when it has state that is no field, or a field that is no data
 */
export function fieldsOf(instance: object): readonly string[] {
  if (isProxy(instance))
    throw new Unsendable(instance, "a proxy can't be sent. Send a plain object.")
  const names = Object.keys(instance)
  const keys = Reflect.ownKeys(instance)
  if (keys.length > names.length) throw refuseHidden(instance, keys)
  for (const name of names) {
    if (!('value' in Object.getOwnPropertyDescriptor(instance, name)!))
      throw new Unsendable(
        instance,
        `its member \`${name}\` is an accessor, which has no value of its own. ${registrationAdvice(instance)}`,
      )
  }
  return names
}

function refuseHidden(instance: object, keys: readonly (string | symbol)[]): Unsendable {
  const key = keys.find(
    (one) => !Object.prototype.propertyIsEnumerable.call(instance, one) || typeof one === 'symbol',
  )!
  const what =
    typeof key === 'symbol'
      ? `its member \`[${String(key)}]\` has a symbol for its name`
      : `its member \`${key}\` is not enumerable`
  return new Unsendable(
    instance,
    `${what}, so that it would be lost. ${registrationAdvice(instance)}`,
  )
}

/**
 * What makes up an instance of a registered class.
 *
 * @throws Unsendable when the `save` of its class throws
 */
export function saveState(instance: object, { name, save }: RegisteredClass): unknown {
  try {
    return save(instance)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : show(cause)
    throw new Unsendable(instance, `the \`save\` of ${name} threw an error: ${reason}`, { cause })
  }
}

/** The refusal of an instance for something in the state that its class's `save` returned. */
export function refuseState(
  instance: object,
  { name }: RegisteredClass,
  state: unknown,
  error: Unsendable,
): Unsendable {
  const place = placeOf(state, error)
  const what = show(error.culprit)
  return new Unsendable(
    instance,
    `the \`save\` of ${name} returned ${what}${place && ` at \`${place}\``}: ${error.message}`,
    { cause: error.cause },
  )
}
