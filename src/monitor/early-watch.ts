/** Watches from the calling thread until the monitor's own is up. */

import { Watch } from './watch.ts'
import type { WatchEntry } from './watch.ts'
import type { SamplerTask } from './sampler-worker.ts'

/**
 * A thread takes 50 ms to start, and much longer on a busy machine; many commands are over by
 * then. Until it is up the event loop samples, if it is free.
 */
export class EarlyWatch {
  readonly watch: Watch
  readonly #timer: NodeJS.Timeout

  /** @param onEntry - is given all that is recorded */
  constructor(task: SamplerTask, onEntry: (entry: WatchEntry) => void) {
    this.watch = new Watch(task, onEntry)
    this.#timer = setInterval(() => this.watch.look({ lazy: true }), task.intervalMs).unref()
  }

  close(): void {
    clearInterval(this.#timer)
    this.watch.close()
  }
}
