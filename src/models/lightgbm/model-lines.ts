/** Lines `name=value` of LightGBM's model files. */

import { OneCopyError, show } from '../../errors.ts'

/** A value and the number of its line, counted from 1. */
interface Field {
  readonly text: string
  readonly line: number
}

/** Fields that stand together: those of the whole model, or of one tree. */
export class ModelLines {
  readonly #path: string
  readonly #what: string
  readonly #fields = new Map<string, Field>()

  /** @param what - whose fields they are, for errors: `'tree 3'` */
  constructor(path: string, what: string) {
    this.#path = path
    this.#what = what
  }

  /** Adds a line. A name that has come before is refused. */
  add(text: string, line: number): void {
    const at = text.indexOf('=')
    const name = at === -1 ? text : text.slice(0, at)
    if (this.#fields.has(name))
      throw this.#error(name, line, 'each name once', `${name} a second time`)
    this.#fields.set(name, { text: at === -1 ? '' : text.slice(at + 1), line })
  }

  has(name: string): boolean {
    return this.#fields.has(name)
  }

  text(name: string): string {
    const field = this.#fields.get(name)
    if (field !== undefined) return field.text
    throw new OneCopyError(
      'ERR_FORMAT',
      `Expected \`${name}\` of ${this.#what} in ${this.#path}, got none. The file is damaged or not LightGBM's text model.`,
      { details: { path: this.#path, field: name } },
    )
  }

  /** A whole number in a range. */
  count(name: string, least: number, most: number): number {
    const text = this.text(name)
    const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN
    if (value >= least && value <= most) return value
    throw this.refuse(name, `a whole number from ${least} to ${most}`, show(text))
  }

  /** So many numbers, at most `most` in size; where that is Infinity, `inf` may be one. */
  numbers(name: string, count: number, most = Number.MAX_VALUE): Float64Array {
    const words = this.#words(name, count)
    const values = new Float64Array(count)
    for (const [i, word] of words.entries()) {
      const value = decimal.test(word) ? Number(word) : word === 'inf' ? Infinity : NaN
      if (!(Math.abs(value) <= most))
        throw this.refuse(name, 'finite numbers', `${show(word)} at position ${i}`)
      values[i] = value
    }
    return values
  }

  /** So many whole numbers from `least` to `most`. */
  integers(name: string, count: number, least: number, most: number): Float64Array {
    const words = this.#words(name, count)
    const values = new Float64Array(count)
    for (const [i, word] of words.entries()) {
      const value = /^-?\d{1,10}$/.test(word) ? Number(word) : NaN
      if (!(value >= least && value <= most)) {
        const expected = `whole numbers from ${least} to ${most}`
        throw this.refuse(name, expected, `${show(word)} at position ${i}`)
      }
      values[i] = value
    }
    return values
  }

  /** The error for a value that the file can't have. */
  refuse(name: string, expected: string, found: string, advice?: string): OneCopyError {
    return this.#error(name, this.#fields.get(name)?.line, expected, found, advice)
  }

  #words(name: string, count: number): readonly string[] {
    const text = this.text(name)
    const words = text === '' ? [] : text.split(' ')
    if (words.length === count) return words
    throw this.refuse(name, `${count} numbers`, `${words.length}`)
  }

  #error(
    name: string,
    line: number | undefined,
    expected: string,
    found: string,
    advice = 'The file is damaged.',
  ): OneCopyError {
    const place = line === undefined ? this.#path : `line ${line} of ${this.#path}`
    return new OneCopyError(
      'ERR_FORMAT',
      `Expected \`${name}\` of ${this.#what} in ${place} to be ${expected}, got ${found}. ${advice}`,
      { details: { path: this.#path, line, field: name } },
    )
  }
}

/** Each digit has one place in it, so that a long word is looked at once. */
const decimal = /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i
