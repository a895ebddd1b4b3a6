/** Limits connections that have not shown the token. */

import type { Socket } from 'node:net'

/**
 * Connections that have not shown the token yet. When there are too many, the oldest one is closed:
 * a client that has the token shows it at once.
 */
export class UnverifiedConnections {
  readonly #max: number
  readonly #sockets = new Set<Socket>()

  /** @param max - how many may be open at a time */
  constructor(max: number) {
    this.#max = max
  }

  /** Adds a new connection. */
  add(socket: Socket): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    if (this.#sockets.size <= this.#max) return
    const [oldest] = this.#sockets
    this.#sockets.delete(oldest!)
    oldest!.destroy()
  }

  /** Call this when a connection has shown the token. */
  verify(socket: Socket): void {
    this.#sockets.delete(socket)
  }
}
