/** The registry of classes whose instances can be saved and sent. */

import { OneCopyError, show } from '../errors.ts'
import { callback, isString, requireOptions, wholeNumber, type OptionTypes } from '../options.ts'

/**
 * How instances of a class become plain data, and come back.
 *
 * @typeParam T - the instances
 * @typeParam State - their plain data
 */
export interface ClassRegistration<T extends object = object, State = unknown> {
  /**
   * The name of the class in files and messages: letters, digits and `_`, in two or more parts with a dot between them. Begin it with a name of
   * your own, as in `'acme.Model'`; names of classes of onecopy begin with `onecopy.`. Never change it: files that were written before have it.
   */
  readonly name: string
  /** A whole number from 1. Raise it when `save` returns another form of state, and let `migrate` read the older ones. */
  readonly version: number
  /**
   * `import.meta.url` of the module that registers the class. A worker imports this module to get the class. Without it
   * instances can be saved, but not sent.
   */
  readonly module?: string | undefined
  /**
   * Returns what makes an instance up, as data: numbers, texts, arrays, lists, plain objects, maps, and instances of registered
   * classes. Arrays are not copied.
   */
  readonly save: (instance: T) => State
  /**
   * Makes an instance of what `save` returned. A file may come from anybody, so check the state here, above all numbers that are used as
   * positions.
   */
  readonly load: (state: State) => T
  /** Turns state of an older version into state of this one. Without it, files with older versions are refused. */
  readonly migrate?: ((state: unknown, fromVersion: number) => State) | undefined
}

/** A class and its registration. */
export interface RegisteredClass extends ClassRegistration {
  readonly Class: ClassOf<object>
}

/** A class; its constructor may be private. */
export interface ClassOf<T extends object> {
  readonly name: string
  readonly prototype: T
}

/**
 * Lets instances of a class be saved in model files, and sent to workers and back.
 * Call it once, in the module that exports the class. A module that is evaluated again replaces its class.
 *
 * @param Class - exactly this class; one that extends it needs a registration of its own
 * @param registration - the name of the class, and functions that save and load instances; kept
 * @throws TypeError for a wrong type; OneCopyError `ERR_OPTION` for a name or a version that is not allowed, a name that
 *   another class has, or a class that has another name
 *
 * @example
 * ```ts
 * export class Thermometer {
 *   readonly #offset: number
 *   constructor(offset: number) {
 *     this.#offset = offset
 *   }
 *   get offset() {
 *     return this.#offset
 *   }
 * }
 *
 * registerClass(Thermometer, {
 *   name: 'acme.Thermometer',
 *   version: 1,
 *   module: import.meta.url,
 *   save: (thermometer) => ({ offset: thermometer.offset }),
 *   load: ({ offset }) => new Thermometer(Number(offset)),
 * })
 * ```
 */
export function registerClass<T extends object, State>(
  Class: ClassOf<T>,
  registration: ClassRegistration<T, State>,
): void {
  const entry = requireRegistration(Class, registration)
  if (entry.name.startsWith(ownPrefix))
    throw refuseName(entry.name, `'${ownPrefix}' begins the names of classes of onecopy`)
  enter(entry)
}

/** {@link registerClass} for classes of onecopy, whose names begin with `onecopy.`. */
export function registerOwnClass<T extends object, State>(
  Class: ClassOf<T>,
  registration: ClassRegistration<T, State>,
): void {
  const entry = requireRegistration(Class, registration)
  if (!entry.name.startsWith(ownPrefix))
    throw refuseName(entry.name, `names of classes of onecopy begin with '${ownPrefix}'`)
  enter(entry)
}

/** The registration of the class of an instance; undefined when exactly its class is not registered. */
export function classOfInstance(instance: object): RegisteredClass | undefined {
  const prototype: unknown = Object.getPrototypeOf(instance)
  return prototype === null ? undefined : all.byPrototype.get(prototype as object)
}

/** The registration of a class; undefined when exactly this class is not registered. */
export function registrationOf(Class: ClassOf<object>): RegisteredClass | undefined {
  return all.byPrototype.get(Class.prototype)
}

/**
 * The registered class of a name; undefined when there is none. What another copy of onecopy has registered counts after what this one has.
 *
 * @param module - which one of another copy is meant; default: any
 */
export function classOfName(name: string, module?: string): RegisteredClass | undefined {
  const own = byName.get(name)
  if (own !== undefined) return own
  const others = all.byName.get(name)
  return module === undefined ? others?.values().next().value : others?.get(module)
}

/** Whether a name is one that a class can have. */
export function isClassName(name: unknown): name is string {
  return typeof name === 'string' && name.length <= longestName && nameForm.test(name)
}

/** What names of classes of onecopy begin with. */
export const ownPrefix = 'onecopy.'

const nameForm = /^[A-Za-z]\w*(\.[A-Za-z]\w*)+$/
const longestName = 200

/** By name, of this copy of onecopy. Names of classes of onecopy are known to their own copy only. */
const byName = new Map<string, RegisteredClass>()

/** What all copies of onecopy in a thread have registered. */
interface AllClasses {
  readonly byPrototype: WeakMap<object, RegisteredClass>
  /** Classes of programs, by name and then by module. */
  readonly byName: Map<string, Map<string | undefined, RegisteredClass>>
}

/** Kept where a second copy of this library finds it: a bundle may have one, while workers are of the installed package. */
const holder = globalThis as { [key: symbol]: AllClasses | undefined }
const all: AllClasses = (holder[Symbol.for('onecopy.classes')] ??= {
  byPrototype: new WeakMap(),
  byName: new Map(),
})

function enter(entry: RegisteredClass): void {
  const { Class, name, module } = entry
  const before = all.byPrototype.get(Class.prototype)
  if (before !== undefined && before.name !== name)
    throw refuseName(name, `class ${Class.name} is registered as '${before.name}' already`)
  const other = byName.get(name)
  if (other !== undefined && other.Class.prototype !== Class.prototype && !isNewer(entry, other))
    throw refuseName(name, `another class, ${other.Class.name}, has this name already`)
  all.byPrototype.set(Class.prototype, entry)
  byName.set(name, entry)
  if (name.startsWith(ownPrefix)) return
  const modules = all.byName.get(name) ?? new Map<string | undefined, RegisteredClass>()
  all.byName.set(name, modules.set(module, entry))
}

/** Whether a module was evaluated again, as after a change of its file while a development server runs. */
function isNewer({ Class, module }: RegisteredClass, before: RegisteredClass): boolean {
  return module !== undefined && module === before.module && Class.name === before.Class.name
}

/** The entry of a class. Its `save` and `load` meet only instances and states of this class. */
function requireRegistration(Class: unknown, given: unknown): RegisteredClass {
  if (typeof Class !== 'function' || typeof Class.prototype !== 'object')
    throw new TypeError(`Expected a class to register, got ${show(Class)}.`)
  const registration = given as ClassRegistration
  requireOptions('registerClass', registration, registrationTypes)
  for (const name of ['name', 'version', 'save', 'load'] as const)
    if (registration[name] === undefined)
      throw new TypeError(
        `Expected \`${name}\` in the registration of class ${Class.name}, got none.`,
      )
  if (isClassName(registration.name)) return { ...registration, Class }
  throw refuseName(
    registration.name,
    'expected parts of letters, digits and _ with dots between them',
  )
}

const registrationTypes: OptionTypes<ClassRegistration> = {
  name: [isString, 'a string'],
  version: wholeNumber(1, Number.MAX_SAFE_INTEGER),
  module: [
    (value) => isString(value) && URL.canParse(value as string),
    'a URL, such as import.meta.url',
  ],
  save: callback,
  load: callback,
  migrate: callback,
}

function refuseName(name: string, reason: string): OneCopyError {
  return new OneCopyError(
    'ERR_OPTION',
    `Can't register a class as ${show(name)}: ${reason}. Choose a name such as 'acme.Model'.`,
    { details: { name } },
  )
}
