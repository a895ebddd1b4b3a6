/** Holds a worker process in a task whose own threads never end. */

import { delayed, Parallel } from '../../../src/parallel/index.ts'
import { holdNested } from '../../fixtures/tasks/nested.ts'
import { pid } from '../../fixtures/tasks/plain.ts'

const parallel = new Parallel({ workers: 1, backend: 'processes' })
console.log('worker', ...(await parallel.run([delayed(pid)()])))
await parallel.run([delayed(holdNested)(process.argv[2] === 'spin')])
