/** Copies elements to another dtype, which must hold them. */

import { copyElements } from '../layout/copy-elements.ts'
import { isBigInt } from '../layout/dtype.ts'
import type { Elements } from '../layout/elements.ts'
import { countElements } from '../layout/layout.ts'
import { OneCopyError } from '../../errors.ts'
import { BigIntReader } from './bigint-reader.ts'
import { BigIntWriter, NumberWriter, type WriteText } from './element-writer.ts'
import { indexText } from './index-text.ts'
import { blockSize, NumberReader } from './number-reader.ts'

/** How numbers are rounded that a dtype doesn't hold: fractions toward zero, or to the nearest (ties to even). */
export type Rounding = 'truncate' | 'nearest'

/**
 * Copies all elements to a place with the same shape, which must not overlap them.
 *
 * @param rounding - default: what would be rounded is refused, but float64 to float32
 * @throws OneCopyError `ERR_DTYPE` for a value that the new dtype doesn't hold
 */
export function convertElements(
  from: Elements,
  to: Elements,
  text: WriteText,
  rounding?: Rounding,
): void {
  if (from.dtype === to.dtype) copyElements(from, to)
  else if (isBigInt(from.dtype)) convertBigInts(from, to, text, rounding)
  else convertNumbers(from, to, text, rounding)
}

function convertBigInts(
  from: Elements,
  to: Elements,
  text: WriteText,
  rounding: Rounding | undefined,
): void {
  const size = countElements(to.shape)
  const reader = new BigIntReader(from)
  const writer = new BigIntWriter(to, text, rounding === 'nearest' ? 'nearest' : 'refuse')
  const isMask = to.dtype === 'bool'
  for (let at = 0; at < size; at += blockSize) {
    const count = Math.min(blockSize, size - at)
    reader.readRange(at, count)
    for (let i = 0; i < count; i++) {
      const value = reader.data[reader.start + i]!
      writer.data[i] = isMask && value !== 0n ? 1n : value
    }
    writer.end(at, count)
  }
}

function convertNumbers(
  from: Elements,
  to: Elements,
  text: WriteText,
  rounding: Rounding | undefined,
): void {
  const size = countElements(to.shape)
  const reader = new NumberReader(from)
  const writer = new NumberWriter(to, text)
  const round = roundingOf(from, to, rounding)
  for (let at = 0; at < size; at += blockSize) {
    const count = Math.min(blockSize, size - at)
    reader.readRange(at, count)
    writer.begin(at, count)
    const bad = round(reader.data, writer.data, count)
    if (bad >= 0)
      throw new OneCopyError(
        'ERR_DTYPE',
        `Expected a number that ${to.dtype} holds${Number.isInteger(reader.data[bad]!) && !from.dtype.startsWith('float') ? ' exactly' : ''}, ` +
          `got ${reader.data[bad]!}${to.shape.length === 0 ? '' : ` at ${indexText(to.shape, at + bad)}`} from ${text.name}. ${text.advice}`,
      )
    writer.end(at, count)
  }
}

/** Rounds a block; returns the number of the first element that is refused, or -1. */
type RoundBlock = (from: Float64Array, to: Float64Array, count: number) => number

function roundingOf(from: Elements, to: Elements, rounding: Rounding | undefined): RoundBlock {
  const isFromFloat = from.dtype.startsWith('float')
  if (to.dtype === 'float32') {
    if (isFromFloat) return keepFinite
    return rounding === 'nearest' ? copyBlock : keepExact
  }
  if (to.dtype === 'bool') return maskBlock
  if (!isFromFloat || to.dtype === 'float64' || rounding === undefined) return copyBlock
  return rounding === 'truncate' ? truncateBlock : nearestBlock
}

function copyBlock(from: Float64Array, to: Float64Array, count: number): number {
  to.set(from.subarray(0, count))
  return -1
}

/** From here on numbers are rounded to an infinity, halfway to what would follow the largest float32. */
const float32Limit = 2 ** 128 - 2 ** 103

/** Numbers that overflow float32 are refused; infinities are none of them. */
function keepFinite(from: Float64Array, to: Float64Array, count: number): number {
  for (let i = 0; i < count; i++) {
    const value = from[i]!
    if (Math.abs(value) >= float32Limit && Math.abs(value) !== Infinity) return i
    to[i] = value
  }
  return -1
}

/** Integers beyond 2^24 that float32 would round are refused. */
function keepExact(from: Float64Array, to: Float64Array, count: number): number {
  for (let i = 0; i < count; i++) {
    const value = from[i]!
    if (Math.fround(value) !== value) return i
  }
  return copyBlock(from, to, count)
}

/** Whatever is not 0 becomes 1; NaN, which is neither true nor false, is refused. */
function maskBlock(from: Float64Array, to: Float64Array, count: number): number {
  for (let i = 0; i < count; i++) {
    const value = from[i]!
    if (value !== value) return i
    to[i] = value === 0 ? 0 : 1
  }
  return -1
}

function truncateBlock(from: Float64Array, to: Float64Array, count: number): number {
  for (let i = 0; i < count; i++) to[i] = Math.trunc(from[i]!)
  return -1
}

/** As NumPy's `rint`: a half goes to the even neighbour. */
function nearestBlock(from: Float64Array, to: Float64Array, count: number): number {
  for (let i = 0; i < count; i++) {
    const value = from[i]!
    const rounded = Math.round(value)
    to[i] = rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded
  }
  return -1
}
