/** A tensor of a request: named values in a shape. */

/** Values of an input, row by row. */
export interface Tensor {
  readonly name: string
  readonly datatype: string
  readonly shape: readonly number[]
  /** Numbers, NaN where there is none; texts for BYTES, null where there is none. */
  readonly values: Float64Array | readonly (string | null)[]
}

/** How many values a shape has. */
export function countValues(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1)
}
