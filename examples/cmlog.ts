/** CPU and memory over time, as CMLog logs them, but of all processes. */

import { parseArgs } from 'node:util'
import { delayed, Parallel, shared } from 'onecopy'
import { startMonitor } from 'onecopy/monitor'
import { hold } from './tasks.ts'

// ml-ensemble.com/info/start/memory.html: CMLog prints CPU, RSS and VMS of one process, every 0.1 s. Its workers are
// invisible; and where they are not, RSS counts what they share once for each of them.
const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '200' },
    ms: { type: 'string', default: '600' },
  },
})
const X = shared([(Number(values.megabytes) * 1e6) / 8], 'float64')
X.data.fill(1)
const parallel = new Parallel({ workers: 2, backend: 'processes' })

const cm = startMonitor({ intervalMs: 100 })
await parallel.run(Array.from({ length: 4 }, () => delayed(hold)(X, Number(values.ms))))
const { data } = await cm.stop()

await parallel.close()
const { cpuMs = [], hard = [], rss = [] } = data.total
const cell = (value: number | undefined, digits = 0): string =>
  (value ?? NaN).toFixed(digits).padStart(7)
console.log('seconds  CPU %  memory MB  what RSS would show')
for (const [i, ms] of data.times.entries()) {
  if (i === 0) continue
  const cpu = (100 * (cpuMs[i]! - cpuMs[i - 1]!)) / (ms - data.times[i - 1]!)
  console.log(cell(ms / 1000, 1), cell(cpu), cell(hard[i]! / 1e6), cell(rss[i]! / 1e6))
}
