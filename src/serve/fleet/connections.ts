/** The connections of a server, which its workers share out among them. */

import type { Socket } from 'node:net'
import { encodeReference, shared } from '../../arrays/index.ts'
import { connectionState, mostConnections } from './fleet-messages.ts'

/** A connection; the process that has accepted it holds it open until its worker says that it is closed. */
export interface HeldConnection {
  readonly slot: number
  readonly socket: Socket
  /** Undefined while no worker is ready. */
  worker: number | undefined
  /** Whether a worker that has died had it. */
  isAdopted: boolean
}

/** How long a client may still read an answer, and send what nobody reads. */
const lingerMs = 2000

/** Connections by their slots. */
export class Connections {
  readonly #states = shared([mostConnections], 'int32')
  readonly #held = new Map<number, HeldConnection>()
  /** Connections that no worker has, the oldest first. */
  readonly waiting = new Set<HeldConnection>()
  readonly #free: number[] = Array.from(
    { length: mostConnections },
    (_, i) => mostConnections - 1 - i,
  )

  /** How workers find the memory with the states. */
  get reference() {
    return encodeReference(this.#states)!
  }

  /** How many there are. */
  get size(): number {
    return this.#held.size
  }

  /** Takes a connection; undefined when there are too many. */
  add(socket: Socket): HeldConnection | undefined {
    const slot = this.#free.pop()
    if (slot === undefined) return undefined
    this.#states.data[slot] = connectionState.idle
    const held = { slot, socket, worker: undefined, isAdopted: false }
    this.#held.set(slot, held)
    this.waiting.add(held)
    // A client that breaks off is noticed by the worker.
    socket.on('error', () => {})
    return held
  }

  /** Forgets connections that their worker has closed. */
  close(slots: readonly number[]): void {
    for (const slot of slots) {
      const held = this.#held.get(slot)
      if (held === undefined) continue
      this.#forget(held)
      held.socket.destroy()
    }
  }

  /**
   * Settles the connections of a worker that has died: a request without any answer gets status 503, one whose answer has begun is
   * broken off, and connections without a request wait for another worker.
   *
   * @param reason - for the clients
   */
  release(worker: number, reason: string): void {
    for (const held of this.#held.values()) {
      if (held.worker !== worker) continue
      const state = this.#states.data[held.slot]
      if (state === connectionState.idle) {
        held.worker = undefined
        held.isAdopted = true
        this.waiting.add(held)
        continue
      }
      this.#forget(held)
      if (state === connectionState.waiting) refuse(held.socket, reason)
      else held.socket.destroy()
    }
  }

  /** Breaks off all that is left. */
  end(): void {
    for (const { socket } of this.#held.values()) socket.destroy()
    this.#held.clear()
    this.#states[Symbol.dispose]()
  }

  #forget(held: HeldConnection): void {
    this.#held.delete(held.slot)
    this.waiting.delete(held)
    this.#free.push(held.slot)
  }
}

/** Answers for a worker that can't. */
export function refuse(socket: Socket, reason: string): void {
  const body = JSON.stringify({ error: reason })
  socket.end(
    'HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json; charset=utf-8\r\nRetry-After: 1\r\n' +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
  // Bytes that nobody has read would make the system reset the connection, and the client lose the answer.
  socket.resume()
  setTimeout(() => socket.destroy(), lingerMs).unref()
}
