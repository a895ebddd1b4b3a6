/** Waits for its tasks after Ctrl-C, then closes. */

import { delayed, Parallel } from '../../../src/parallel/index.ts'
import { after } from '../../fixtures/tasks/plain.ts'

const parallel = new Parallel({ workers: 2, backend: 'processes' })
await parallel.run([delayed(after)(1, 1), delayed(after)(1, 1)])
const running = parallel.run([delayed(after)(600, 5)])
const interrupted = new Promise((resolve) => process.once('SIGINT', resolve))
console.log('running')
await interrupted
console.log('result', ...(await running))
await parallel.close()
console.log('closed')
