/** Shared memory that says which tasks a worker may start. */

import { monotonicMs } from '../machine/clock.ts'

// Taken before any task runs, which may put something else there.
const { compareExchange, load, store } = Atomics

/** Words of each task that a worker may be in: its number, when it began, whether it is to end. */
const slotWords = 3

/** Bytes that both sides must see, for a worker that is in `concurrency` tasks at a time. */
export function claimsBytes(concurrency = 1): number {
  return 4 * (1 + slotWords * concurrency)
}

/** Task numbers wrap at 65536: no worker ever holds half as many. */
const wrap = 0xffff

/** Longer than any task waits for its module, and short enough for a difference of 32-bit numbers. */
const farMs = 2 ** 30

/**
 * The numbers of the tasks that a worker was given, `[next, end)`, in one 32-bit word that is only ever
 * changed by compare-and-swap. The worker claims a task before it starts it, and the pool can take back
 * what is not claimed at any moment, even from a worker that is deep in a long synchronous task. So no task
 * runs twice, and none waits behind a slow one while another worker is idle. Each task that a worker is in has a slot
 * of three words: after the worker's sudden death they tell which tasks it was in.
 */
export class Claims {
  readonly #words: Int32Array

  /** Tasks that the worker may be in at a time. */
  readonly concurrency: number

  /** @param words - memory shared by both sides, `claimsBytes` long: zeros at first */
  constructor(words: Int32Array) {
    this.#words = words
    this.concurrency = (words.length - 1) / slotWords
  }

  /** The pool gives `count` more tasks, before it sends them. Returns the number of the first. */
  offer(count: number): number {
    return this.#change((next, end) => join(next, end + count)).end
  }

  /** The pool takes back the last `count` tasks, whose message was never sent. */
  withdraw(count: number): void {
    this.#change((next, end) => join(next, end - count))
  }

  /** The pool takes back what is not claimed. Returns how many of the last tasks these are. */
  takeBack(): number {
    const { next, end } = this.#change((_, end) => join(end, end))
    return (end - next) & wrap
  }

  /** The worker asks whether it may start this task; false when the pool took it back. */
  claim(task: number): boolean {
    const slot = this.#slotOf(0)
    // Before the claim: whoever sees the task claimed must see that it is not finished, and no older time.
    store(this.#words, slot + 1, monotonicMs())
    store(this.#words, slot + 2, 0)
    store(this.#words, slot, task + 1)
    for (;;) {
      const word = load(this.#words, 0)
      const next = word >>> 16
      const end = word & wrap
      if (next !== task || next === end) {
        store(this.#words, slot, 0)
        return false
      }
      if (compareExchange(this.#words, 0, word, join(next + 1, end)) === word) return true
    }
  }

  /** The worker has finished this task. */
  finish(task: number): void {
    store(this.#words, this.#slotOf(task + 1), 0)
  }

  /** The time of this task, which the worker is in, starts when `resume` is called, not before. */
  pause(task: number): void {
    store(this.#words, this.#slotOf(task + 1) + 1, (monotonicMs() + farMs) | 0)
  }

  /** The time of this task starts now. */
  resume(task: number): void {
    store(this.#words, this.#slotOf(task + 1) + 1, monotonicMs())
  }

  /** The pool asks the worker to end this task, which it is in. */
  abort(task: number): void {
    const slot = this.#findSlot(task + 1)
    if (slot === undefined) return
    store(this.#words, slot + 2, task + 1)
    // The same number is given again one day: the word must not stay behind for it.
    if (load(this.#words, slot) !== task + 1) compareExchange(this.#words, slot + 2, task + 1, 0)
  }

  /** Whether the pool wants no result of this task, which the worker is in. */
  isAborted(task: number): boolean {
    const slot = this.#findSlot(task + 1)
    return slot !== undefined && load(this.#words, slot + 2) === task + 1
  }

  /** How many tasks were given and not claimed. */
  get waiting(): number {
    const word = load(this.#words, 0)
    return (word - (word >>> 16)) & wrap
  }

  /** Number of the first task that was not claimed. */
  get unclaimed(): number {
    return load(this.#words, 0) >>> 16
  }

  /** Whether the worker has claimed this task and finished it. */
  isFinished(task: number): boolean {
    return isBefore(task, this.unclaimed) && this.#findSlot(task + 1) === undefined
  }

  /** The tasks that the worker is in, or was in when it died, and for how many ms each. */
  get running(): { readonly task: number; readonly ms: number }[] {
    const running: { task: number; ms: number }[] = []
    for (let slot = 1; slot < this.#words.length; slot += slotWords) {
      const task = load(this.#words, slot) - 1
      const ms = (monotonicMs() - load(this.#words, slot + 1)) | 0
      if (task >= 0 && isBefore(task, this.unclaimed)) running.push({ task, ms })
    }
    return running
  }

  /** Where the slot stands that holds `value`: a task's number + 1, or 0. */
  #findSlot(value: number): number | undefined {
    for (let slot = 1; slot < this.#words.length; slot += slotWords)
      if (load(this.#words, slot) === value) return slot
    return undefined
  }

  #slotOf(value: number): number {
    const slot = this.#findSlot(value)
    if (slot === undefined) throw new Error(`Expected a slot with ${value} in claims.`)
    return slot
  }

  #change(to: (next: number, end: number) => number): { next: number; end: number } {
    for (;;) {
      const word = load(this.#words, 0)
      const next = word >>> 16
      const end = word & wrap
      if (compareExchange(this.#words, 0, word, to(next, end)) === word) return { next, end }
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
  return ((next & wrap) << 16) | (end & wrap)
}
