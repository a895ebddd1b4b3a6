/** Samples in the calling thread until the monitor's thread has started. */

import type { SamplerMark, SamplerTask } from './sampler-worker.ts'
import type { TreeSample } from '../sampling/sample.ts'
import { HandoverLock } from './handover-lock.ts'
import { Watch } from './watch.ts'
import type { WatchEntry } from './watch.ts'

/**
 * A thread takes 50 ms to start, and much longer on a busy machine; many commands are over by
 * then. Until it is up the event loop samples, if it is free.
 */
export class EarlyWatch {
  readonly watch: Watch
  readonly #turn: HandoverLock
  readonly #timer: NodeJS.Timeout

  /** @param onEntry - is given all that is recorded, for the other thread */
  constructor(task: SamplerTask, onEntry: (entry: WatchEntry) => void) {
    this.#turn = new HandoverLock(task.turn)
    this.watch = new Watch(task, { onEntry, take: (look) => this.#turn.take(look) })
    const look = (): unknown => this.#turn.take(() => this.watch.look({ lazy: true }))
    this.#timer = setInterval(look, task.intervalMs).unref()
  }

  /** Whether the other thread watches now, and knows all that this one saw. */
  get isOver(): boolean {
    return this.#turn.isOver
  }

  /** What was asked for; `undefined` once the other thread watches. */
  take(request: 'sample' | SamplerMark): TreeSample | undefined {
    return this.#turn.take(() =>
      request === 'sample' ? this.watch.look() : this.watch.mark(request.mark),
    )
  }

  close(): void {
    clearInterval(this.#timer)
    this.watch.close()
  }
}
