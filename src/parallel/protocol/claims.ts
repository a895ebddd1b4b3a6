/** Which tasks a worker may start: a word shared with it. */

import { monotonicMs } from '../machine/clock.ts'

// Taken before any task runs, which may put something else there.
const { compareExchange, load, store } = Atomics

/** Bytes that both sides must see. */
export const claimsBytes = 20

/** Task numbers wrap at 65536: no worker ever holds half as many. */
const wrap = 0xffff

/** Longer than any task waits for its module, and short enough for a difference of 32-bit numbers. */
const farMs = 2 ** 30

/**
 * The numbers of the tasks that a worker was given, `[next, end)`, in one 32-bit word that is only ever
 * changed by compare-and-swap. The worker claims a task before it starts it, and the pool can take back
 * what is not claimed at any moment, even from a worker that is deep in a long synchronous task. So no task
 * runs twice, and none waits behind a slow one while another worker is idle. After a worker's sudden death
 * the words tell which task it was in.
 */
export class Claims {
  readonly #words: Int32Array

  /** @param words - memory shared by both sides: five words, zeros at first */
  constructor(words: Int32Array) {
    this.#words = words
  }

  /** The pool gives `count` more tasks, before it sends them. Returns the number of the first. */
  offer(count: number): number {
    return this.#change((next, end) => [next, (end + count) & wrap]).end
  }

  /** The pool takes back the last `count` tasks, whose message was never sent. */
  withdraw(count: number): void {
    this.#change((next, end) => [next, (end - count) & wrap])
  }

  /** The pool takes back what is not claimed. Returns how many of the last tasks these are. */
  takeBack(): number {
    const { next, end } = this.#change((_, end) => [end, end])
    return (end - next) & wrap
  }

  /** The worker asks whether it may start this task; false when the pool took it back. */
  claim(task: number): boolean {
    // Before the claim: whoever sees the task claimed must not see the time of the one before.
    store(this.#words, 2, monotonicMs())
    for (;;) {
      const word = load(this.#words, 0)
      const next = word >>> 16
      const end = word & wrap
      if (next !== task || next === end) return false
      if (compareExchange(this.#words, 0, word, join(next + 1, end)) === word) break
    }
    store(this.#words, 4, task + 1)
    return true
  }

  /** The worker has finished this task. */
  finish(task: number): void {
    store(this.#words, 1, (task + 1) & wrap)
    if (load(this.#words, 3) !== 0) this.#forget(task)
  }

  /** The time of the task in progress starts when `resume` is called, not before. */
  pause(): void {
    store(this.#words, 2, (monotonicMs() + farMs) | 0)
  }

  /** The time of the task in progress starts now. */
  resume(): void {
    store(this.#words, 2, monotonicMs())
  }

  /** The pool asks the worker to let go of this task. */
  abort(task: number): void {
    store(this.#words, 3, task + 1)
    // The same number is given again one day: who is second, this or `finish`, takes the word back.
    if (isBefore(task, this.state.unfinished)) this.#forget(task)
  }

  /** Whether the pool wants no result of this task any more. */
  isAborted(task: number): boolean {
    return load(this.#words, 3) === task + 1
  }

  /** How many tasks were given and not claimed. */
  get waiting(): number {
    const word = load(this.#words, 0)
    return (word - (word >>> 16)) & wrap
  }

  /** Number of the first task that was not claimed, and of the first that was not finished. */
  get state(): { unclaimed: number; unfinished: number } {
    return {
      unclaimed: load(this.#words, 0) >>> 16,
      unfinished: load(this.#words, 1),
    }
  }

  /** The task that the worker is in, or was in when it died, and for how many ms; undefined between tasks. */
  get running(): { task: number; ms: number } | undefined {
    const task = load(this.#words, 4) - 1
    if (task < 0 || isBefore(task, this.state.unfinished)) return undefined
    return { task, ms: (monotonicMs() - load(this.#words, 2)) | 0 }
  }

  #forget(task: number): void {
    compareExchange(this.#words, 3, task + 1, 0)
  }

  #change(to: (next: number, end: number) => [next: number, end: number]): {
    next: number
    end: number
  } {
    for (;;) {
      const word = load(this.#words, 0)
      const next = word >>> 16
      const end = word & wrap
      const changed = join(...to(next, end))
      if (compareExchange(this.#words, 0, word, changed) === word) return { next, end }
    }
  }
}

/** The number after `task`, or `count` after it. */
export function taskAfter(task: number, count = 1): number {
  return (task + count) & wrap
}

/** Whether task `a` was given before task `b`. */
export function isBefore(a: number, b: number): boolean {
  return a !== b && ((b - a) & wrap) < 0x8000
}

function join(next: number, end: number): number {
  return ((next & wrap) << 16) | end
}
