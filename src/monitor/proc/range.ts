/** A figure that is known between two bounds. */

/** Between these lies a figure, in bytes; they are equal where it is exact. */
export interface Range {
  readonly least: number
  readonly most: number
}

/** Whether so much of a figure is in doubt that it is shown as a bound. */
export function isBound({ least, most }: Range): boolean {
  return most - least > 0.02 * most
}
