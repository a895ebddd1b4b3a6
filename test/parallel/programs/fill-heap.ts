/** Runs a task that fills the heap of its worker, and another one after it. */

import { isOneCopyError } from '../../../src/errors.ts'
import { delayed, Parallel } from '../../../src/parallel/index.ts'
import { fillHeap } from '../../fixtures/tasks/misbehaving.ts'
import { square } from '../../fixtures/tasks/plain.ts'

const parallel = new Parallel({ workers: 1, backend: process.argv[2] as 'threads' | 'processes' })
await parallel.run([delayed(fillHeap)()]).catch((error: unknown) => {
  if (isOneCopyError(error)) console.log(error.code, error.message)
})
console.log('then', ...(await parallel.run([delayed(square)(9)])))
await parallel.close()
