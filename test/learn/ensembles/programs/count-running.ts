/** A call that counts how many of them run at once. */

import { setTimeout } from 'node:timers/promises'
import { atomicAdd, atomicMax, type NDArray } from '../../../../src/arrays/index.ts'

/** @param running - how many run, and the most that ever did */
export async function countRunning(running: NDArray<'int32'>, fails: boolean): Promise<number> {
  atomicMax(running, 1 + atomicAdd(running, 1, 0), 1)
  await setTimeout(10)
  atomicAdd(running, -1, 0)
  if (fails) throw new Error('meant to fail')
  return 1
}
