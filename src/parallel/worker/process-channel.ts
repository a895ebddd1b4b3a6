/** The worker's end of the channel to its parent process. */

import fs from 'node:fs'
import type { OnReadOpts, SocketConstructorOpts } from 'node:net'
import { type FrameKey, FrameReader, poolKey, writeFrame } from '../protocol/frames.ts'
import type { FromWorker, ToWorker } from '../protocol/messages.ts'
import { fromWorker, type ProcessData, toWorker } from '../protocol/worker-data.ts'

// Taken before any task runs, which may put something else there.
const { writeSync } = fs
const { wait } = Atomics
const clock = new Int32Array(new SharedArrayBuffer(4))

/** Bytes that are read at once. */
const readBytes = 65_536

/** Takes the messages of the pool. */
export type Receive = (message: ToWorker) => void

/**
 * Reads messages of the pool, and writes to it. To write waits until the pool has read, as printing to a pipe does:
 * so nothing piles up here, and nothing that was posted is lost when the process ends.
 */
export class ProcessChannel {
  readonly #reader = new FrameReader(poolKey)
  #key: FrameKey = poolKey
  #receive: Receive | undefined

  /**
   * Begins to read.
   *
   * @param begin - called with the first message; returns what takes the others
   * @param onEnd - called when the pool has closed the channel, or is gone
   */
  constructor(begin: (data: ProcessData, channel: ProcessChannel) => Receive, onEnd: () => void) {
    const take = (message: unknown): void => {
      if (this.#receive !== undefined) return this.#receive(message as ToWorker)
      const data = message as ProcessData
      this.#key = data.key
      this.#receive = begin(data, this)
    }
    const buffer = Buffer.allocUnsafeSlow(readBytes)
    const options: SocketConstructorOpts & { onread: OnReadOpts } = {
      fd: toWorker,
      readable: true,
      writable: false,
      // Without the machinery of streams, which takes as long as a small task.
      onread: {
        buffer,
        callback: (length) => {
          this.#reader.read(buffer.subarray(0, length), take)
          return true
        },
      },
    }
    // Loaded here: worker threads are spared the time that it takes.
    const { Socket } = process.getBuiltinModule('node:net')
    const socket = new Socket(options)
    socket.on('error', () => {}) // it closes
    socket.on('close', onEnd)
  }

  /** @throws whatever says that the message can't be serialised */
  post(message: FromWorker): void {
    const frame = writeFrame(message, this.#key)
    for (let at = 0; at < frame.length;) at += write(frame, at)
  }
}

/** Ends the process when the pool is gone. */
function write(frame: Buffer, at: number): number {
  try {
    return writeSync(fromWorker, frame, at)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') process.exit()
    // A task has made the channel one that does not wait.
    wait(clock, 0, 0, 1)
    return 0
  }
}
