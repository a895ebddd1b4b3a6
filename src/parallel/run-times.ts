/** How long the tasks of each function take, by measurement. */

/** Nothing is sent for less than this: a task's way there and back. */
const leastMs = 0.001

/** Expected running times by function, which size the messages to workers. */
export class RunTimes {
  readonly #expected = new Map<number, number>()

  /** Milliseconds that a task of this function is expected to run; infinite until one was measured. */
  expected(functionId: number): number {
    return this.#expected.get(functionId) ?? Infinity
  }

  /**
   * Learns from a task that took `ms`. A slow task counts at once, a fast one little by little: too small
   * a batch costs a message, too large a one makes others wait.
   */
  record(functionId: number, ms: number): void {
    const before = this.#expected.get(functionId)
    const now = Math.max(ms, leastMs)
    this.#expected.set(
      functionId,
      before === undefined || now > before ? now : before * 0.8 + now * 0.2,
    )
  }
}
