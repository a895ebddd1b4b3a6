/** Sends what tasks print to the pool, in whole lines. */

import type { Writable } from 'node:stream'

/** Takes bytes that were printed on stdout (1) or stderr (2). */
export type Print = (stream: 1 | 2, bytes: Uint8Array) => void

const newline = 0x0a
const carriageReturn = 0x0d

/** Stdout and stderr of this worker, as `process`, `console` and all that use them see them. */
export class Output {
  readonly #print: Print
  readonly #pending: { [stream in 1 | 2]: Buffer[] } = { 1: [], 2: [] }

  /** Takes over both streams; they are made when somebody first asks for them. */
  constructor(print: Print) {
    this.#print = print
    this.#redirect('stdout', 1)
    this.#redirect('stderr', 2)
  }

  /** Ends and prints lines that were begun: what comes next is another task's. */
  endLines(): void {
    for (const stream of [1, 2] as const) {
      if (this.#pending[stream].length === 0) continue
      this.#pending[stream].push(Buffer.of(newline))
      this.#flush(stream)
    }
  }

  #redirect(name: 'stdout' | 'stderr', stream: 1 | 2): void {
    const property = Object.getOwnPropertyDescriptor(process, name)!
    const get = (): Writable => {
      const original = (property.get ? property.get.call(process) : property.value) as Writable
      Object.defineProperty(process, name, { ...property, get: () => original })
      original.write = (...args: unknown[]) => this.#write(stream, args)
      return original
    }
    const { value: _, writable: __, ...rest } = property
    Object.defineProperty(process, name, { ...rest, configurable: true, get })
  }

  /** `Writable.write`: never full, since lines are gone at once. */
  #write(stream: 1 | 2, [chunk, ...rest]: unknown[]): boolean {
    const encoding = typeof rest[0] === 'string' ? (rest[0] as BufferEncoding) : 'utf8'
    const bytes =
      typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk as Uint8Array)
    const end = Math.max(bytes.lastIndexOf(newline), bytes.lastIndexOf(carriageReturn)) + 1
    this.#pending[stream].push(end === 0 ? bytes : bytes.subarray(0, end))
    if (end > 0) {
      this.#flush(stream)
      if (end < bytes.length) this.#pending[stream].push(bytes.subarray(end))
    }
    const callback = rest.at(-1)
    if (typeof callback === 'function') process.nextTick(callback)
    return true
  }

  #flush(stream: 1 | 2): void {
    const bytes = Buffer.concat(this.#pending[stream])
    this.#pending[stream].length = 0
    this.#print(stream, new Uint8Array(bytes))
  }
}
