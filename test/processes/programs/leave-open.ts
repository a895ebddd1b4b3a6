/** Uses a pool and leaves it open. */

import { delayed, Parallel } from '../../../src/parallel/index.ts'
import { square } from '../../fixtures/tasks/plain.ts'

const parallel = new Parallel({ workers: 2, backend: process.argv[2] as 'threads' })
console.log('done', ...(await parallel.run([1, 2, 3].map((x) => delayed(square)(x)))))
