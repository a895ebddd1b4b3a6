/** Prints how many milliseconds a new pool takes to its first result. */

// The built package: no user's worker strips types of a hundred files.

import { delayed, Parallel } from 'onecopy/parallel'

const [, , backend, tasks] = process.argv
const { nothing } = await import(tasks)
const start = performance.now()
const parallel = new Parallel({ workers: 2, backend })
await parallel.run([delayed(nothing)(1)])
console.log(performance.now() - start)
await parallel.close()
