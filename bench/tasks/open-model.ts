/** Opens a container or model in a process of its own, and prints what it took. */

import { readFileSync } from 'node:fs'
import { array, openArray } from '../../src/arrays/index.ts'
import { openContainer, saveContainer } from '../../src/container/index.ts'
import type { Estimator } from '../../src/learn/index.ts'
import { openModel } from '../../src/models/index.ts'
import { median } from '../harness.ts'

const [what = '', path = '', width = '1'] = process.argv.slice(2)

/** A line of a file of this process in /proc, in bytes. */
function kernelBytes(file: string, name: string): number {
  const text = readFileSync(`/proc/self/${file}`, 'utf8')
  return 1024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0)
}

function hardBytes(): number {
  return kernelBytes('status', 'RssAnon') + kernelBytes('status', 'RssShmem')
}

function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** The first opening in this process, and the median of twenty more. */
async function open(): Promise<object> {
  const times: number[] = []
  for (let i = 0; i <= 20; i++) {
    const start = performance.now()
    await openContainer(path)
    times.push(performance.now() - start)
  }
  const maps = readFileSync('/proc/self/maps', 'utf8').split('\n')
  return {
    firstMs: times[0],
    medianMs: median(times.slice(1)),
    maps: maps.filter((line) => line.endsWith(path)).length,
  }
}

/** Saves a mapped array. */
async function save(): Promise<object> {
  const arrays = new Map([['a.npy', openArray(`${path}.npy`)]])
  const before = hardBytes()
  let peak = before
  const timer = setInterval(() => (peak = Math.max(peak, hardBytes())), 5)
  const [start, cpu] = [performance.now(), processorMs()]
  await saveContainer(path, { schema: 1, arrays })
  clearInterval(timer)
  return { wallMs: performance.now() - start, cpuMs: processorMs() - cpu, peakBytes: peak - before }
}

/** One of several processes: says what it takes before it opens the model, and after it has predicted. */
async function share(): Promise<void> {
  await import('../../src/learn/index.ts')
  process.send!('started')
  process.on('message', (message) => {
    if (message === 'end') process.disconnect()
    else void (message === 'open' ? predict() : tell())
  })
  let model: Estimator | undefined
  const predict = async (): Promise<void> => {
    model = await openModel<Estimator>(path)
    await model.predict(rowsOf(10))
    process.send!('opened')
  }
  const tell = (): void => {
    process.send!({ pss: kernelBytes('smaps_rollup', 'Pss') })
  }
}

function rowsOf(count: number): ReturnType<typeof array> {
  const values = Float64Array.from({ length: count * Number(width) }, (_, i) => Math.cos(i))
  return array(values).reshape(count, Number(width))
}

if (what === 'share') await share()
else console.log(JSON.stringify(await (what === 'open' ? open() : save())))
