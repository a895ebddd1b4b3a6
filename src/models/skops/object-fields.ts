/** Attributes of an object in a .skops file, checked when read. */

import { array, NDArray } from '../../arrays/index.ts'
import { OneCopyError } from '../../errors.ts'
import { RecordArray, TextArray } from './npy-kinds.ts'
import {
  ObjectArray,
  showSkops,
  SkopsArray,
  SkopsDict,
  SkopsObject,
  type SkopsValue,
} from './skops-values.ts'

/** Numbers of an attribute in C order, with their shape. */
export interface Floats {
  readonly shape: readonly number[]
  readonly values: Float64Array
}

/** Reads attributes; every refusal names the file, the place and the class. */
export class ObjectFields {
  /** Module and class. */
  readonly className: string
  readonly path: string
  /** Where the object stands, such as `steps[1][1]`; empty for the whole file. */
  readonly place: string
  readonly #attributes: ReadonlyMap<string, SkopsValue>

  constructor(object: SkopsObject | SkopsDict, path: string, place: string) {
    this.className = object instanceof SkopsObject ? object.className : 'dict'
    this.path = path
    this.place = place
    this.#attributes = object instanceof SkopsObject ? object.attributes : object.entries
  }

  /** Whether there is an attribute that is not None. */
  has(name: string): boolean {
    return (this.#attributes.get(name) ?? null) !== null
  }

  /** The place of an attribute. */
  placeOf(name: string): string {
    return this.place === '' ? name : `${this.place}.${name}`
  }

  /** An attribute; null when it is None or there is none. */
  value(name: string): SkopsValue {
    return this.#attributes.get(name) ?? null
  }

  /** An attribute that there must be. */
  need(name: string): SkopsValue {
    if (this.has(name)) return this.value(name)
    const advice = name.endsWith('_') ? ' Was the model fitted before it was saved?' : ''
    throw this.refuse(name, 'there', 'nothing', advice)
  }

  /** A number; `standard` when it is missing or of another type. */
  numberOr(name: string, standard: number): number {
    const value = this.value(name)
    return typeof value === 'number' ? value : standard
  }

  number(name: string): number {
    const value = this.need(name)
    if (typeof value === 'number') return value
    throw this.refuse(name, 'a number', showSkops(value))
  }

  /** A whole number in a range. */
  count(name: string, least: number, most = 2 ** 20): number {
    const value = this.number(name)
    if (Number.isInteger(value) && value >= least && value <= most) return value
    throw this.refuse(name, `a whole number from ${least} to ${most}`, `${value}`)
  }

  /** True or false; `standard` when it is missing or of another type. */
  booleanOr(name: string, standard: boolean): boolean {
    const value = this.value(name)
    return typeof value === 'boolean' ? value : standard
  }

  /** One of some texts. */
  oneOf<Text extends string>(name: string, choices: readonly Text[]): Text {
    const value = this.value(name)
    if (choices.includes(value as Text)) return value as Text
    throw this.refuse(name, choices.map((one) => `'${one}'`).join(' or '), showSkops(value))
  }

  list(name: string): readonly SkopsValue[] {
    const value = this.need(name)
    if (Array.isArray(value)) return value as readonly SkopsValue[]
    if (value instanceof ObjectArray) return value.values
    throw this.refuse(name, 'a list', showSkops(value))
  }

  /** An object, and its attributes. */
  object(name: string): ObjectFields {
    const value = this.need(name)
    if (value instanceof SkopsObject) return new ObjectFields(value, this.path, this.placeOf(name))
    throw this.refuse(name, 'an object', showSkops(value))
  }

  /** An array of numbers where it lies. */
  array(name: string): NDArray {
    const value = this.need(name)
    if (value instanceof SkopsArray && value.value instanceof NDArray) return value.value
    throw this.refuse(name, 'an array of numbers', showSkops(value))
  }

  /** Records of a field. */
  records(name: string): RecordArray {
    const value = this.need(name)
    if (value instanceof SkopsArray && value.value instanceof RecordArray) return value.value
    throw this.refuse(name, 'an array of records', showSkops(value))
  }

  /** Copies numbers, of an array or a single one; all are finite, unless `mayMiss`: then NaN is one, too. */
  floats(name: string, mayMiss = false): Floats {
    return this.floatsOf(this.need(name), name, mayMiss)
  }

  /** Does what {@link floats} does for a value that stands somewhere in an attribute. */
  floatsOf(value: SkopsValue, name: string, mayMiss = false): Floats {
    const found = value instanceof SkopsArray ? value.value : value
    const isNumber = typeof found === 'number'
    if (!isNumber && !(found instanceof NDArray))
      throw this.refuse(name, 'an array of numbers', showSkops(value))
    const shape = isNumber ? [] : found.shape
    const values = isNumber ? Float64Array.of(found) : toFloats(found)
    const wrong = values.findIndex((one) => !(Number.isFinite(one) || (mayMiss && one !== one)))
    if (wrong === -1) return { shape, values }
    throw this.refuse(name, 'finite numbers', `${values[wrong]} at position ${wrong}`)
  }

  /** Numbers of one axis, one for each of so many columns. */
  vector(name: string, length?: number, mayMiss = false): Float64Array {
    const { shape, values } = this.floats(name, mayMiss)
    if (shape.length === 1 && values.length === (length ?? values.length)) return values
    const expected = length === undefined ? 'an array of one axis' : `${length} numbers`
    throw this.refuse(name, expected, `the shape [${shape.join(', ')}]`)
  }

  /** Labels of classes: numbers, texts, or true and false. */
  labels(name: string): Float64Array | (string | boolean)[] {
    const labels = this.#labels(name)
    for (let k = 1; k < labels.length; k++)
      if (!(labels[k]! > labels[k - 1]!)) throw this.refuse(name, 'labels that ascend', 'others')
    if (labels.length >= 2) return labels
    throw this.refuse(name, 'labels of at least two classes', `${labels.length}`)
  }

  #labels(name: string): Float64Array | (string | boolean)[] {
    const value = this.need(name)
    if (value instanceof ObjectArray) {
      const kind = typeof value.values[0]
      const isLabels = value.values.every((one) => typeof one === kind)
      if (isLabels && (kind === 'string' || kind === 'boolean'))
        return value.values as (string | boolean)[]
      if (isLabels && kind === 'number') return Float64Array.from(value.values as number[])
      throw this.refuse(name, 'texts, numbers, or true and false', 'objects')
    }
    const found = value instanceof SkopsArray ? value.value : undefined
    if (found instanceof TextArray) return [...found.texts]
    if (found instanceof NDArray && found.dtype === 'bool')
      return Array.from(toFloats(found), (one) => one === 1)
    const { values } = this.floats(name)
    const wrong =
      found instanceof NDArray && found.dtype.endsWith('int64')
        ? values.find((one) => !Number.isSafeInteger(one))
        : undefined
    if (wrong === undefined) return values
    throw this.refuse(name, 'labels of at most 2^53 in size', `${wrong}`)
  }

  /** Refuses another value of an option whose results have no counterpart. */
  require(name: string, isFine: (value: SkopsValue) => boolean, expected: string): void {
    const value = this.value(name)
    if (!isFine(value))
      throw this.refuse(name, expected, showSkops(value), ' Other models have no counterpart here.')
  }

  /** The error for an attribute. */
  refuse(name: string, expected: string, found: string, advice = ''): OneCopyError {
    const place = this.placeOf(name)
    return new OneCopyError(
      'ERR_FORMAT',
      `Expected \`${place}\` of ${this.className} in ${this.path} to be ${expected}, got ${found}.${advice}`,
      { details: { path: this.path, place, className: this.className } },
    )
  }
}

/** Float64 copies of numbers in C order. */
function toFloats(numbers: NDArray): Float64Array {
  const flat = numbers.isContiguous ? numbers : numbers.copy()
  return Float64Array.from(flat.toTypedArray() as ArrayLike<number | bigint>, Number)
}

/** A float64 array of numbers. */
export function toArray({ shape, values }: Floats): NDArray<'float64'> {
  return array(values, { shape })
}
