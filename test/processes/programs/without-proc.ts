/** Sends a shared array to workers; prints what came of it. */

import { shared } from '../../../src/arrays/index.ts'
import { delayed, Parallel } from '../../../src/parallel/index.ts'
import { total } from '../../fixtures/tasks/arrays.ts'

const values = shared([100_000])
values.data[5] = 7
for (const backend of ['threads', 'processes'] as const) {
  const parallel = new Parallel({ workers: 1, backend })
  try {
    console.log(backend, await parallel.run([delayed(total)(values)]))
  } catch (error) {
    console.log(backend, (error as { code?: string }).code)
  }
  await parallel.close()
}
