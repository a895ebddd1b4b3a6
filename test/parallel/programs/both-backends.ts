/** Squares three numbers on threads and on processes. */

import { delayed, Parallel } from '../../../src/parallel/index.ts'
import { square } from '../../fixtures/tasks/plain.ts'

for (const backend of ['threads', 'processes'] as const) {
  const parallel = new Parallel({ workers: 1, backend })
  console.log(backend, ...(await parallel.run([1, 2, 3].map((x) => delayed(square)(x)))))
  await parallel.close()
}
