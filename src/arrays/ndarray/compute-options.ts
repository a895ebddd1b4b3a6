/** Options of what an array computes of its own elements. */

import { boolean, oneOf, type OptionTypes, wholeNumber } from '../../options.ts'
import type { Rounding } from '../math/convert-elements.ts'
import type { ReduceOptions } from '../math/reduction.ts'

/** Options of a reduction of all elements to one. */
export interface WholeOptions {
  readonly axis?: undefined
  readonly keepDims?: false | undefined
}

/** Options of a reduction to an array: along an axis, or of all elements with every axis kept. */
export type AxisOptions =
  | { readonly axis: number; readonly keepDims?: boolean | undefined }
  | { readonly axis?: undefined; readonly keepDims: true }

/** What `std()` takes beside the axis. */
export interface DdofOption {
  /** Delta degrees of freedom: the sum of squares is divided by the number of elements less this one. Default 0. */
  readonly ddof?: number | undefined
}

/** Options of `astype()`. */
export interface ConvertOptions {
  /**
   * How values are rounded that the dtype doesn't hold: fractions to integers toward zero (`'truncate'`) or to the nearest,
   * ties to even (`'nearest'`); with `'nearest'` also large integers to floats. Default: they are refused.
   */
  readonly rounding?: Rounding | undefined
}

/** Checks of these options. */
export const reduceTypes: OptionTypes<ReduceOptions> = {
  axis: [(axis) => typeof axis === 'number', 'the number of an axis'],
  keepDims: boolean,
}
/** Checks of these options. */
export const stdTypes: OptionTypes<ReduceOptions & DdofOption> = {
  ...reduceTypes,
  ddof: wholeNumber(0),
}
/** Checks of these options. */
export const convertTypes: OptionTypes<ConvertOptions> = { rounding: oneOf('truncate', 'nearest') }
