/** The MemoryMonitor of joblib's documentation, in three lines. */

import { parseArgs } from 'node:util'
import { delayed, Parallel } from 'onecopy'
import { startMonitor } from 'onecopy/monitor'
import { makeResult } from './tasks.ts'

// joblib.readthedocs.io/en/stable/auto_examples/parallel_generator.html: a thread that adds up USS of this process and
// its children every 0.2 s. USS leaves out all that two of them share; what is shared counts once here.
const { values } = parseArgs({
  options: {
    results: { type: 'string', default: '30' },
    numbers: { type: 'string', default: '2000000' },
  },
})
const [results, numbers] = [Number(values.results), Number(values.numbers)]
const parallel = new Parallel({ workers: 2, backend: 'processes' })
await parallel.run([delayed(makeResult)(0, 1, 50), delayed(makeResult)(0, 1, 50)])

const monitor = startMonitor()
const kept = await parallel.run(
  Array.from({ length: results }, (_, i) => delayed(makeResult)(i, numbers, 20)),
)
const { start, peak } = await monitor.stop()

await parallel.close()
const megabytes = (bytes: number | undefined): string => ((bytes ?? NaN) / 1e6).toFixed(0)
console.log(`${kept.length} results of ${megabytes(8 * numbers)} MB`)
console.log(`the peak is ${megabytes(peak.hard! - start.hard!)} MB above the start`)
