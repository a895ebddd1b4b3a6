/** Keeps connections that show no token from taking all the room. */

import type { Socket } from 'node:net'

/**
 * Connections that have not shown the token yet. When there are too many, the oldest one is closed:
 * whoever has the token says so at once.
 */
export class Strangers {
  readonly #max: number
  readonly #sockets = new Set<Socket>()

  /** @param max - how many may be there at a time */
  constructor(max: number) {
    this.#max = max
  }

  /** Takes a new connection in. */
  meet(socket: Socket): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    if (this.#sockets.size <= this.#max) return
    const [oldest] = this.#sockets
    this.#sockets.delete(oldest!)
    oldest!.destroy()
  }

  /** A connection that has shown the token is no stranger's any more. */
  trust(socket: Socket): void {
    this.#sockets.delete(socket)
  }
}
