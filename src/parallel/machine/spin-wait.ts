/** Keeps the event loop from sleeping while an answer is expected. */

import { AsyncLocalStorage } from 'node:async_hooks'

/** How long to wait: waking a sleeping thread takes 10 to 100 µs, on each of the two sides. */
const waitMs = 0.15

/** How long to wait for a message before the event loop turns. */
const pollMicros = 100

/** An answer within this time shows that the other thread did not have to wake up. */
const soonMs = 0.1

/** After this many late answers in a row it waits for fewer of them, in the end for one in 32. */
const toleratedLate = 3
const mostLate = toleratedLate + 5

/** Waiting pays for at most this many tasks at a time, each at most this long. */
const fewTasks = 4
const fastMs = 0.1

/** Whether the answer to this many tasks, of which one takes `ms`, is near. */
export function isQuick(tasks: number, ms: number): boolean {
  return tasks <= fewTasks && ms < fastMs
}

/** Calls a function outside the async context of any task or run. */
const outside = AsyncLocalStorage.snapshot()

/**
 * Looks for messages, and lets the event loop turn without sleeping, for a moment, because waking a sleeping thread
 * takes longer than many tasks. Timers and inputs of the loop are served meanwhile. If answers keep being late, as on
 * an overloaded machine, most are not waited for.
 */
export class SpinWait {
  readonly #poll: (maxMicros: number) => void
  #since = 0
  #isWanted = false
  #isTurning = false
  #lateInARow = 0
  #skips = 0

  /**
   * @param poll - waits for a message, without sleeping, and handles it; without it messages are handled as the event
   *   loop turns
   */
  constructor(poll: (maxMicros: number) => void = () => {}) {
    this.#poll = poll
  }

  /** Starts waiting for an answer. */
  expect(): void {
    if (this.#skips > 0) {
      this.#skips--
      return
    }
    this.#since = performance.now()
    this.#isWanted = true
    this.#turnSoon()
  }

  /** Stops waiting: the answer has come, and no other is expected. */
  answer(): void {
    if (!this.#isWanted) return
    this.#isWanted = false
    if (performance.now() - this.#since < soonMs) this.#lateInARow = 0
    else this.#doubt()
  }

  #turnSoon(): void {
    if (this.#isTurning) return
    this.#isTurning = true
    setImmediate(outside, this.#turn)
  }

  readonly #turn = (): void => {
    this.#isTurning = false
    if (!this.#isWanted) return
    this.#poll(pollMicros)
    if (!this.#isWanted) return
    if (performance.now() - this.#since < waitMs) return this.#turnSoon()
    this.#isWanted = false
    this.#doubt()
  }

  #doubt(): void {
    this.#lateInARow = Math.min(this.#lateInARow + 1, mostLate)
    this.#skips = this.#lateInARow < toleratedLate ? 0 : 2 ** (this.#lateInARow - toleratedLate)
  }
}
