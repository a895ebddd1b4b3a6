/** Runs one suite on every backend. */

import { describe, test, type TestContext } from 'node:test'
import { Parallel, type ParallelOptions } from '../../src/parallel/index.ts'
import { sharedPool } from '../shared-pools.ts'

export type BackendName = 'serial' | 'threads' | 'processes'

export const everyBackend: readonly BackendName[] = ['serial', 'threads', 'processes']

/** Where a task has another event loop than the test. */
export const workerBackends: readonly BackendName[] = ['threads', 'processes']

/** Gives pools of a backend. */
export interface Make {
  /** A pool of two workers that ends with its test. */
  (options?: ParallelOptions): Parallel
  /** A pool that other tests use, too: see {@link sharedPool}. */
  readonly shared: (workers?: number) => Parallel
}

/** Declares a test for each backend; `make` gives pools of that backend. */
export function onBackends(
  backends: readonly BackendName[],
  name: string,
  body: (make: Make, backend: BackendName, context: TestContext) => Promise<void>,
): void {
  describe(name, () => {
    for (const backend of backends) {
      test(`on ${backend}`, { timeout: 120_000 }, async (context) => {
        const pools: Parallel[] = []
        const make = (options?: ParallelOptions): Parallel => {
          const parallel = new Parallel({ workers: 2, backend, ...options })
          pools.push(parallel)
          return parallel
        }
        const shared = (workers = 2): Parallel => sharedPool(backend, workers)
        try {
          await body(Object.assign(make, { shared }), backend, context)
        } finally {
          for (const parallel of pools) await parallel.close()
        }
      })
    }
  })
}
