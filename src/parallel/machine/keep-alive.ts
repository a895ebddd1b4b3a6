/** Keeps the process alive while there is work. */

/** The longest time that a timer takes. */
export const longestMs = 2 ** 31 - 1

/**
 * Workers never keep the process alive by themselves: one timer does it for all of them, which is much
 * cheaper to switch than the handles of each.
 */
export class KeepAlive {
  #timer: NodeJS.Timeout | undefined
  #holds = 0

  /** Work begins. */
  hold(): void {
    if (this.#holds++ > 0) return
    this.#timer ??= setInterval(() => {}, longestMs)
    this.#timer.ref()
  }

  /** Work ends: to be called once for each `hold`. */
  release(): void {
    if (--this.#holds === 0) this.#timer?.unref()
  }

  /** Ends the timer. */
  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
