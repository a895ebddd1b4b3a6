/** Frames messages between processes: each has a length and a key. */

import { Deserializer, Serializer } from 'node:v8'

/**
 * What every frame of a sender begins with. A pool draws one for each worker process, so that bytes which a task
 * writes to the channel by itself are never taken for a message.
 */
export interface FrameKey {
  readonly low: number
  readonly high: number
}

/** The key of a pool's own messages. */
export const poolKey: FrameKey = { low: 0x6f6e6563, high: 0x6f707921 }

/** Bytes before each message: its length and the key. */
const prefixBytes = 12

/** No message is longer than what V8 serialises. */
const mostBytes = 2 ** 31

/** Draws the key of one worker's messages. */
export function drawKey(): FrameKey {
  return { low: drawWord(), high: drawWord() }
}

function drawWord(): number {
  return Math.floor(Math.random() * 2 ** 32)
}

/**
 * Serialises a message as structured clone does: views of one buffer stay so. The default serializer of Node would
 * give each a buffer of its own. A Node buffer arrives as a Uint8Array.
 *
 * @throws whatever says that it can't be serialised
 */
export function writeFrame(message: unknown, { low, high }: FrameKey): Buffer {
  const serializer = new Serializer()
  serializer.writeRawBytes(Buffer.allocUnsafe(prefixBytes))
  serializer.writeHeader()
  serializer.writeValue(message)
  const frame = serializer.releaseBuffer()
  frame.writeUInt32LE(frame.length - prefixBytes, 0)
  frame.writeUInt32LE(low, 4)
  frame.writeUInt32LE(high, 8)
  return frame
}

/** Puts the messages of a channel together again, however its bytes are cut. */
export class FrameReader {
  readonly #key: FrameKey
  readonly #prefix = Buffer.alloc(prefixBytes)
  /** The message that is being read; undefined while its prefix is. */
  #body: Buffer | undefined
  /** Bytes of prefix or message that are here. */
  #filled = 0

  /** @param key - that of the sender */
  constructor(key: FrameKey) {
    this.#key = key
  }

  /**
   * Takes bytes, and calls `take` for each message that they complete.
   *
   * @throws Error when the bytes are no frames of the sender's, or can't be deserialised; nothing can be read then
   */
  read(bytes: Buffer, take: (message: unknown) => void): void {
    let at = 0
    while (at < bytes.length) {
      if (this.#filled === 0 && this.#body === undefined && bytes.length - at > prefixBytes) {
        const end = at + prefixBytes + this.#readLength(bytes, at)
        if (end <= bytes.length) {
          // As a rule all of it is here, and is read where it lies.
          take(readMessage(bytes.subarray(at + prefixBytes, end)))
          at = end
          continue
        }
      }
      const part = (this.#body ?? this.#prefix).subarray(this.#filled)
      const copied = bytes.copy(part, 0, at)
      at += copied
      this.#filled += copied
      if (copied < part.length) return
      this.#filled = 0
      if (this.#body === undefined)
        this.#body = Buffer.allocUnsafeSlow(this.#readLength(this.#prefix, 0))
      else {
        const body = this.#body
        this.#body = undefined
        take(readMessage(body))
      }
    }
  }

  #readLength(prefix: Buffer, at: number): number {
    const { low, high } = this.#key
    const length = prefix.readUInt32LE(at)
    const isRight =
      prefix.readUInt32LE(at + 4) === low && prefix.readUInt32LE(at + 8) === high && length > 0
    if (isRight && length <= mostBytes) return length
    throw new Error('bytes that are no message')
  }
}

function readMessage(body: Buffer): unknown {
  const deserializer = new Deserializer(body)
  deserializer.readHeader()
  return deserializer.readValue()
}
