/** Names the place of an element in error texts. */

/** The index of element `i` of C order, as `[1, 2]`. */
export function indexText(shape: readonly number[], i: number): string {
  const index: number[] = []
  let rest = i
  for (const length of shape.toReversed()) {
    index.unshift(rest % length)
    rest = Math.floor(rest / length)
  }
  return `[${index.join(', ')}]`
}
