/** A task that costs nothing, in JavaScript. */

export function nothing(x) {
  return x
}
