/** A tensor of a request: named values in a shape. */

/** Values of an input, row by row. */
export interface Tensor {
  readonly name: string
  readonly datatype: string
  readonly shape: readonly number[]
  /** Numbers, NaN where there is none; texts for BYTES, null where there is none. */
  readonly values: Numbers | readonly (string | null)[]
}

/** Numbers in an array, or the finite ones of a JSON list as it was parsed: most requests have too few to be worth an array. */
export type Numbers = Float64Array | readonly number[]

/** The numbers of a tensor; undefined for texts. */
export function numbersOf({ datatype, values }: Tensor): Numbers | undefined {
  return datatype === 'BYTES' ? undefined : (values as Numbers)
}

/** Numbers in an array, their own one where they have one. */
export function toFloat64(numbers: Numbers): Float64Array {
  return numbers instanceof Float64Array ? numbers : new Float64Array(numbers)
}

/** How many values a shape has. */
export function countValues(shape: readonly number[]): number {
  let product = 1
  for (const length of shape) product *= length
  return product
}
