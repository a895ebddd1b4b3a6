/** Names of the arrays of a model in its file. */

import type { NDArray } from '../../arrays/index.ts'

/** The most characters of a name without its number and ending. */
const mostLetters = 120

/**
 * Names each array by its place in the model, as in `steps.scale.mean_.npy`, so that a reader in another language finds it.
 *
 * @param places - where in the model each array stands; empty for the model itself
 */
export function nameArrays(
  arrays: readonly NDArray[],
  places: readonly string[],
): Map<string, NDArray> {
  const named = new Map<string, NDArray>()
  /** The number that was tried last for each name, so that thousands of one name are not tried again. */
  const numbers = new Map<string, number>()
  for (const [i, array] of arrays.entries()) {
    const plain = memberName(places[i]!)
    let name = `${plain}.npy`
    let n = numbers.get(plain) ?? 1
    while (named.has(name)) name = `${plain}-${++n}.npy`
    numbers.set(plain, n)
    named.set(name, array)
  }
  return named
}

/** Letters, digits and the marks of a place; others become `_`. */
function memberName(place: string): string {
  const name = place.replaceAll(/[^\p{L}\p{N}_.[\]-]/gu, '_').replaceAll(/\.{2,}/g, '.')
  return Array.from(name).slice(0, mostLetters).join('').replace(/^\./, '_') || 'model'
}
