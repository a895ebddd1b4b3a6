/** Prints how many milliseconds a new pool takes to its first result. */

// The built package: no user's worker strips types of a hundred files.

import { delayed, Parallel } from 'onecopy/parallel'
import { nothing } from './nothing.ts'

const start = performance.now()
const parallel = new Parallel({ workers: 2, backend: process.argv[2] as 'threads' | 'processes' })
await parallel.run([delayed(nothing)(1)])
console.log(performance.now() - start)
await parallel.close()
