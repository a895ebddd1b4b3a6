/** Runs one suite on every backend. */

import { describe, test, type TestContext } from 'node:test'
import { Parallel, type ParallelOptions } from '../../src/parallel/index.ts'

export type BackendName = 'serial' | 'threads' | 'processes'

export const everyBackend: readonly BackendName[] = ['serial', 'threads', 'processes']

/** Where a task has another event loop than the test. */
export const workerBackends: readonly BackendName[] = ['threads', 'processes']

/** A pool that ends with its test. */
export type Make = (options?: ParallelOptions) => Parallel

/** Declares a test for each backend; `make` gives pools of two workers of that backend. */
export function onBackends(
  backends: readonly BackendName[],
  name: string,
  body: (make: Make, backend: BackendName, context: TestContext) => Promise<void>,
): void {
  describe(name, () => {
    for (const backend of backends) {
      test(`on ${backend}`, { timeout: 120_000 }, async (context) => {
        const pools: Parallel[] = []
        const make: Make = (options) => {
          const parallel = new Parallel({ workers: 2, backend, ...options })
          pools.push(parallel)
          return parallel
        }
        try {
          await body(make, backend, context)
        } finally {
          for (const parallel of pools) await parallel.close()
        }
      })
    }
  })
}
