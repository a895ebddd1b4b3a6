/** Checks learned values that come from outside. */

import { type DType, NDArray } from '../../arrays/index.ts'
import { requireAttached } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'

/** Requirements for an array of learned values. */
export interface ArrayRule {
  /** Default: any real dtype. */
  readonly dtype?: DType
  /** Length of each axis; undefined for any length. */
  readonly shape: Axes
  /** An alternative shape. */
  readonly orShape?: Axes
}

type Axes = readonly (number | undefined)[]

/**
 * The state that `restore` was given. Every method returns a value when it is one that the estimator can have
 * learned, and throws otherwise.
 *
 * @throws OneCopyError `ERR_FORMAT` naming the value, what was expected and what was given
 */
export class LearnedValues {
  readonly #owner: string
  readonly #state: Readonly<Record<string, unknown>>

  constructor(owner: string, state: Readonly<Record<string, unknown>>) {
    this.#owner = owner
    this.#state = state
  }

  /** Names of all values. */
  get names(): readonly string[] {
    return Object.keys(this.#state)
  }

  /** Whether there is a value of this name. */
  has(name: string): boolean {
    return Object.hasOwn(this.#state, name)
  }

  /** Finite numbers in a Float64Array. */
  floats(name: string, length?: number): Float64Array {
    const value = this.#get(name)
    const count = length === undefined ? 'finite numbers' : `${length} finite numbers`
    const fits = value instanceof Float64Array && (length ?? value.length) === value.length
    if (!fits) throw this.refuse(name, `a Float64Array of ${count}`)
    const wrong = value.findIndex((one) => !Number.isFinite(one))
    if (wrong === -1) return value
    throw this.refuse(name, `a Float64Array of ${count}`, `${value[wrong]} at position ${wrong}`)
  }

  /** Finite numbers or NaN in a Float64Array. */
  numbersOrMissing(name: string, length?: number): Float64Array {
    const value = this.#get(name)
    const fits = value instanceof Float64Array && (length ?? value.length) === value.length
    if (fits && !value.some((one) => Math.abs(one) === Infinity)) return value
    throw this.refuse(name, 'a Float64Array of finite numbers or NaN')
  }

  /** Whole numbers in an Int32Array, from `least` (default 0) up to, not including, `below`. */
  integers(name: string, below: number, least = 0): Int32Array {
    const value = this.#get(name)
    if (value instanceof Int32Array && findOutside(value, least, below) === -1) return value
    throw this.refuse(name, `an Int32Array of whole numbers from ${least} to ${below - 1}`)
  }

  /** A list of typed arrays of one kind; not empty. */
  arrayList<T extends Float64Array | Int32Array>(name: string, Kind: new () => T): readonly T[] {
    const value = this.#get(name)
    const fits = Array.isArray(value) && value.length > 0
    if (fits && value.every((one) => one instanceof Kind)) return value as T[]
    throw this.refuse(name, `a list of ${Kind.name}`)
  }

  /** A list of Float64Arrays, each with at least one number or NaN. */
  floatLists(name: string): readonly Float64Array[] {
    const lists = this.arrayList(name, Float64Array)
    const fits = lists.every(
      (list) => list.length > 0 && list.every((one) => Math.abs(one) !== Infinity),
    )
    if (fits) return lists
    throw this.refuse(name, 'a list of Float64Array with finite numbers or NaN')
  }

  /** A list, or numbers in a Float64Array. */
  list(name: string): readonly unknown[] | Float64Array {
    const value = this.#get(name)
    if (Array.isArray(value) || value instanceof Float64Array) return value as readonly unknown[]
    throw this.refuse(name, 'a list or a Float64Array')
  }

  /** An NDArray that still has its memory. */
  array(name: string, rule: ArrayRule): NDArray {
    return this.#arrayOf(name, this.#get(name), rule)
  }

  /** The numbers of an NDArray, each of them finite. */
  finiteArray(name: string, rule: Omit<ArrayRule, 'dtype'>): Float64Array {
    const array = this.array(name, { ...rule, dtype: 'float64' })
    const flat = array.toTypedArray() as Float64Array
    const wrong = flat.findIndex((value) => !Number.isFinite(value))
    if (wrong === -1) return flat
    throw this.refuse(name, 'an NDArray of finite numbers', `${flat[wrong]} at position ${wrong}`)
  }

  /** A list of NDArrays with so many axes, each with at least one number and all of them finite; not empty. */
  finiteArrays(name: string, axes: number): readonly NDArray<'float64'>[] {
    const value = this.#get(name)
    if (!Array.isArray(value) || value.length === 0) throw this.refuse(name, 'a list of NDArrays')
    for (const [i, one] of value.entries()) {
      const at = `${name}[${i}]`
      const shape = Array<undefined>(axes).fill(undefined)
      const flat = this.#arrayOf(at, one, {
        dtype: 'float64',
        shape,
      }).toTypedArray() as Float64Array
      const wrong = flat.findIndex((number) => !Number.isFinite(number))
      if (flat.length > 0 && wrong === -1) continue
      throw this.refuse(
        name,
        'NDArrays of finite numbers',
        flat.length === 0 ? 'none' : `${flat[wrong]}`,
      )
    }
    return value as readonly NDArray<'float64'>[]
  }

  /** All values, not checked. */
  get state(): Readonly<Record<string, unknown>> {
    return this.#state
  }

  /** The values of a record, to be checked by themselves. */
  within(name: string): LearnedValues {
    return new LearnedValues(`${name} of ${this.#owner}`, this.record(name))
  }

  /** The values of each record in a list of so many, or of any length. */
  records(name: string, length?: number): readonly LearnedValues[] {
    const list = Array.from<unknown>(this.list(name))
    const isRecord = (one: unknown): boolean =>
      typeof one === 'object' && one !== null && !ArrayBuffer.isView(one)
    if (!list.every(isRecord) || list.length !== (length ?? list.length))
      throw this.refuse(
        name,
        length === undefined ? 'a list of records' : `a list of ${length} records`,
      )
    return list.map(
      (one, i) =>
        new LearnedValues(`${name}[${i}] of ${this.#owner}`, one as Record<string, unknown>),
    )
  }

  /** A record whose entries are checked by {@link entry}. */
  record(name: string): Readonly<Record<string, unknown>> {
    const value = this.#get(name)
    if (typeof value !== 'object' || value === null) throw this.refuse(name, 'a record')
    return value as Readonly<Record<string, unknown>>
  }

  /** An NDArray in a record; null where `mayMiss`. */
  entry(name: string, key: string, rule: ArrayRule, mayMiss = false): NDArray | null {
    const record = this.record(name)
    const value = Object.hasOwn(record, key) ? record[key] : undefined
    return value === null && mayMiss ? null : this.#arrayOf(`${name}.${key}`, value, rule)
  }

  /** A number in [min, max]. */
  number(name: string, min: number, max = Infinity, integer = true): number {
    const value = this.#get(name)
    const fits = Number.isFinite(value) && (value as number) >= min && (value as number) <= max
    if (fits && (!integer || Number.isInteger(value))) return value as number
    const bound = max === Infinity ? `>= ${min}` : `from ${min} to ${max}`
    throw this.refuse(name, `a ${integer ? 'whole ' : ''}number ${bound}`)
  }

  /** A finite number. */
  finite(name: string): number {
    const value = this.#get(name)
    if (Number.isFinite(value)) return value as number
    throw this.refuse(name, 'a finite number')
  }

  /** Any number, NaN and infinity included. */
  anyNumber(name: string): number {
    const value = this.#get(name)
    if (typeof value === 'number') return value
    throw this.refuse(name, 'a number')
  }

  /** Texts in a list. */
  texts(name: string): readonly string[] {
    const list = this.list(name)
    if (isTexts(list)) return Array.from<unknown>(list) as string[]
    throw this.refuse(name, 'a list of texts')
  }

  /** Any text. */
  anyText(name: string): string {
    const value = this.#get(name)
    if (typeof value === 'string') return value
    throw this.refuse(name, 'a text')
  }

  /** Number of columns of `X`; more than any fit reads would keep loops over columns busy for minutes. */
  columnCount(name: string): number {
    return this.number(name, 1, mostColumns)
  }

  /** Column numbers in an Int32Array, each greater than the one before. */
  ascendingColumns(name: string, columns: number): Int32Array {
    const numbers = this.integers(name, columns)
    if (numbers.every((column, i) => i === 0 || column > numbers[i - 1]!)) return numbers
    throw this.refuse(name, 'column numbers that ascend', 'others')
  }

  /** True or false, or one of some texts. */
  oneOf<T extends string | boolean>(name: string, choices: readonly T[]): T {
    const value = this.#get(name) as T
    if (choices.includes(value)) return value
    throw this.refuse(name, choices.map((choice) => show(choice)).join(' or '))
  }

  /** A text that is a name, which an error can show. */
  text(name: string): string {
    const value = this.#get(name)
    if (typeof value === 'string' && /^[\p{L}\p{N}$_]{0,100}$/u.test(value)) return value
    throw this.refuse(name, 'the name of a class')
  }

  /** A text of a form. */
  matching(name: string, form: RegExp, expected: string): string {
    const value = this.#get(name)
    if (typeof value === 'string' && form.test(value)) return value
    throw this.refuse(name, expected)
  }

  /**
   * Names and categories of the columns of a table, where an estimator was fitted on one.
   *
   * @param takesTexts - whether it can have been fitted on columns of texts
   */
  tableFeatures(takesTexts: boolean): void {
    if (this.has('copiedBytes_')) this.number('copiedBytes_', 0)
    if (!this.has('featureNamesIn_') && !this.has('featureCategoriesIn_')) return
    const names = this.list('featureNamesIn_')
    if (new Set(names).size !== names.length || !isTexts(names))
      throw this.refuse('featureNamesIn_', 'a list of different names')
    const lists = this.list('featureCategoriesIn_')
    const fits = (one: unknown): boolean =>
      one === null || (Array.isArray(one) && isTexts(one) && new Set(one).size === one.length)
    const all = Array.from<unknown>(lists)
    if (lists.length !== names.length || !all.every(fits))
      throw this.refuse('featureCategoriesIn_', 'a list of different texts or null for each name')
    if (takesTexts || all.every((one) => one === null)) return
    throw this.refuse(
      'featureCategoriesIn_',
      'null for each name, as it learns from columns of numbers',
    )
  }

  /** Null, or the result of `check`. */
  orNull<T>(name: string, check: () => T): T | null {
    return this.#get(name) === null ? null : check()
  }

  /** The error for a value that can't have been learned. */
  refuse(name: string, expected: string, found = show(this.#get(name))): OneCopyError {
    return new OneCopyError(
      'ERR_FORMAT',
      `Expected \`${name}\` of ${this.#owner} to be ${expected}, got ${found}. ` +
        'Pass what learnedState() returned.',
      { details: { name, owner: this.#owner, expected, got: found } },
    )
  }

  #refuseNoArray(name: string, expected: string, value: unknown): OneCopyError {
    const isCopy =
      typeof value === 'object' && value !== null && 'dtype' in value && 'strides' in value
    if (!isCopy) return this.refuse(name, expected, show(value))
    return new OneCopyError(
      'ERR_FORMAT',
      `Expected \`${name}\` of ${this.#owner} to be ${expected}, got the fields of one without its class. ` +
        'serialize(), structuredClone() and JSON lose it: save arrays with saveArray() and open them with openArray().',
      { details: { name } },
    )
  }

  #get(name: string): unknown {
    return Object.hasOwn(this.#state, name) ? this.#state[name] : undefined
  }

  #arrayOf(name: string, value: unknown, { dtype, shape, orShape = shape }: ArrayRule): NDArray {
    const form = (axes: Axes): string => `(${axes.map((length) => length ?? 'any').join(', ')})`
    const forms = [...new Set([form(shape), form(orShape)])].join(' or ')
    const expected = `an NDArray${dtype === undefined ? '' : ` of ${dtype}`} of shape ${forms}`
    if (!(value instanceof NDArray)) throw this.#refuseNoArray(name, expected, value)
    const fits = (axes: Axes): boolean =>
      value.ndim === axes.length &&
      axes.every((length, axis) => (length ?? value.shape[axis]) === value.shape[axis])
    if ((dtype ?? value.dtype) !== value.dtype || !(fits(shape) || fits(orShape)))
      throw this.refuse(name, expected, `${value.dtype} of shape (${value.shape.join(', ')})`)
    requireAttached(value)
    return value
  }
}

function isTexts(list: ArrayLike<unknown>): boolean {
  return Array.from(list).every((one) => typeof one === 'string')
}

/** As many as trees can have. */
const mostColumns = 2 ** 23

/** An estimator that checks its learned values. */
export interface ChecksLearned {
  /** Refuses learned values that no fit can have given. */
  checkLearned(values: LearnedValues): void
}

/** Tells whether an estimator checks its learned values. */
export function checksLearned(estimator: object): estimator is ChecksLearned {
  return 'checkLearned' in estimator && typeof estimator.checkLearned === 'function'
}

/** Where the first number below `least`, or not below `below`, stands; -1 when there is none. There may be millions. */
export function findOutside(numbers: Int32Array, least: number, below: number): number {
  for (let i = 0; i < numbers.length; i++) if (numbers[i]! < least || numbers[i]! >= below) return i
  return -1
}
