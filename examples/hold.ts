/** One array held by four workers: copied, shared, and mapped from a file. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  createArray,
  delayed,
  type NDArray,
  openArray,
  Parallel,
  shared,
  startMonitor,
} from 'onecopy'
import { hold } from './tasks.ts'

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '100' },
    ms: { type: 'string', default: '1000' },
  },
})
const n = (Number(values.megabytes) * 1e6) / 8
const workers = 4

/** Lets every worker read `X` and hold it, and prints what that took beside `X` itself. */
async function measure(
  name: string,
  X: NDArray<'float64'>,
  shareFromBytes: number | null = 2 ** 20,
): Promise<void> {
  const parallel = new Parallel({ workers, backend: 'processes', shareFromBytes })
  const tasks = (Y: NDArray<'float64'>) =>
    Array.from({ length: workers }, () => delayed(hold)(Y, Number(values.ms)))
  await parallel.run(tasks(X.rows(0, 1)))
  const monitor = startMonitor({ intervalMs: 20 })
  const sums = await parallel.run(tasks(X))
  const { start, peak } = await monitor.stop()
  await parallel.close()
  if (sums.some((sum) => sum !== n)) throw new Error(`${name}: wrong sums, ${sums.join(' ')}`)
  const copies = ((peak.hard ?? NaN) - (start.hard ?? NaN)) / X.nbytes
  console.log(`${name.padEnd(36)} ${copies.toFixed(2)} copies`)
}

const folder = await mkdtemp(join(tmpdir(), 'hold-'))
try {
  console.log(`${values.megabytes} MB held by ${workers} processes takes, beside itself`)
  const file = createArray(join(folder, 'X.npy'), { dtype: 'float64', shape: [n] })
  file.data.fill(1, file.offset)
  await measure('mapped from a file', openArray(join(folder, 'X.npy'), { dtype: 'float64' }))
  const X = shared([n], 'float64')
  X.data.fill(1)
  await measure('in shared memory', X)
  const mine = X.copy()
  X[Symbol.dispose]()
  await measure('in private memory, shared once', mine)
  await measure('in private memory, as plain buffers', mine, null)
} finally {
  await rm(folder, { recursive: true })
}
