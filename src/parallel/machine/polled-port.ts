/** A message port on which a thread can wait without sleeping. */

import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import { native } from '../../native/index.ts'

// Taken before any task runs, which may put something else there.
const { add, load } = Atomics

/** Bytes of the memory that both sides share. */
export const portBytes = 8

/** One side of a channel: counts what it posts in memory that the other side watches. */
export class PolledPort {
  readonly #port: MessagePort
  readonly #posted: Int32Array
  readonly #side: 0 | 1

  /**
   * @param posted - how many messages each side has posted; shared by both, `portBytes` long, zeros at first
   * @param side - which of them this one is
   */
  constructor(port: MessagePort, posted: Int32Array, side: 0 | 1) {
    this.#port = port
    this.#posted = posted
    this.#side = side
  }

  /** @throws DOMException `DataCloneError` when the message can't be cloned; then nothing was sent */
  post(message: unknown): void {
    this.#port.postMessage(message)
    add(this.#posted, this.#side, 1)
  }

  /**
   * Takes the next message, instead of the event loop.
   *
   * @param maxMicros - how long to wait for it, in which nothing else runs in this thread
   * @returns undefined when none has come
   * @throws what says that the message can't be read
   */
  take(maxMicros: number): { readonly message: unknown } | undefined {
    const other = 1 - this.#side
    const seen = load(this.#posted, other)
    const next = receiveMessageOnPort(this.#port)
    if (next !== undefined || !native.spinWhile(this.#posted, other, seen, maxMicros)) return next
    return receiveMessageOnPort(this.#port)
  }
}
