/** Measures how long tasks wait, run and travel. */

import { Histogram, type TimeSummary } from './histogram.ts'

/** What `parallel.stats()` says; times in milliseconds. */
export interface RunStats {
  /** From when a task was taken from the input (the first one: from the start of its run) until it began to run. */
  readonly wait: TimeSummary
  /** What tasks ran, as their workers measured. */
  readonly run: TimeSummary
  /**
   * From when a task ended until its result was here, unpacked; quick tasks share messages and wait for each
   * other's end.
   */
  readonly transfer: TimeSummary
}

/** Histograms of one name's runs, or of all. */
export class StatsRecorder {
  readonly #wait = new Histogram()
  readonly #run = new Histogram()
  readonly #transfer = new Histogram()

  /** Counts a task. */
  add(waitMs: number, runMs: number, transferMs: number): void {
    this.#wait.add(waitMs)
    this.#run.add(runMs)
    this.#transfer.add(transferMs)
  }

  summarize(): RunStats {
    return {
      wait: this.#wait.summarize(),
      run: this.#run.summarize(),
      transfer: this.#transfer.summarize(),
    }
  }
}
