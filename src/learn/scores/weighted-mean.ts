/** Weighted means over rows that neither over- nor underflow. */

import type { Rows } from '../../arrays/index.ts'
import { OneCopyError } from '../../errors.ts'

/** One target and its predictions, as strided values. */
export interface Pairs {
  readonly truth: StridedValues
  readonly guess: StridedValues
  readonly rows: Rows
  readonly weights: Float64Array | undefined
  /** Numbers of the rows of `y`, where targets and weights were taken from these; else the rows are those of `y`. */
  readonly numbers?: Int32Array | undefined
}

/** Elements of one column of an array. */
export interface StridedValues {
  readonly data: ArrayLike<number | bigint>
  readonly offset: number
  readonly stride: number
}

/** The quantity that is averaged over rows. */
export type Summand =
  | 'truth'
  | 'absolute truth'
  | 'squared deviation'
  | 'squared error'
  | 'absolute error'
  /** By how much a prediction is too small, else 0. */
  | 'shortfall'
  /** By how much a prediction is too large, else 0. */
  | 'excess'

/** A mean in units that bring it into the range of float64. */
export interface ScaledMean {
  /** The mean of values divided by `unit`, of their squares or sizes. */
  readonly mean: number
  /** A power of two; 1 unless the mean would over- or underflow. */
  readonly unit: number
}

/**
 * Mean over rows; deviations are from `center`.
 *
 * @throws OneCopyError `ERR_ROWS` when no row counts
 */
export function weightedMean(pairs: Pairs, summand: Summand, center = 0): ScaledMean {
  const total = { sum: 0, weight: 0 }
  for (const [start, stop] of rangesOf(pairs)) addRows(pairs, start, stop, summand, center, total)
  const { sum, weight } = total
  if (weight === 0) throw refuseNoRows()
  if (isInRange(sum) && isInRange(weight)) return { mean: sum / weight, unit: 1 }
  return meanInUnits(pairs, summand, center)
}

/** The error where no row counts. */
export function refuseNoRows(): OneCopyError {
  return new OneCopyError(
    'ERR_ROWS',
    'Expected at least one row with a weight above 0 to score, got none.',
  )
}

/** Whether a sum has lost nothing to over- or underflow. Of 0 and NaN that is unknown. */
function isInRange(sum: number): boolean {
  const size = Math.abs(sum)
  return size > 2 ** -960 && size < Infinity
}

export function rangesOf({ rows }: Pick<Pairs, 'rows'>): readonly (readonly [number, number])[] {
  return 'numbers' in rows ? [[0, rows.numbers.length]] : rows.ranges
}

/** The mean in units of the largest value, with weights in units of the largest weight. */
function meanInUnits(pairs: Pairs, summand: Summand, center: number): ScaledMean {
  const isOfTruth =
    summand === 'truth' || summand === 'absolute truth' || summand === 'squared deviation'
  let values: Values = { pairs, from: isOfTruth ? center : undefined, divisor: 1 }
  let most = greatest(values)
  // A difference of finite numbers overflows only once: that of their halves is finite.
  if (most.value === Infinity) most = greatest((values = { ...values, divisor: 2 }))
  const unit = powerOfTwo(most.value)
  const heavy = powerOfTwo(most.weight)
  const isSquare = summand === 'squared deviation' || summand === 'squared error'
  let [sum, total] = [0, 0]
  eachRow(values, (value, weight) => {
    const scaled = value / unit
    const w = weight / heavy
    if (isSquare) sum += w * scaled * scaled
    else if (summand === 'truth') sum += w * scaled
    else if (summand === 'shortfall') sum += w * Math.max(scaled, 0)
    else if (summand === 'excess') sum += w * Math.max(-scaled, 0)
    else sum += w * Math.abs(scaled)
    total += w
  })
  return { mean: sum / total, unit: values.divisor * unit }
}

/** Differences of the truth `from` a number or else from the predictions, all divided by `divisor`. */
interface Values {
  readonly pairs: Pairs
  readonly from: number | undefined
  readonly divisor: 1 | 2
}

function greatest(values: Values): { value: number; weight: number } {
  const most = { value: 0, weight: 0 }
  eachRow(values, (value, weight) => {
    most.value = Math.max(most.value, Math.abs(value))
    most.weight = Math.max(most.weight, weight)
  })
  return most
}

/** Calls `use` for each row that counts. */
function eachRow(
  { pairs, from, divisor }: Values,
  use: (value: number, weight: number) => void,
): void {
  eachPair(pairs, (truth, guess, weight) =>
    use(truth / divisor - (from ?? guess) / divisor, weight),
  )
}

/** Calls `use` for each row with a weight above 0; `row` is its number in `y`. */
export function eachPair(
  pairs: Pairs,
  use: (truth: number, guess: number, weight: number, row: number) => void,
): void {
  const { truth, guess, rows, weights, numbers } = pairs
  for (const [start, stop] of rangesOf(pairs)) {
    for (let i = start; i < stop; i++) {
      const row = 'numbers' in rows ? rows.numbers[i]! : i
      const weight = weights?.[row] ?? 1
      if (weight === 0) continue
      const y = Number(truth.data[truth.offset + row * truth.stride])
      const p = Number(guess.data[guess.offset + row * guess.stride])
      use(y, p, weight, numbers?.[row] ?? row)
    }
  }
}

/**
 * Weighted mean of a value of each row, for weights of any size.
 *
 * @throws OneCopyError `ERR_ROWS` when no row counts
 */
export function meanOfRows(
  pairs: Pairs,
  valueOf: (truth: number, guess: number, row: number) => number,
): number {
  const unit = powerOfTwo(largestOf(pairs.weights))
  let [sum, total] = [0, 0]
  eachPair(pairs, (truth, guess, weight, row) => {
    sum += (weight / unit) * valueOf(truth, guess, row)
    total += weight / unit
  })
  if (total === 0) throw refuseNoRows()
  return sum / total
}

/** The largest weight; 1 without weights. */
export function largestOf(weights: Float64Array | undefined): number {
  return weights?.reduce((most, weight) => Math.max(most, weight), 0) ?? 1
}

/** A power of two near a size, at most half the greatest number; 1 for 0 and what is not finite. */
export function powerOfTwo(size: number): number {
  if (!(size > 0 && size < Infinity)) return 1
  return 2 ** Math.min(Math.max(Math.floor(Math.log2(size)), -1021), 1022)
}

/** Whether all rows that count have the same truth, and how many they are, up to 2. */
export function describeTruth(pairs: Pairs): { count: number; isConstant: boolean } {
  const { truth, rows, weights } = pairs
  let [count, first] = [0, 0]
  for (const [start, stop] of rangesOf(pairs)) {
    for (let i = start; i < stop; i++) {
      const row = 'numbers' in rows ? rows.numbers[i]! : i
      if (weights?.[row] === 0) continue
      const y = Number(truth.data[truth.offset + row * truth.stride])
      if (count > 0 && y !== first) return { count: 2, isConstant: false }
      first = y
      count = Math.min(count + 1, 2)
    }
  }
  return { count, isConstant: true }
}

/** Adds rows, or positions of row numbers, from `start` up to `stop`. */
function addRows(
  pairs: Pairs,
  start: number,
  stop: number,
  summand: Summand,
  center: number,
  total: { sum: number; weight: number },
): void {
  const { truth, guess, rows, weights } = pairs
  if (summand === 'squared error' && 'ranges' in rows && weights === undefined)
    if (truth.data instanceof Float64Array && guess.data instanceof Float64Array) {
      const [y, p] = [
        { ...truth, data: truth.data },
        { ...guess, data: guess.data },
      ]
      total.sum = addSquaredErrors(y, p, start, stop, total.sum)
      total.weight += stop - start
      return
    }
  const numbers = 'numbers' in rows ? rows.numbers : undefined
  const [truths, truthOffset, truthStride] = [truth.data, truth.offset, truth.stride]
  const [guesses, guessOffset, guessStride] = [guess.data, guess.offset, guess.stride]
  let { sum, weight } = total
  // One loop with a branch that always goes the same way: a call for each row costs five times as much.
  for (let i = start; i < stop; i++) {
    const row = numbers === undefined ? i : numbers[i]!
    const w = weights === undefined ? 1 : weights[row]!
    if (w === 0) continue
    const y = Number(truths[truthOffset + row * truthStride])
    const error = y - Number(guesses[guessOffset + row * guessStride])
    if (summand === 'squared error') sum += w * error * error
    else if (summand === 'absolute error') sum += w * Math.abs(error)
    else if (summand === 'truth') sum += w * y
    else if (summand === 'absolute truth') sum += w * Math.abs(y)
    else if (summand === 'shortfall') sum += w * Math.max(error, 0)
    else if (summand === 'excess') sum += w * Math.max(-error, 0)
    else sum += w * (y - center) * (y - center)
    weight += w
  }
  total.sum = sum
  total.weight = weight
}

/** Values of float64. */
interface StridedFloats extends StridedValues {
  readonly data: Float64Array
}

/** The usual sum of the usual arrays, in a third of the time. */
function addSquaredErrors(
  truth: StridedFloats,
  guess: StridedFloats,
  start: number,
  stop: number,
  before: number,
): number {
  const [truths, truthOffset, truthStride] = [truth.data, truth.offset, truth.stride]
  const [guesses, guessOffset, guessStride] = [guess.data, guess.offset, guess.stride]
  let sum = before
  for (let row = start; row < stop; row++) {
    const error =
      truths[truthOffset + row * truthStride]! - guesses[guessOffset + row * guessStride]!
    sum += error * error
  }
  return sum
}
