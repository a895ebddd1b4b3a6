/** Begins a run and has nothing else to wait for. */

import { delayed, Parallel } from '../../../src/parallel/index.ts'
import { after } from '../../fixtures/tasks/plain.ts'

const parallel = new Parallel({ workers: 2, backend: process.argv[2] as 'threads' })
void parallel.run([delayed(after)(300, 7)]).then(([x]) => console.log('then', x))
console.log('main is done')
