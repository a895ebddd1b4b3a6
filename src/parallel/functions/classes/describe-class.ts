/** Says by what a worker finds the class of an instance. */

import { ownPrefix, type RegisteredClass } from '../../../objects/internal.ts'
import { packageFile, packageModule } from '../../../package-file.ts'
import type { SentClass } from '../../payload/sent-class.ts'
import { Unsendable } from '../../payload/unsendable.ts'
import { idOfClass } from '../contract/class-ids.ts'
import { isProgram, noteProgram } from '../names/files-that-start-runs.ts'
import { findReference } from '../names/find-importing-module.ts'
import type { RunStart } from '../names/run-start.ts'
import { locate } from '../scopes/inspector.ts'
import { requireDataClass } from './data-class.ts'

/** Says it for the arguments of one run. */
export class ArgumentClasses {
  readonly #start: RunStart | undefined
  /** By prototype. */
  readonly #known = new WeakMap<object, SentClass>()

  /** @param start - the stack of the run, where that may show what a worker must not import */
  constructor(start: RunStart | undefined) {
    this.#start = start
  }

  /**
   * The class of an instance. One that no module exports goes as source, with the function of its task.
   *
   * @param made - takes such a class
   * @throws Unsendable when a worker can't have the class
   */
  describe(
    instance: object,
    registered: RegisteredClass | undefined,
    made: Set<object>,
  ): SentClass {
    const prototype = Object.getPrototypeOf(instance) as { readonly constructor: object }
    let sent = this.#known.get(prototype)
    if (sent === undefined) {
      sent =
        registered === undefined ? this.#find(instance) : describeRegistered(instance, registered)
      this.#known.set(prototype, sent)
    }
    if (sent.kind === 'made') made.add(prototype.constructor)
    return sent
  }

  #find(instance: object): SentClass {
    const Class = requireDataClass(instance)
    const place = locate(Class)
    if (place !== undefined && this.#start !== undefined) noteProgram(this.#start, place.script)
    const reference = findReference(Class, place)
    return reference === undefined
      ? { kind: 'made', id: idOfClass(Class) }
      : { kind: 'exported', ...reference }
  }
}

function describeRegistered(instance: object, registered: RegisteredClass): SentClass {
  const { name } = registered
  return { kind: 'registered', name, module: requireModule(instance, registered) }
}

/**
 * The URL of the module that registers a class.
 *
 * @throws Unsendable when there is none that a worker can import
 */
export function requireModule(instance: object, { name, module, Class }: RegisteredClass): string {
  // A bundle of a program has a copy of our classes; workers are of the installed package.
  if (name.startsWith(ownPrefix) && module?.startsWith(packageFile('').href) !== true)
    return packageModule('learn/index').href
  if (module === undefined)
    throw new Unsendable(
      instance,
      `class ${Class.name} is registered as ${name} without its module, which a worker has to import. Add module: import.meta.url to the registration.`,
    )
  if (isProgram(module))
    throw new Unsendable(
      instance,
      `class ${Class.name} is registered as ${name} in a file that starts the program, and a worker that imports it would run the program again. Move the class and its registration to a module of their own.`,
    )
  return module
}
