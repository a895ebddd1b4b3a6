/** The monitor's thread, which samples while the event loop is busy. */

import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { Mark } from '../marks/mark-file.ts'
import type { CommandEnding, RunData } from '../record/run-data.ts'
import type { TreeSample } from '../sampling/sample.ts'
import { HandoverLock } from './handover-lock.ts'
import type { HandoverState } from './handover-lock.ts'
import { Watch } from './watch.ts'
import type { WatchEntry, WatchTask } from './watch.ts'

/** What the thread is started with. */
export interface SamplerTask extends WatchTask {
  readonly intervalMs: number
  /** Whose turn it is: the thread's, when it is up. */
  readonly turn: HandoverState
}

/** What the thread is asked for; it answers in order. */
export type SamplerRequest = 'sample' | SamplerMark | SamplerGlance | SamplerStop | SamplerEarlier

/** What the monitor recorded while the thread was starting; there is no answer. */
export interface SamplerEarlier {
  readonly earlier: WatchEntry
}

/** What was recorded since a moment of the run; nothing is sampled for it. */
export interface SamplerGlance {
  readonly sinceMs: number
}

/** A phase that begins now, with a sample. */
export interface SamplerMark {
  readonly mark: Mark
}

/** The end of the watch, with what is known about the end of what was watched. */
export interface SamplerStop {
  readonly ending: CommandEnding
}

/** What the thread answers; first of all, and not asked, that it has begun to sample. */
export type SamplerAnswer = SamplerSample | SamplerData | 'ready'

export interface SamplerSample {
  readonly sample: TreeSample
}

export interface SamplerData {
  readonly data: RunData
}

if (parentPort) serve(parentPort, workerData as SamplerTask)

/** Samples at every interval, at marks and on request, until it is stopped with a last sample. */
function serve(port: NonNullable<typeof parentPort>, task: SamplerTask): void {
  const watch = new Watch(task)
  const answer = (content: SamplerAnswer): void => port.postMessage(content)
  const cancel = everyInterval(task.intervalMs, () => watch.look({ lazy: true }))
  const serveOne = (request: SamplerRequest): void => {
    if (typeof request === 'object' && 'earlier' in request) return watch.takeOver(request.earlier)
    if (request === 'sample') return answer({ sample: watch.look() })
    if ('mark' in request) return answer({ sample: watch.mark(request.mark) })
    if ('sinceMs' in request) return answer({ data: watch.recorder.data(request.sinceMs) })
    watch.look()
    cancel()
    watch.close()
    answer({ data: watch.recorder.data(-1, request.ending) })
    port.close()
  }
  new HandoverLock(task.turn).end()
  // What was seen before comes before what this thread sees.
  for (let next; (next = receiveMessageOnPort(port));) serveOne(next.message as SamplerRequest)
  port.on('message', serveOne)
  answer('ready')
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
