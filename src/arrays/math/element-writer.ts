/** Writes blocks of numbers or bigints to elements that must hold them. */

import { OneCopyError, show } from '../../errors.ts'
import { type DType, isBigInt, type TypedArrayOf } from '../layout/dtype.ts'
import { type Elements, zeroElements } from '../layout/elements.ts'
import { countElements } from '../layout/layout.ts'
import { rangeOfDType } from '../layout/scalars.ts'
import { scatterRange } from './element-ranges.ts'
import { indexText } from './index-text.ts'
import { mergeAxes } from './merge-axes.ts'
import { blockSize } from './number-reader.ts'

/** What an error says about values that a dtype can't hold. */
export interface WriteText {
  /** What made the values, for example `add()`. */
  readonly name: string
  /** What to do, as a sentence. */
  readonly advice: string
}

/** Where blocks go. */
class Target {
  readonly elements: Elements
  readonly merged: Elements
  /** The memory itself, from `start` on, or a block that {@link store} copies. */
  readonly block: TypedArrayOf
  readonly isDirect: boolean
  readonly text: WriteText

  constructor(elements: Elements, text: WriteText) {
    const { dtype, data } = elements
    this.elements = elements
    this.text = text
    this.merged = { dtype, data, ...mergeAxes(elements) }
    const { shape, strides } = this.merged
    this.isDirect = shape.length === 0 || (shape.length === 1 && strides[0] === 1)
    const room = Math.min(blockSize, Math.max(1, countElements(shape)))
    this.block = this.isDirect ? data : zeroElements(dtype, [room]).data
  }

  startOf(from: number): number {
    return this.isDirect ? this.merged.offset + from : 0
  }

  store(from: number, count: number): void {
    if (!this.isDirect) scatterRange(this.block, this.merged, [from, count])
  }

  refusal(value: number | bigint, i: number, expected: string): OneCopyError {
    const { elements, text } = this
    const place = elements.shape.length === 0 ? '' : ` at ${indexText(elements.shape, i)}`
    return new OneCopyError(
      'ERR_DTYPE',
      `Expected ${expected}, got ${show(value)}${place} from ${text.name}. ${text.advice}`,
    )
  }
}

/** Writes float64 blocks. Integer dtypes refuse what they can't hold; float32 rounds. */
export class NumberWriter {
  /** Where the next block is to be put, from 0 on. */
  data: Float64Array
  readonly #target: Target
  readonly #isOwn: boolean

  constructor(elements: Elements, text: WriteText) {
    this.#target = new Target(elements, text)
    const { block } = this.#target
    this.#isOwn = block instanceof Float64Array
    const room = Math.min(blockSize, Math.max(1, countElements(elements.shape)))
    this.data = this.#isOwn ? (block as Float64Array) : new Float64Array(room)
  }

  /** Prepares the place of a block of `count` elements that begins with element `from` of C order. */
  begin(from: number, count: number): void {
    if (!this.#isOwn) return
    const start = this.#target.startOf(from)
    this.data = (this.#target.block as Float64Array).subarray(start, start + count)
  }

  /**
   * Writes the block.
   *
   * @throws OneCopyError `ERR_DTYPE`
   */
  end(from: number, count: number): void {
    const target = this.#target
    if (!this.#isOwn) {
      const { dtype } = target.elements
      const values = this.data
      if (!dtype.startsWith('float')) this.#requireHeld(dtype, from, count)
      const start = target.startOf(from)
      if (isBigInt(dtype)) {
        for (let i = 0; i < count; i++) target.block[start + i] = BigInt(values[i]!)
      } else {
        ;(target.block as Int32Array).set(values.subarray(0, count), start)
      }
    }
    target.store(from, count)
  }

  #requireHeld(dtype: DType, from: number, count: number): void {
    const values = this.data
    const [low, high] = rangeOfDType(dtype).map(Number) as [number, number]
    // 2^63 and 2^64 are the float64 next to the largest 64-bit integers, which are none themselves.
    const stop = isBigInt(dtype) ? high : high + 1
    for (let i = 0; i < count; i++) {
      const value = values[i]!
      if (value >= low && value < stop && Math.floor(value) === value) continue
      throw this.#target.refusal(value, from + i, wholeNumber(dtype))
    }
  }
}

/** How integers become floats that don't hold them: not at all, or rounded to the nearest. */
export type BigIntRounding = 'refuse' | 'nearest'

/** Writes blocks of bigints. */
export class BigIntWriter {
  /** Where the next block is to be put, from 0 on; of any size. */
  readonly data: bigint[] = []
  readonly #target: Target
  readonly #rounding: BigIntRounding

  constructor(elements: Elements, text: WriteText, rounding: BigIntRounding = 'refuse') {
    this.#target = new Target(elements, text)
    this.#rounding = rounding
  }

  /**
   * Writes the block.
   *
   * @throws OneCopyError `ERR_DTYPE`
   */
  end(from: number, count: number): void {
    const target = this.#target
    const { dtype } = target.elements
    const { block } = target
    const start = target.startOf(from)
    if (dtype.startsWith('float')) {
      const round = dtype === 'float32' ? Math.fround : Number
      for (let i = 0; i < count; i++) {
        const value = this.data[i]!
        const float = round(Number(value))
        if (this.#rounding === 'refuse' && BigInt(float) !== value)
          throw target.refusal(value, from + i, `an integer that ${dtype} holds exactly`)
        block[start + i] = float
      }
    } else {
      const [low, high] = rangeOfDType(dtype)
      const isBig = isBigInt(dtype)
      for (let i = 0; i < count; i++) {
        const value = this.data[i]!
        if (value < low || value > high) throw target.refusal(value, from + i, wholeNumber(dtype))
        block[start + i] = isBig ? value : Number(value)
      }
    }
    target.store(from, count)
  }
}

function wholeNumber(dtype: DType): string {
  const [low, high] = rangeOfDType(dtype)
  return `a whole number from ${low} to ${high} for ${dtype}`
}
