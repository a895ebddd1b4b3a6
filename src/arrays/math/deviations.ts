/** Standard deviations of elements. */

import { OneCopyError } from '../../errors.ts'
import { isBigInt } from '../layout/dtype.ts'
import type { Elements } from '../layout/elements.ts'
import { extremeElements } from './extremes.ts'
import { planReduction, type ReduceOptions } from './reduction.ts'
import { sumSquares } from './sum-matrix.ts'
import { meansOf, type Reduced, requireSome } from './sums.ts'

/**
 * Standard deviations of elements, from their distances to the mean.
 *
 * @param ddof - what is subtracted from the number of elements
 * @throws OneCopyError `ERR_SHAPE` for no more elements than `ddof`; `ERR_DTYPE` for 64-bit integers beyond 2^53, whose distances would be
 *   rounded away
 */
export function stdElements(
  elements: Elements,
  options: ReduceOptions,
  ddof: number,
): Reduced<'float64'> {
  const plan = planReduction(elements, options)
  requireSome(plan, 'std')
  const rest = plan.joined - ddof
  if (rest <= 0 && plan.results > 0)
    throw new OneCopyError(
      'ERR_SHAPE',
      `Expected more than ${ddof} elements for std() with \`ddof\` ${ddof}, got ${plan.joined}.`,
    )
  if (isBigInt(elements.dtype)) requireDoubles(elements, options)
  const data = sumSquares(plan, meansOf(plan))
  for (let i = 0; i < data.length; i++) data[i] = Math.sqrt(data[i]! / rest)
  return { dtype: 'float64', data, shape: plan.shape }
}

function requireDoubles(elements: Elements, options: ReduceOptions): void {
  for (const extreme of ['min', 'max'] as const) {
    for (const value of extremeElements(elements, options, extreme).data) {
      if (Number.isSafeInteger(Number(value))) continue
      throw new OneCopyError(
        'ERR_DTYPE',
        `Expected 64-bit integers up to 2^53 in size for std(), got ${value}. Subtract a number near them first: subtract(array, array.min()).std().`,
      )
    }
  }
}
