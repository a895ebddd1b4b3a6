/** Fields of XGBoost's JSON model, each with its place for errors. */

import { OneCopyError, show } from '../../errors.ts'

/** Greatest float32. */
const mostFloat32 = 2 ** 128 - 2 ** 104

/** A value of a model file and where it stands. */
export class ModelField {
  readonly #path: string
  readonly #place: string
  readonly value: unknown

  constructor(path: string, value: unknown, place = '') {
    this.#path = path
    this.#place = place
    this.value = value
  }

  /** A field of an object. */
  get(name: string): ModelField {
    const { value } = this
    const place = this.#place === '' ? name : `${this.#place}.${name}`
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw this.refuse('an object', show(value))
    const own: unknown = Object.hasOwn(value, name)
      ? (value as Record<string, unknown>)[name]
      : undefined
    return new ModelField(this.#path, own, place)
  }

  has(name: string): boolean {
    return typeof this.value === 'object' && this.value !== null && Object.hasOwn(this.value, name)
  }

  text(): string {
    if (typeof this.value === 'string') return this.value
    throw this.refuse('a text', show(this.value))
  }

  /** A list, of so many values where it says so. */
  list(length?: number): readonly unknown[] {
    const { value } = this
    if (!Array.isArray(value)) throw this.refuse('a list', show(value))
    if ((length ?? value.length) === value.length) return value
    throw this.refuse(`a list of ${length}`, `${value.length}`)
  }

  /** The fields of a list. */
  fields(length?: number): ModelField[] {
    return this.list(length).map(
      (one, i) => new ModelField(this.#path, one, `${this.#place}[${i}]`),
    )
  }

  /** A whole number in a range; XGBoost writes some as texts. */
  count(least: number, most: number): number {
    const { value } = this
    const number = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value
    if (Number.isInteger(number) && Number(number) >= least && Number(number) <= most)
      return Number(number)
    throw this.refuse(`a whole number from ${least} to ${most}`, show(value))
  }

  /** Whole numbers from `least` to `most`; true and false are 1 and 0. */
  integers(length: number | undefined, least: number, most: number): Float64Array {
    const list = this.list(length)
    const values = new Float64Array(list.length)
    for (const [i, one] of list.entries()) {
      const value = typeof one === 'boolean' ? Number(one) : one
      if (!Number.isInteger(value) || Number(value) < least || Number(value) > most)
        throw this.refuseAt(i, `a whole number from ${least} to ${most}`, show(one))
      values[i] = Number(value)
    }
    return values
  }

  /**
   * Finite numbers, each rounded to float32 as XGBoost reads it.
   *
   * @param mayMiss - where others are NaN; default: nowhere
   */
  floats(length: number, mayMiss: (at: number) => boolean = () => false): Float64Array {
    const list = this.list(length)
    const values = new Float64Array(length)
    for (const [i, one] of list.entries()) {
      const value = typeof one === 'number' ? Math.fround(one) : NaN
      if (!(Math.abs(value) <= mostFloat32) && !mayMiss(i))
        throw this.refuseAt(i, 'a finite float32', show(one))
      values[i] = Math.abs(value) <= mostFloat32 ? value : NaN
    }
    return values
  }

  /** The error for an entry of a list. */
  refuseAt(at: number, expected: string, found: string, advice?: string): OneCopyError {
    const place = `${this.#place}[${at}]`
    return new ModelField(this.#path, undefined, place).refuse(expected, found, advice)
  }

  /** The error for a value that the file can't have. */
  refuse(expected: string, found: string, advice = 'The file is damaged.'): OneCopyError {
    const place = this.#place === '' ? this.#path : `\`${this.#place}\` of ${this.#path}`
    return new OneCopyError(
      'ERR_FORMAT',
      `Expected ${place} to be ${expected}, got ${found}. ${advice}`,
      { details: { path: this.#path, field: this.#place } },
    )
  }
}
