/** Finds the classes of the instances in a result. */

import { OneCopyError, show } from '../../../errors.ts'
import { classOfName } from '../../../objects/internal.ts'
import type { ClassLookup } from '../../payload/decode-instances.ts'
import type { SentClass, SentExportedClass } from '../../payload/sent-class.ts'
import { classOfId } from '../contract/class-ids.ts'
import { functionHere, rememberHere } from '../contract/functions-here.ts'
import { findScript } from '../scopes/inspector.ts'
import { reviveFunction } from './revive.ts'

/**
 * Finds classes that a worker has named. Only those that this thread has already count: a worker can't make the program
 * load a module.
 *
 * @param classes - what came; anything may be in it
 * @returns how to look one up, which throws `ERR_UNSENDABLE` for one that is not known; a promise when a module has to
 *   be asked for its export
 */
export function findResultClasses(classes: unknown): ClassLookup | Promise<ClassLookup> {
  if (!Array.isArray(classes)) return (of) => throwUnknown(of)
  const found = (classes as SentClass[]).map(findClass)
  if (!found.some((one) => one instanceof Promise)) return lookUp(found as Found[])
  return Promise.all(found.map(async (one) => one)).then(lookUp)
}

/** A class, or why there is none. */
type Found = { readonly Class: object } | { readonly error: OneCopyError }

function lookUp(found: readonly Found[]): ClassLookup {
  return (of) => {
    const one = found[of]
    if (one === undefined) return throwUnknown(of)
    if ('error' in one) throw one.error
    return one.Class
  }
}

function throwUnknown(of: unknown): never {
  throw refuse(`a class with the number ${show(of)}, which the result does not list`)
}

function findClass(sent: SentClass): Found | Promise<Found> {
  const kind: unknown = (sent as { kind?: unknown } | null)?.kind
  if (kind === 'registered') return findRegistered(sent as never)
  if (kind === 'made') return findMade(sent as never)
  if (kind === 'exported') return findExported(sent as SentExportedClass)
  return { error: refuse(`an unknown kind of class, ${show(kind)}`) }
}

function findRegistered({ name, module }: { name: unknown; module: unknown }): Found {
  const url = typeof module === 'string' ? module : undefined
  const registered =
    typeof name === 'string' ? (classOfName(name, url) ?? classOfName(name)) : undefined
  if (registered !== undefined) return { Class: registered }
  const where = url === undefined ? '' : ` (${url})`
  return {
    error: refuse(
      `an instance of the class ${show(name)}, which nothing in the program has registered. Import the module that registers it${where} before the run`,
    ),
  }
}

function findMade({ id }: { id: unknown }): Found {
  const Class = typeof id === 'number' ? classOfId(id) : undefined
  return Class === undefined
    ? {
        error: refuse(
          'an instance of a class that the program has not sent, or does not have any more',
        ),
      }
    : { Class }
}

function findExported(sent: SentExportedClass): Found | Promise<Found> {
  const { url, name } = sent
  if (typeof url !== 'string' || typeof name !== 'string')
    return { error: refuse('an instance of a class without a name') }
  const reference = { url, name, ...(sent.isCommonJs === true && { isCommonJs: true as const }) }
  const here = functionHere(reference)
  if (here !== undefined) return { Class: here }
  if (findScript(url) === undefined)
    return {
      error: refuse(
        `an instance of the class \`${name}\` of ${url}, which the program has not imported. Import it before the run`,
      ),
    }
  return reviveFunction(reference).then(
    (Class) => {
      rememberHere(reference, Class)
      return { Class }
    },
    (cause: unknown) => ({
      error: refuse(
        `an instance of the class \`${name}\` of ${url}, which does not export it`,
        cause,
      ),
    }),
  )
}

function refuse(what: string, cause?: unknown): OneCopyError {
  return new OneCopyError(
    'ERR_UNSENDABLE',
    `Expected the result to be data that the program can receive, got ${what}.`,
    cause === undefined ? {} : { cause },
  )
}
