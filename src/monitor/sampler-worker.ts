/** The thread that samples, so that a busy event loop can't stop it. */

import { parentPort, workerData } from 'node:worker_threads'
import { PeakKeeper } from './peaks.ts'
import type { MemoryReport } from './peaks.ts'
import { procFiles } from './proc-files.ts'
import { TreeSampler } from './sample.ts'
import type { TreeSample } from './sample.ts'

/** What the thread is started with. */
export interface SamplerTask {
  readonly pid: number
  readonly intervalMs: number
  readonly children: boolean
  /** The sample that the monitor took as it started. */
  readonly start: TreeSample
}

/** What the thread is asked for; it answers in order. */
export type SamplerRequest = 'sample' | 'stop'

/** What the thread answers. */
export type SamplerAnswer = { readonly sample: TreeSample } | { readonly report: MemoryReport }

if (parentPort) serve(parentPort, workerData as SamplerTask)

/** Samples at every interval and on request, until it is stopped with a last sample. */
function serve(port: NonNullable<typeof parentPort>, task: SamplerTask): void {
  const sampler = new TreeSampler(procFiles, task.pid, { children: task.children })
  const peaks = new PeakKeeper(task.start)
  const look = (): TreeSample => {
    const sample = sampler.take()
    peaks.add(sample)
    return sample
  }
  const cancel = everyInterval(task.intervalMs, look)
  port.on('message', (request: SamplerRequest) => {
    const sample = look()
    if (request === 'sample') return port.postMessage({ sample } satisfies SamplerAnswer)
    cancel()
    port.postMessage({ report: peaks.report() } satisfies SamplerAnswer)
    port.close()
  })
}

/** Calls `look` at multiples of the interval from now; what came too late is left out. */
function everyInterval(intervalMs: number, look: () => void): () => void {
  const start = performance.now()
  let timer: NodeJS.Timeout
  const plan = (): void => {
    const passed = performance.now() - start
    timer = setTimeout(run, intervalMs - (passed % intervalMs))
  }
  const run = (): void => {
    look()
    plan()
  }
  plan()
  return () => clearTimeout(timer)
}
