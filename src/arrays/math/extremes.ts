/** Finds the least and the largest elements, and where they are. */

import { OneCopyError } from '../../errors.ts'
import { type DType, isBigInt, typedArrayMaker } from '../layout/dtype.ts'
import type { Elements } from '../layout/elements.ts'
import { BigIntReader } from './bigint-reader.ts'
import { NumberReader } from './number-reader.ts'
import { boxesOf, isWhole, planReduction, type ReduceOptions, type Reduction } from './reduction.ts'
import { type Reduced, requireSome } from './sums.ts'

/** Which elements are sought. */
export type Extreme = 'min' | 'max'

/**
 * The least or the largest elements; NaN where there is one.
 *
 * @throws OneCopyError `ERR_SHAPE` for no elements, or when there is no such axis
 */
export function extremeElements<D extends DType>(
  elements: Elements<D>,
  options: ReduceOptions,
  extreme: Extreme,
): Reduced<D> {
  const plan = planReduction(elements, options)
  requireSome(plan, extreme)
  const { dtype } = elements
  const data = new (typedArrayMaker(dtype))(plan.results)
  const { values } = isBigInt(dtype) ? seekBigInts(plan, extreme) : seekNumbers(plan, extreme)
  for (let i = 0; i < values.length; i++) data[i] = values[i]!
  return { dtype, data, shape: plan.shape }
}

/**
 * The first place of the least or the largest element along an axis, as int32, or in C order; of the first NaN where there is one.
 *
 * @throws OneCopyError `ERR_SHAPE` for no elements, when there is no such axis, or when it is too long for 32-bit numbers
 */
export function placeElements(
  elements: Elements,
  options: ReduceOptions,
  extreme: Extreme,
): Reduced {
  const plan = planReduction(elements, options)
  requireSome(plan, `arg${extreme}`)
  if (!isWhole(options) && plan.joined > 2 ** 31)
    throw new OneCopyError(
      'ERR_SHAPE',
      `Expected an axis of at most 2^31 elements for arg${extreme}(), got ${plan.joined}. Take slices of it.`,
    )
  const { dtype } = elements
  const { places } = isBigInt(dtype) ? seekBigInts(plan, extreme) : seekNumbers(plan, extreme)
  return isWhole(options)
    ? { dtype: 'float64', data: places, shape: plan.shape }
    : { dtype: 'int32', data: Int32Array.from(places), shape: plan.shape }
}

interface Found<Value> {
  readonly values: ArrayLike<Value>
  readonly places: Float64Array
}

/** Steps of a box in which each result's elements are a run. */
interface Runs {
  readonly data: Float64Array
  /** From a result to the next one. */
  readonly across: number
  readonly results: number
  /** From an element of a result to its next one. */
  readonly along: number
  readonly count: number
  /** Number of the first result, and of its first element here. */
  readonly first: number
  readonly place: number
}

function seekNumbers(plan: Reduction, extreme: Extreme): Found<number> {
  const reader = new NumberReader(plan.elements)
  const values = new Float64Array(plan.results)
  const places = new Float64Array(plan.results)
  const seek = extreme === 'min' ? seekLeast : seekLargest
  for (const box of boxesOf(plan)) {
    reader.readBox(box)
    const { data, step } = reader
    const { row, rows, column, columns } = box
    seek(
      plan.joinsRows
        ? {
            data,
            across: step,
            results: rows,
            along: 1,
            count: columns,
            first: row,
            place: column,
          }
        : {
            data,
            across: 1,
            results: columns,
            along: step,
            count: rows,
            first: column,
            place: row,
          },
      values,
      places,
    )
  }
  return { values, places }
}

// Two loops, since one that asks which is sought takes twice as long.

function seekLeast(runs: Runs, values: Float64Array, places: Float64Array): void {
  const { data, across, results, along, count, first, place } = runs
  for (let k = 0; k < results; k++) {
    let at = k * across
    let best = place === 0 ? data[at]! : values[first + k]!
    let found = place === 0 ? 0 : places[first + k]!
    // False also where the value is NaN; NaN once found stays.
    for (let i = 0; i < count; i++, at += along) {
      const value = data[at]!
      if (value >= best || best !== best) continue
      best = value
      found = place + i
    }
    values[first + k] = best
    places[first + k] = found
  }
}

function seekLargest(runs: Runs, values: Float64Array, places: Float64Array): void {
  const { data, across, results, along, count, first, place } = runs
  for (let k = 0; k < results; k++) {
    let at = k * across
    let best = place === 0 ? data[at]! : values[first + k]!
    let found = place === 0 ? 0 : places[first + k]!
    for (let i = 0; i < count; i++, at += along) {
      const value = data[at]!
      if (value <= best || best !== best) continue
      best = value
      found = place + i
    }
    values[first + k] = best
    places[first + k] = found
  }
}

function seekBigInts(plan: Reduction, extreme: Extreme): Found<bigint> {
  const reader = new BigIntReader(plan.elements)
  const values = Array.from({ length: plan.results }, () => 0n)
  const places = new Float64Array(plan.results)
  const isBetter =
    extreme === 'min' ? (a: bigint, b: bigint) => a < b : (a: bigint, b: bigint) => a > b
  for (const { row, rows, column, columns, width } of boxesOf(plan)) {
    for (let i = 0; i < rows; i++) {
      reader.readRange((row + i) * width + column, columns)
      for (let j = 0; j < columns; j++) {
        const value = reader.data[reader.start + j]!
        const [result, place] = plan.joinsRows ? [row + i, column + j] : [column + j, row + i]
        if (place > 0 && !isBetter(value, values[result]!)) continue
        values[result] = value
        places[result] = place
      }
    }
  }
  return { values, places }
}
