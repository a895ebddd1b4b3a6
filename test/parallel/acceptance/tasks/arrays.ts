/** Tasks of the acceptance cases that look at the memory of their arrays. */

import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type NDArray, shared } from '../../../../src/arrays/index.ts'

/** Device, inode and length of the memory of each array; a private array has none. */
export function identities(arrays: readonly NDArray[]): (string | undefined)[] {
  return arrays.map((array) => array.mapping?.identity)
}

/** How many of this process's mappings are of the file or folder `path`, while arrays on it are held. */
export function countMaps(path: string, arrays: readonly NDArray[]): number {
  const lines = readFileSync('/proc/self/maps', 'utf8').split('\n')
  return arrays.length === 0 ? 0 : lines.filter((line) => line.includes(path)).length
}

/** Adds `value` to each element, waits until the others have too, and gives the first element. */
export async function addAndLook(values: NDArray<'float64'>, value: number): Promise<number> {
  for (let i = 0; i < values.data.length; i++) values.data[i]! += value
  await sleep(100)
  return values.get(0)
}

/** An array of `bytes` that nobody has written to but at both ends. */
export function giveHuge(bytes: number): NDArray<'uint8'> {
  const result = shared([bytes], 'uint8')
  result.set(1, 0)
  result.set(2, bytes - 1)
  return result
}

/** The same in private memory. */
export function giveHugePrivate(bytes: number): Uint8Array {
  const result = new Uint8Array(bytes)
  result[0] = 1
  result[bytes - 1] = 2
  return result
}

/** What stands at both ends of an array. */
export function ends(values: NDArray<'uint8'>): [number, number] {
  return [values.get(0), values.get(values.size - 1)]
}
