/** Vectors with an element for each row, without a list beside them. */

/**
 * Copies numbers as float64. `Float64Array.from(values, Number)` would first make a list with an object for each number, 24 bytes
 * a row beside the copy.
 */
export function toFloat64(values: ArrayLike<number | bigint>): Float64Array {
  if (values instanceof Float64Array) return values.slice()
  const { length } = values
  const copy = new Float64Array(length)
  for (let i = 0; i < length; i++) copy[i] = Number(values[i])
  return copy
}

/** A number for each of some rows, in their order, as `Float64Array.from(numbers, valueOf)` without its list. */
export function mapNumbers(
  numbers: ArrayLike<number>,
  valueOf: (number: number, position: number) => number,
): Float64Array {
  const { length } = numbers
  const values = new Float64Array(length)
  for (let i = 0; i < length; i++) values[i] = valueOf(numbers[i]!, i)
  return values
}

/** Positions of the values that something holds for, ascending. */
export function placesWhere(
  values: ArrayLike<number>,
  holds: (value: number) => boolean,
): Int32Array {
  const { length } = values
  const places = new Int32Array(length)
  let count = 0
  for (let i = 0; i < length; i++) if (holds(values[i]!)) places[count++] = i
  return count === length ? places : places.slice(0, count)
}
