/** Makes instances of classes. */

import { OneCopyError, show } from '../../errors.ts'
import { classOfInstance, type RegisteredClass } from '../../objects/internal.ts'

/** What a number in a placeholder stands for: a class, or its registration. Throws when it stands for nothing. */
export type ClassLookup = (of: number) => unknown

/**
 * An instance without its fields. No constructor runs.
 *
 * @throws OneCopyError `ERR_UNSENDABLE` when `Class` is no class
 */
export function createInstance(Class: unknown): object {
  const prototype: unknown = typeof Class === 'function' ? Class.prototype : undefined
  if (typeof prototype === 'object' && prototype !== null) return Object.create(prototype) as object
  throw new OneCopyError(
    'ERR_UNSENDABLE',
    `Expected the class of a received instance, got ${show(Class)}.`,
  )
}

/**
 * An instance of a registered class, of what its `save` returned.
 *
 * @throws OneCopyError `ERR_UNSENDABLE` when `load` refuses the state
 */
export function loadInstance(registered: unknown, state: unknown, version: unknown): object {
  if (!isRegistered(registered))
    throw new OneCopyError(
      'ERR_UNSENDABLE',
      `Expected a registered class of a received instance, got ${show(registered)}.`,
    )
  const { load, migrate } = registered
  if (version !== registered.version && (migrate === undefined || !isOlder(version, registered)))
    throw refuse(
      registered,
      `expected version ${registered.version}, got ${show(version)}. The program and its workers must have the same version of the module that registers it.`,
    )
  try {
    const instance = load(
      version === registered.version ? state : migrate!(state, version as number),
    )
    if (typeof instance === 'object' && classOfInstance(instance) === registered) return instance
    throw new TypeError(`expected its \`load\` to return an instance, got ${show(instance)}.`)
  } catch (cause) {
    throw refuse(registered, cause instanceof Error ? cause.message : show(cause), cause)
  }
}

function refuse({ name, Class }: RegisteredClass, reason: string, cause?: unknown): OneCopyError {
  return new OneCopyError(
    'ERR_UNSENDABLE',
    `A received instance of ${name} (class ${Class.name}) can't be made: ${reason}`,
    { ...(cause !== undefined && { cause }), details: { name } },
  )
}

function isOlder(version: unknown, registered: RegisteredClass): boolean {
  return (
    Number.isInteger(version) &&
    (version as number) >= 1 &&
    (version as number) < registered.version
  )
}

function isRegistered(value: unknown): value is RegisteredClass {
  return typeof value === 'object' && value !== null && 'load' in value && 'Class' in value
}
