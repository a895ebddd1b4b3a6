/** Sums, means and standard deviations of elements. */

import { OneCopyError } from '../../errors.ts'
import { type DType, isBigInt } from '../layout/dtype.ts'
import type { Elements } from '../layout/elements.ts'
import { indexText } from './index-text.ts'
import { wordsOf } from './number-reader.ts'
import { planReduction, type ReduceOptions, type Reduction } from './reduction.ts'
import { holdsScalar } from '../layout/scalars.ts'
import { sumMatrix } from './sum-matrix.ts'
import type { Sums } from './totals.ts'

/** The dtype of a sum: integers of up to 32 bits are summed exactly to a float64. */
export type SumDType<D extends DType> = D extends 'int64' | 'uint64' ? D : 'float64'

/** Results of a reduction in C order. */
export interface Reduced<D extends DType = DType> {
  readonly dtype: D
  readonly data: Elements<D>['data']
  readonly shape: readonly number[]
}

/**
 * Sums elements.
 *
 * @throws OneCopyError `ERR_SHAPE` when there is no such axis; `ERR_DTYPE` when a sum of integers is not exact in a number,
 *   or beyond the range of a 64-bit dtype
 */
export function sumElements(elements: Elements, options: ReduceOptions): Reduced {
  const { dtype } = elements
  const plan = planReduction(elements, options)
  if (isBigInt(dtype)) {
    const data =
      dtype === 'int64' ? new BigInt64Array(plan.results) : new BigUint64Array(plan.results)
    for (const [i, sum] of bigSums(plan).entries()) {
      if (!holdsScalar(dtype, sum)) throw sumTooLarge(plan, i, String(sum), dtype)
      data[i] = sum
    }
    return { dtype, data, shape: plan.shape }
  }
  const sums = sumMatrix(plan)
  const data = asNumbers(sums)
  if (sums.carries !== undefined)
    for (let i = 0; i < data.length; i++)
      if (!Number.isSafeInteger(data[i]!)) throw sumTooLarge(plan, i, `about ${data[i]!}`, dtype)
  return { dtype: 'float64', data, shape: plan.shape }
}

/**
 * Means of elements; NaN has no special place.
 *
 * @throws OneCopyError `ERR_SHAPE` for no elements
 */
export function meanElements(elements: Elements, options: ReduceOptions): Reduced<'float64'> {
  const plan = planReduction(elements, options)
  requireSome(plan, 'mean')
  return { dtype: 'float64', data: meansOf(plan), shape: plan.shape }
}

/**
 * Refuses a result of no elements.
 *
 * @param name - the method
 * @throws OneCopyError `ERR_SHAPE`
 */
export function requireSome({ joined, results }: Reduction, name: string): void {
  if (joined > 0 || results === 0) return
  throw new OneCopyError(
    'ERR_SHAPE',
    `Expected at least one element for ${name}(), got an axis or array of length 0.`,
  )
}

/** Means, rounded once. */
export function meansOf(plan: Reduction): Float64Array {
  const means = isBigInt(plan.elements.dtype)
    ? Float64Array.from(bigSums(plan), Number)
    : asNumbers(sumMatrix(plan))
  for (let i = 0; i < means.length; i++) means[i]! /= plan.joined
  return means
}

/** Exact sums of 64-bit integers, by their words. */
function bigSums(plan: Reduction): bigint[] {
  const { low, high } = wordsOf(plan.elements)
  const [lows, highs] = [low, high].map((elements) => sumMatrix({ ...plan, elements }))
  return Array.from(
    { length: plan.results },
    (_, i) => (exactSum(highs!, i) << 32n) + exactSum(lows!, i),
  )
}

function exactSum({ values, carries }: Sums, i: number): bigint {
  return (BigInt(carries![i]!) << 53n) + BigInt(values[i]!)
}

/** Totals rounded once. */
function asNumbers({ values, carries }: Sums): Float64Array {
  if (carries !== undefined)
    for (let i = 0; i < values.length; i++)
      if (carries[i] !== 0) values[i]! += carries[i]! * 2 ** 53
  return values
}

function sumTooLarge({ shape }: Reduction, i: number, sum: string, dtype: DType): OneCopyError {
  const place = shape.length === 0 ? '' : ` at ${indexText(shape, i)}`
  const [limit, advice] = isBigInt(dtype)
    ? [`a sum that ${dtype} holds`, "Sum astype('float64', { rounding: 'nearest' }), which rounds."]
    : [
        'a sum below 2^53',
        "Sum astype('int64') for an exact bigint, or astype('float64'), which rounds.",
      ]
  return new OneCopyError('ERR_DTYPE', `Expected ${limit}, got ${sum}${place}. ${advice}`)
}
