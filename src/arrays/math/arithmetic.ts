/** Adds, subtracts, multiplies, divides and chooses element by element. */

import { OneCopyError } from '../../errors.ts'
import type { Elements } from '../layout/elements.ts'
import { countElements } from '../layout/layout.ts'
import { BigIntReader } from './bigint-reader.ts'
import { BigIntWriter, NumberWriter, type WriteText } from './element-writer.ts'
import { indexText } from './index-text.ts'
import { isBigInt } from '../layout/dtype.ts'
import { blockSize, NumberReader } from './number-reader.ts'

/** An operation on two elements. */
export type Operation = 'add' | 'subtract' | 'multiply' | 'divide'

/**
 * Computes in float64, which is exact for results of integers of up to 32 bits that any of their dtypes holds, and correctly
 * rounded for float32.
 *
 * @param a - of the shape of `out`, like `b`; either is `out` itself or shares no element with it
 * @throws OneCopyError `ERR_DTYPE` for a result that the dtype of `out` doesn't hold
 */
export function computeNumbers(
  operation: Operation,
  [a, b]: readonly [Elements, Elements],
  out: Elements,
  text: WriteText,
): void {
  const compute = numberLoops[operation]
  const [left, right, writer] = [
    new NumberReader(a),
    new NumberReader(b),
    new NumberWriter(out, text),
  ]
  const rounded = [isBigInt(a.dtype) ? left : [], isBigInt(b.dtype) ? right : []].flat()
  eachBlock(out, (at, count) => {
    left.readRange(at, count)
    right.readRange(at, count)
    requireExact(rounded, at, count, out.shape)
    writer.begin(at, count)
    compute(left.data, right.data, writer.data, count)
    writer.end(at, count)
  })
}

/**
 * Computes with 64-bit integers, exactly.
 *
 * @param a - as in {@link computeNumbers}
 * @throws OneCopyError `ERR_DTYPE` for a result that the dtype of `out` doesn't hold
 */
export function computeBigInts(
  operation: Exclude<Operation, 'divide'>,
  [a, b]: readonly [Elements, Elements],
  out: Elements,
  text: WriteText,
): void {
  const compute = bigIntLoops[operation]
  const [left, right, writer] = [
    new BigIntReader(a),
    new BigIntReader(b),
    new BigIntWriter(out, text),
  ]
  eachBlock(out, (at, count) => {
    left.readRange(at, count)
    right.readRange(at, count)
    for (let i = 0; i < count; i++)
      writer.data[i] = compute(left.data[left.start + i]!, right.data[right.start + i]!)
    writer.end(at, count)
  })
}

/**
 * Takes each element of `a` where the condition is not 0, else of `b`.
 *
 * @param a - of the shape of `out`, like `b` and the condition; each is `out` itself or shares no element with it
 * @throws OneCopyError `ERR_DTYPE` for a value that the dtype of `out` doesn't hold
 */
export function chooseElements(
  condition: Elements,
  [a, b]: readonly [Elements, Elements],
  out: Elements,
  text: WriteText,
): void {
  const chosen = new NumberReader(condition)
  if (isBigInt(out.dtype) || isBigInt(a.dtype) || isBigInt(b.dtype)) {
    const [left, right, writer] = [
      new BigIntReader(a),
      new BigIntReader(b),
      new BigIntWriter(out, text),
    ]
    eachBlock(out, (at, count) => {
      for (const reader of [chosen, left, right]) reader.readRange(at, count)
      for (let i = 0; i < count; i++)
        writer.data[i] =
          chosen.data[i] === 0 ? right.data[right.start + i]! : left.data[left.start + i]!
      writer.end(at, count)
    })
    return
  }
  const [left, right, writer] = [
    new NumberReader(a),
    new NumberReader(b),
    new NumberWriter(out, text),
  ]
  eachBlock(out, (at, count) => {
    for (const reader of [chosen, left, right]) reader.readRange(at, count)
    writer.begin(at, count)
    chooseNumbers(chosen.data, [left.data, right.data], writer.data, count)
    writer.end(at, count)
  })
}

function eachBlock(out: Elements, work: (at: number, count: number) => void): void {
  const size = countElements(out.shape)
  for (let at = 0; at < size; at += blockSize) work(at, Math.min(blockSize, size - at))
}

type NumberLoop = (x: Float64Array, y: Float64Array, out: Float64Array, count: number) => void

// A loop for each operation, since a call for each element would take longer than the operation; and bare arguments, since
// V8 takes three times as long with values that a list or an object holds.

const numberLoops: { readonly [Name in Operation]: NumberLoop } = {
  add(x, y, out, count) {
    for (let n = 0; n < count; n++) out[n] = x[n]! + y[n]!
  },
  subtract(x, y, out, count) {
    for (let n = 0; n < count; n++) out[n] = x[n]! - y[n]!
  },
  multiply(x, y, out, count) {
    for (let n = 0; n < count; n++) out[n] = x[n]! * y[n]!
  },
  divide(x, y, out, count) {
    for (let n = 0; n < count; n++) out[n] = x[n]! / y[n]!
  },
}

const bigIntLoops = {
  add: (a: bigint, b: bigint) => a + b,
  subtract: (a: bigint, b: bigint) => a - b,
  multiply: (a: bigint, b: bigint) => a * b,
}

function chooseNumbers(
  condition: Float64Array,
  [x, y]: readonly [Float64Array, Float64Array],
  out: Float64Array,
  count: number,
): void {
  for (let n = 0; n < count; n++) out[n] = condition[n] === 0 ? y[n]! : x[n]!
}

/** Refuses 64-bit integers that a float64 may not hold. */
function requireExact(
  blocks: readonly NumberReader[],
  at: number,
  count: number,
  shape: readonly number[],
): void {
  for (const { data } of blocks)
    for (let i = 0; i < count; i++) {
      if (Math.abs(data[i]!) < 2 ** 53) continue
      const place = shape.length === 0 ? '' : ` for the result at ${indexText(shape, at + i)}`
      throw new OneCopyError(
        'ERR_DTYPE',
        `Expected 64-bit integers below 2^53 for divide(), got about ${data[i]!}${place}. ` +
          "Convert the array with astype('float64', { rounding: 'nearest' }), which rounds.",
      )
    }
}
