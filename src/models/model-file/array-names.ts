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
  for (const [i, array] of arrays.entries()) {
    const plain = memberName(places[i]!)
    let name = `${plain}.npy`
    for (let n = 2; named.has(name); n++) name = `${plain}-${n}.npy`
    named.set(name, array)
  }
  return named
}

/** Letters, digits and the marks of a place; others become `_`. */
function memberName(place: string): string {
  const name = place.replaceAll(/[^\p{L}\p{N}_.[\]-]/gu, '_').replaceAll(/\.{2,}/g, '.')
  return Array.from(name).slice(0, mostLetters).join('').replace(/^\./, '_') || 'model'
}
