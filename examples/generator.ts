/** Results as they come: joblib's example of a generator, in bounded memory. */

import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { delayed, type NDArray, Parallel, startMonitor, type Task } from 'onecopy'
import { makeResult } from './tasks.ts'

// joblib.readthedocs.io/en/stable/auto_examples/parallel_generator.html: 150 results of 15 MB, 0.1 s each; in the
// delayed variant every 60th takes 5 s. Try `--results 20 --slow-ms 500` first.
const { values } = parseArgs({
  options: {
    results: { type: 'string', default: '150' },
    numbers: { type: 'string', default: '2000000' },
    ms: { type: 'string', default: '100' },
    'slow-ms': { type: 'string', default: '5000' },
    backend: { type: 'string', default: 'processes' },
    variant: { type: 'string' },
  },
})
const [results, numbers] = [Number(values.results), Number(values.numbers)]
const [ms, slowMs] = [Number(values.ms), Number(values['slow-ms'])]

type Result = NDArray<'float64'>

function* calls(hasSlow: boolean): Generator<Task<Result>> {
  for (let i = 0; i < results; i++)
    yield delayed(makeResult)(i, numbers, hasSlow && (i + 20) % 60 === 0 ? slowMs : ms)
}

/** Adds up the means of the results. */
async function accumulate(items: Iterable<Result> | AsyncIterable<Result>): Promise<number> {
  let sum = 0
  for await (const item of items) sum += item.get(0)
  return sum
}

const variants: Record<string, (parallel: Parallel) => Promise<number>> = {
  'in order': (parallel) => accumulate(parallel.stream(calls(false))),
  'as they finish': (parallel) =>
    accumulate(parallel.stream(calls(false), { order: 'completion' })),
  'in order, some slow': (parallel) => accumulate(parallel.stream(calls(true))),
  'as they finish, some slow': (parallel) =>
    accumulate(parallel.stream(calls(true), { order: 'completion' })),
  'all in one list': async (parallel) => accumulate(await parallel.run(calls(false))),
}

/** Runs one variant on warm workers, and prints its time and what it took beyond its start. */
async function measure(name: string): Promise<void> {
  const parallel = new Parallel({ workers: 2, backend: values.backend as 'processes' })
  await parallel.run([delayed(makeResult)(0, 1, 50), delayed(makeResult)(0, 1, 50)])
  const monitor = startMonitor({ intervalMs: 20 })
  const start = performance.now()
  const sum = await variants[name]!(parallel)
  const seconds = (performance.now() - start) / 1000
  const { start: before, peak } = await monitor.stop()
  await parallel.close()
  if (sum !== (results * (results - 1)) / 2) throw new Error(`${name}: a wrong sum, ${sum}`)
  const growth = ((peak.hard ?? NaN) - (before.hard ?? NaN)) / 1e6
  const [time, memory] = [seconds.toFixed(1).padStart(6), growth.toFixed(0).padStart(6)]
  console.log(`${name.padEnd(28)} ${time} s  ${memory} MB`)
}

if (values.variant !== undefined) await measure(values.variant)
else {
  console.log(`${results} results of ${((8 * numbers) / 1e6).toFixed(1)} MB, 2 ${values.backend}`)
  console.log('variant                         time  peak growth')
  // In a process of its own, none finds what another has left.
  for (const name of Object.keys(variants)) {
    const args = [import.meta.filename, ...process.argv.slice(2), '--variant', name]
    const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
    if (status !== 0) process.exit(1)
  }
}
