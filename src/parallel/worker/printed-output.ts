/** Sends the output of tasks to the pool, in whole lines. */

import type { Writable } from 'node:stream'

/** Takes bytes that a task (or none: -1) printed on stdout (1) or stderr (2). */
export type Print = (stream: 1 | 2, task: number, bytes: Uint8Array) => void

const newline = 0x0a
const carriageReturn = 0x0d

/** Stdout and stderr of this worker, as `process`, `console` and all that use them see them. */
export class Output {
  readonly #print: Print
  readonly #currentTask: () => number
  /** Lines that were begun, by the task that did. */
  readonly #pending = { 1: new Map<number, Buffer[]>(), 2: new Map<number, Buffer[]>() }

  /**
   * Takes over both streams; they are made when somebody first asks for them.
   *
   * @param currentTask - which task prints
   */
  constructor(print: Print, currentTask: () => number) {
    this.#print = print
    this.#currentTask = currentTask
    this.#redirect('stdout', 1)
    this.#redirect('stderr', 2)
  }

  /** Ends and prints lines that were begun, by this task or by any: what comes next is another task's. */
  endLines(task?: number): void {
    if (this.#pending[1].size + this.#pending[2].size === 0) return
    for (const stream of [1, 2] as const) {
      const pending = this.#pending[stream]
      for (const printer of task === undefined ? [...pending.keys()] : [task]) {
        const parts = pending.get(printer)
        if (parts !== undefined) this.#flush(stream, printer, [...parts, Buffer.of(newline)])
      }
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
    const task = this.#currentTask()
    const parts = this.#pending[stream].get(task) ?? []
    if (end > 0) this.#flush(stream, task, [...parts, bytes.subarray(0, end)])
    if (end === 0) this.#pending[stream].set(task, [...parts, bytes])
    else if (end < bytes.length) this.#pending[stream].set(task, [bytes.subarray(end)])
    const callback = rest.at(-1)
    if (typeof callback === 'function') process.nextTick(callback)
    return true
  }

  #flush(stream: 1 | 2, task: number, parts: readonly Buffer[]): void {
    this.#pending[stream].delete(task)
    this.#print(stream, task, new Uint8Array(Buffer.concat(parts)))
  }
}
