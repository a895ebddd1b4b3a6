/** Keeps the event loop awake while an answer is expected soon. */

/** A sleeping thread takes 10 to 100 µs to wake up, on each of the two sides. */
const awakeMs = 0.15

/** What comes so soon comes from a thread that is awake as well. */
const soonMs = 0.1

/** After so many late answers in a row not every one is waited for any more, in the end one in 32. */
const firstDoubts = 3
const mostDoubts = firstDoubts + 5

/** So few tasks at a time, if they are so fast, are worth staying awake for. */
const fewTasks = 4
const fastMs = 0.1

/** Whether the answer to this many tasks, of which one takes `ms`, is near. */
export function isQuick(tasks: number, ms: number): boolean {
  return tasks <= fewTasks && ms < fastMs
}

/**
 * Lets the event loop turn without blocking for a moment. To wake a sleeping thread costs more than
 * many a task; an answer that comes within that moment finds the loop awake. The loop itself is never held
 * up: its timers and inputs go on as ever. Where answers keep being late, as on a machine with too much to do,
 * waiting for them is given up, and tried again now and then.
 */
export class SpinWait {
  #since = 0
  #isWanted = false
  #isTurning = false
  #doubts = 0
  #skips = 0

  /** An answer may come soon. */
  expect(): void {
    if (this.#skips > 0) {
      this.#skips--
      return
    }
    this.#since = performance.now()
    this.#isWanted = true
    if (this.#isTurning) return
    this.#isTurning = true
    setImmediate(this.#turn)
  }

  /** It has come, and no other is expected. */
  answer(): void {
    if (!this.#isWanted) return
    this.#isWanted = false
    if (performance.now() - this.#since < soonMs) this.#doubts = 0
    else this.#doubt()
  }

  readonly #turn = (): void => {
    if (this.#isWanted && performance.now() - this.#since < awakeMs) {
      setImmediate(this.#turn)
      return
    }
    this.#isTurning = false
    if (!this.#isWanted) return
    this.#isWanted = false
    this.#doubt()
  }

  #doubt(): void {
    this.#doubts = Math.min(this.#doubts + 1, mostDoubts)
    this.#skips = this.#doubts < firstDoubts ? 0 : 2 ** (this.#doubts - firstDoubts)
  }
}
