/** Decides when a pool gives up or pauses after failed starts. */

/** So many workers in a row that end before they are up are a reason to give up. */
const mostFailures = 3

/** For how long no more workers are started while others run the tasks. */
const pauseMs = 1000

/** The starts of a pool that failed. */
export class FailedStarts {
  readonly #onPauseEnd: () => void
  #failures = 0
  #pause: NodeJS.Timeout | undefined
  /** Whether somebody was told that there are fewer workers than there may be. */
  isReported = false

  /** @param onPauseEnd - called when another worker may be started */
  constructor(onPauseEnd: () => void) {
    this.#onPauseEnd = onPauseEnd
  }

  /** Whether no worker is to be started now, unless there is none. */
  get isPaused(): boolean {
    return this.#pause !== undefined
  }

  /** A worker has ended before it was up. Returns whether so many did that it is time to give up, or to pause. */
  add(): boolean {
    return ++this.#failures >= mostFailures
  }

  /** A worker is up, or the runs have failed. */
  endSeries(): void {
    this.#failures = 0
    this.isReported = false
  }

  /** Others run the tasks: starts nothing for a while, and then tries once. */
  pause(): void {
    if (this.#pause !== undefined) return
    this.#pause = setTimeout(() => {
      this.#pause = undefined
      this.#failures = mostFailures - 1
      this.#onPauseEnd()
    }, pauseMs).unref()
  }

  /** The pool is closed. */
  close(): void {
    clearTimeout(this.#pause)
  }
}
