/** Values over time, in memory that grows with them. */

import type { Column } from './run-data.ts'

/**
 * A list of numbers that grows, in memory outside of V8's heap. Float32 holds any number of 4 KiB
 * pages exactly up to 64 GiB, and 7 digits beyond that; Float64 holds anything.
 */
export class GrowingColumn {
  readonly #kind: typeof Float32Array | typeof Float64Array
  #values: Float32Array | Float64Array
  #length = 0
  #known = 0

  /** @param kind - what the numbers are kept in */
  constructor(kind: typeof Float32Array | typeof Float64Array) {
    this.#kind = kind
    this.#values = new kind(64)
  }

  get length(): number {
    return this.#length
  }

  /** Whether none of the values was ever known. */
  get isEmpty(): boolean {
    return this.#known === 0
  }

  /** The newest value. */
  get last(): number | undefined {
    return this.#length > 0 ? this.#values[this.#length - 1] : undefined
  }

  /** @param value - `undefined` is kept as NaN */
  push(value: number | undefined): void {
    if (this.#length === this.#values.length) {
      const larger = new this.#kind(Math.ceil(this.#length * 1.5))
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.#length++] = value ?? NaN
    if (value !== undefined) this.#known++
  }

  /** Changes a value that is known; a number outside of the column changes nothing. */
  scale(number: number, factor: number): void {
    if (number >= 0 && number < this.#length) this.#values[number]! *= factor
  }

  /**
   * Keeps some of the values.
   *
   * @param numbers - which ones, rising; those outside of the column are left out
   */
  keep(numbers: Iterable<number>): void {
    let length = 0
    for (const number of numbers) {
      if (number >= 0 && number < this.#length) this.#values[length++] = this.#values[number]!
    }
    this.#length = length
  }

  /** A copy of the values, or of those from some number on. */
  values(from = 0): Column {
    return Float64Array.from(this.#values.subarray(Math.min(from, this.#length), this.#length))
  }
}
