/** Reads elements of integer dtypes as blocks of bigints. */

import { isBigInt, type TypedArrayOf } from '../layout/dtype.ts'
import { type Elements, zeroElements } from '../layout/elements.ts'
import { countElements } from '../layout/layout.ts'
import { gatherRange } from './element-ranges.ts'
import { mergeAxes } from './merge-axes.ts'
import { blockSize } from './number-reader.ts'

/** Reads integers exactly: 64-bit ones as they are, others as an int64 block. */
export class BigIntReader {
  /** What was read last, from `start` on. */
  data: BigInt64Array | BigUint64Array
  start = 0
  readonly #elements: Elements
  readonly #isFlat: boolean
  readonly #gathered: TypedArrayOf

  constructor(elements: Elements) {
    const { dtype, data } = elements
    this.#elements = { dtype, data, ...mergeAxes(elements) }
    const { shape, strides } = this.#elements
    this.#isFlat = shape.length === 0 || (shape.length === 1 && strides[0] === 1)
    const isRead = this.#isFlat && isBigInt(dtype)
    const room = Math.min(blockSize, Math.max(1, countElements(shape)))
    this.#gathered = isRead ? data : zeroElements(dtype, [room]).data
    this.data = isBigInt(dtype) ? (this.#gathered as BigInt64Array) : new BigInt64Array(room)
  }

  /** Reads elements `from` up to `from + count` of C order; at most a block. */
  readRange(from: number, count: number): void {
    if (this.data === this.#elements.data) {
      this.start = this.#elements.offset + from
      return
    }
    gatherRange(this.#elements, [from, count], this.#gathered)
    if (this.data === this.#gathered) return
    for (let i = 0; i < count; i++) this.data[i] = BigInt(this.#gathered[i]!)
  }
}
