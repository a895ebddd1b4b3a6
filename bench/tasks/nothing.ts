/** A task that costs nothing. */

export function nothing(x: number): number {
  return x
}
