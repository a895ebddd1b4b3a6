/** Limits how many calls on workers run at once. */

import { kernelThreads } from '../../../native/index.ts'
import type { Parallel } from '../../../parallel/index.ts'

/** Fits of fewer rows take little memory. */
const manyRows = 100_000

/**
 * The room for fits of so many rows; undefined: as many run at once as there are workers. Each fit of many rows takes memory of its
 * own, and fits that share a core end no sooner.
 */
export function roomFor(parallel: Parallel | undefined, rows: number): CallRoom | undefined {
  const cores = kernelThreads()
  const needsRoom = (parallel?.workers ?? 1) > cores && rows >= manyRows
  return needsRoom ? new CallRoom(cores) : undefined
}

/** Where calls wait until one more may run. */
export class CallRoom {
  /** How many may run at once. */
  readonly calls: number
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(calls: number) {
    this.calls = calls
    this.#free = calls
  }

  /** Waits until one more call may run. */
  async enter(): Promise<void> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#free--
  }

  /** Ends a call that has entered. */
  leave(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free++
    else next()
  }
}

/** The calls of one member in the room of all. */
export class RoomVisit {
  readonly #room: CallRoom | undefined
  #inside = 0
  #isOver = false

  constructor(room: CallRoom | undefined) {
    this.#room = room
  }

  /** Waits until one more call may run. Returns false when nobody waits for it any more. */
  async enter(): Promise<boolean> {
    await this.#room?.enter()
    this.#inside++
    if (!this.#isOver) return true
    this.leave()
    return false
  }

  leave(): void {
    if (this.#inside === 0) return // a call in this thread
    this.#inside--
    this.#room?.leave()
  }

  /** Ends all calls, those too that were given up. */
  end(): void {
    this.#isOver = true
    while (this.#inside > 0) this.leave()
  }
}
