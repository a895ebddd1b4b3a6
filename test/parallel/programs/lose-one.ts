/** Waits for one run while another loses its worker, with tasks behind the one that ends it. */

import { delayed, Parallel } from '../../../src/parallel/index.ts'
import { exit } from '../../fixtures/tasks/misbehaving.ts'
import { after, square } from '../../fixtures/tasks/plain.ts'

const [backend] = process.argv.slice(2) as ['threads']
const parallel = new Parallel({ workers: 2, backend })
const slow = parallel.run([delayed(after)(1000, 'slow')])
const lost = [delayed(exit)(3), delayed(square)(1), delayed(square)(2)]
await parallel.run(lost, { chunkSize: 3 }).catch(() => console.log('lost'))
console.log(...(await slow))
