/** A module whose cached function is made anew in each worker that imports it. */

import { cached } from '../../../src/cache/index.ts'

const offsets = { by: 3 }
const shift = (x: number): number => x + offsets.by

function square(x: number): number {
  return shift(x) ** 2
}

/** Its key in the thread that is asked. */
export async function keyHere(folder: string, x: number): Promise<string> {
  return cached(square, { folder, name: 'square' }).key(x)
}

export const squared = cached(square, { folder: 'never-made', name: 'square' })

/** Uses the one that its own thread has made. */
export async function keyOfExported(x: number): Promise<string> {
  return squared.key(x)
}
