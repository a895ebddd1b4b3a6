/** Long vectors of one fit, freed when it ends. */

import { type NDArray, shared } from '../../arrays/index.ts'

/**
 * Vectors with an element for each row that only one fit needs. Private memory would wait for the garbage collector, which starts
 * to look for it after another 64 MB: fit after fit would leave as much.
 */
export class RowScratch {
  readonly #rooms: NDArray[] = []

  /** Zeros, shape (count). */
  float64(count: number): Float64Array {
    return this.#room(shared([count], 'float64')).toTypedArray()
  }

  /** Zeros, shape (count). */
  float32(count: number): Float32Array {
    return this.#room(shared([count], 'float32')).toTypedArray()
  }

  /** Zeros, shape (count). */
  int32(count: number): Int32Array {
    return this.#room(shared([count], 'int32')).toTypedArray()
  }

  /** Zeros, shape (count). */
  uint16(count: number): Uint16Array {
    return this.#room(shared([count], 'uint16')).toTypedArray()
  }

  /** Frees all vectors; nothing may use them any more. */
  [Symbol.dispose](): void {
    for (const room of this.#rooms.splice(0)) room[Symbol.dispose]()
  }

  #room<A extends NDArray>(room: A): A {
    this.#rooms.push(room)
    return room
  }
}
