/** Decides which of two threads takes the samples. */

/**
 * The thread that started a monitor watches until the monitor's own is up, which then knows all
 * that was recorded before its first sample: neither looks while the other does.
 */
export class HandoverLock {
  /** What another thread makes its side of. */
  readonly state: HandoverState

  constructor(state: HandoverState = new Int32Array(new SharedArrayBuffer(4))) {
    this.state = state
  }

  /** Whether the second thread has taken over. */
  get isOver(): boolean {
    return Atomics.load(this.state, 0) === over
  }

  /**
   * Lets the first thread look, and tell what it saw; does nothing once its turn is over. Looks are
   * synchronous, and not within each other.
   */
  take<T>(look: () => T): T | undefined {
    if (Atomics.compareExchange(this.state, 0, idle, looking) !== idle) return undefined
    try {
      return look()
    } finally {
      Atomics.store(this.state, 0, idle)
      Atomics.notify(this.state, 0)
    }
  }

  /** Ends the first thread's turn, after the look that it is at. Blocks the calling one until then. */
  end(): void {
    while (Atomics.compareExchange(this.state, 0, idle, over) === looking) {
      Atomics.wait(this.state, 0, looking)
    }
  }
}

/** One number that both threads see. */
export type HandoverState = Int32Array<SharedArrayBuffer>

const idle = 0
const looking = 1
const over = 2
