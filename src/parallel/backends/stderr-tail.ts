/** Forwards a worker process's stderr, and keeps its last lines. */

import type { Socket } from 'node:net'

/** How much is kept: V8's word on a full heap stands some 3 kB before its end. */
const keptBytes = 16 * 1024

/** What a worker process writes to stderr past JavaScript. */
export class StderrTail {
  readonly #stderr: Socket | null
  #kept = ''
  /** Nothing more will come. */
  isEnded = false
  onEnd: (() => void) | undefined

  /** Reads `stderr` without keeping this process alive; null where no process could be started. */
  constructor(stderr: Socket | null) {
    this.#stderr = stderr ?? null
    if (!stderr) return
    stderr.unref()
    stderr.on('data', (bytes: Buffer) => {
      process.stderr.write(bytes)
      this.#kept = (this.#kept + bytes.toString()).slice(-keptBytes)
    })
    stderr.on('error', () => {}) // it closes
    stderr.on('close', () => {
      this.isEnded = true
      this.onEnd?.()
    })
  }

  /** Reads no more. Returns the end of what was written. */
  close(): string {
    this.#stderr?.destroy()
    return this.#kept
  }
}
