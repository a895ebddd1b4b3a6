/** Reports the progress of a run at intervals. */

import type { PoolWorker } from '../pool-worker/pool-worker.ts'
import type { Run } from '../run/run.ts'
import type { RunProgress, RunObserver } from '../run/run-progress.ts'

/** Ten times a second is more than anybody reads. */
const leastMs = 100

/** Where nothing happens, time still passes. */
const mostMs = 1000

/** The rate is that of so many reports. */
const mostSamples = 100

/** What a reporter is told of the run's surroundings. */
export interface ReporterPlace {
  workers(): Iterable<PoolWorker>
  /** Results that wait for their reader. */
  buffered(): number
}

/** Counts for one run, and tells. */
export class Reporter implements RunObserver {
  readonly #run: Run
  readonly #place: ReporterPlace
  readonly #tell: (progress: RunProgress) => void
  readonly #startMs = performance.now()
  readonly #samples: { ms: number; done: number }[] = [{ ms: this.#startMs, done: 0 }]
  #timer: NodeJS.Timeout
  #isDue = false

  constructor(run: Run, place: ReporterPlace, tell: (progress: RunProgress) => void) {
    this.#run = run
    this.#place = place
    this.#tell = tell
    this.#timer = this.#reportIn(mostMs)
  }

  /** Something has changed. */
  touch(): void {
    if (this.#isDue) return
    this.#isDue = true
    clearTimeout(this.#timer)
    this.#timer = this.#reportIn(this.#earlyMs())
  }

  /** The run is over, and this is the last word. */
  end(): void {
    this.close()
    this.#tell(this.#look(true))
  }

  /** Nothing more is told. */
  close(): void {
    clearTimeout(this.#timer)
    this.#isDue = true
  }

  /** Milliseconds until something may be told again. */
  #earlyMs(): number {
    return Math.max(0, leastMs - (performance.now() - this.#samples.at(-1)!.ms))
  }

  #reportIn(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      // Timers count from when the event loop last looked at the clock, before a long task perhaps.
      const earlyMs = this.#earlyMs()
      if (earlyMs > 1) {
        this.#timer = this.#reportIn(earlyMs)
        return
      }
      this.#isDue = false
      this.#timer = this.#reportIn(mostMs)
      try {
        this.#tell(this.#look(false))
      } catch (error) {
        this.#run.stop({ error })
      }
    }, ms).unref()
  }

  #look(isOver: boolean): RunProgress {
    const { settings, taken, done, total, failed, retried } = this.#run
    const ms = performance.now()
    const [first] = this.#samples
    const rate = done === first!.done ? 0 : ((done - first!.done) / (ms - first!.ms)) * 1000
    this.#samples.push({ ms, done })
    if (this.#samples.length > mostSamples) this.#samples.shift()
    let running = 0
    if (!isOver) {
      for (const worker of this.#place.workers()) {
        for (const { job } of worker.running) if (job.run === this.#run) running++
      }
    }
    return {
      name: settings.name,
      done,
      total,
      failed,
      retried,
      running,
      waiting: Math.max(0, taken - done - running),
      buffered: this.#place.buffered(),
      elapsedMs: ms - this.#startMs,
      rate,
      remainingMs: total === undefined || rate === 0 ? undefined : ((total - done) / rate) * 1000,
      isOver,
    }
  }
}
