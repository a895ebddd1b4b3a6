/** Measures how long tasks wait, run and travel. */

import { Histogram, type TimeSummary } from './histogram.ts'

/** The result of `parallel.stats()`; times are in milliseconds. */
export interface RunStats {
  /** Time from reading a task from the input (for the first: from the start of its run) until it began to run. */
  readonly wait: TimeSummary
  /** How long tasks ran, as measured by their workers. */
  readonly run: TimeSummary
  /**
   * Time from the end of a task until its result was received and decoded. Quick tasks share a message, so each waits
   * until the others of the message have ended.
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
