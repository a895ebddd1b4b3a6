/** Pools of workers that tests of one process use one after the other. */

import { after } from 'node:test'
import { Parallel } from '../src/parallel/index.ts'

/** By backend and number of workers. */
const pools = new Map<string, Parallel>()
after(async () => {
  for (const parallel of pools.values()) await parallel.close()
})

/**
 * A pool that closes after the last test of the process: most of a small test's time would go into the start of its
 * workers. For tests that neither close it, nor lose workers, nor look at what earlier tasks have left behind.
 */
export function sharedPool(
  backend: 'serial' | 'threads' | 'processes' = 'threads',
  workers = backend === 'serial' ? 1 : 2,
): Parallel {
  const key = `${backend} ${workers}`
  const parallel = pools.get(key) ?? new Parallel({ workers, backend })
  pools.set(key, parallel)
  return parallel
}
