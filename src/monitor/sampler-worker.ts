/** The thread that samples beside a busy event loop. */

import { parentPort, workerData } from 'node:worker_threads'
import { procFiles } from './proc-files.ts'
import { processName } from './process-name.ts'
import { RunRecorder } from './recorder.ts'
import type { RunData } from './run-data.ts'
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
export type SamplerRequest = 'sample' | 'stop' | SamplerMark | SamplerGlance

/** What was recorded since a moment of the run; nothing is sampled for it. */
export interface SamplerGlance {
  readonly sinceMs: number
}

/** A phase that begins with a sample of now. */
export interface SamplerMark {
  readonly mark: string
  /** The process that it begins in. */
  readonly pid: number
}

/** What the thread answers. */
export type SamplerAnswer = { readonly sample: TreeSample } | { readonly data: RunData }

if (parentPort) serve(parentPort, workerData as SamplerTask)

/** Samples at every interval and on request, until it is stopped with a last sample. */
function serve(port: NonNullable<typeof parentPort>, task: SamplerTask): void {
  const sampler = new TreeSampler(procFiles, task.pid, { children: task.children })
  const recorder = new RunRecorder(task.start, {
    nameOf: ({ pid, name }) => processName(procFiles, pid, name),
  })
  const look = (): TreeSample => {
    const sample = sampler.take()
    recorder.add(sample)
    return sample
  }
  const cancel = everyInterval(task.intervalMs, look)
  port.on('message', (request: SamplerRequest) => {
    if (typeof request === 'object' && 'sinceMs' in request) {
      return port.postMessage({ data: recorder.data(request.sinceMs) } satisfies SamplerAnswer)
    }
    const sample = look()
    if (request !== 'stop') {
      if (request !== 'sample') recorder.mark(request.mark, request.pid)
      return port.postMessage({ sample } satisfies SamplerAnswer)
    }
    cancel()
    port.postMessage({ data: recorder.data() } satisfies SamplerAnswer)
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
