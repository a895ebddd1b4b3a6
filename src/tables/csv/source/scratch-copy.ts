/** Copies input that can be read only once to an unnamed file. */

import { closeSync, read, write } from 'node:fs'
import { promisify } from 'node:util'
import { show } from '../../../errors.ts'
import { openScratchFile } from '../../../scratch-file.ts'
import { plainText, type TextEncoding } from './plain-text.ts'

/**
 * Copies all bytes of an open FIFO, once somebody writes to it and until nobody does. The event loop
 * goes on meanwhile.
 *
 * @param fifo - descriptor, opened without blocking; closed in any case
 * @param signal - ends the copying with its reason
 * @returns descriptor of the copy
 */
export async function copyFifo(
  fifo: number,
  { folder, encoding }: CopyOptions,
  signal: AbortSignal | undefined,
): Promise<number> {
  // Every program that reads tables would load it.
  const { Socket } = await import('node:net')
  const socket = new Socket({ fd: fifo, readable: true, writable: false })
  const stop = (): void => void socket.destroy(signal?.reason as Error)
  try {
    signal?.addEventListener('abort', stop, { once: true })
    if (signal?.aborted === true) stop()
    return await copy(folder, plainText(socket as AsyncIterable<Uint8Array>, encoding))
  } finally {
    signal?.removeEventListener('abort', stop)
    socket.destroy()
  }
}

/**
 * Copies all bytes of an open file, such as one of /proc, which does not say how many they are.
 *
 * @param file - descriptor; it stays open
 * @param signal - ends the copying with its reason
 * @returns descriptor of the copy
 */
export function copyFile(
  file: number,
  { folder, encoding }: CopyOptions,
  signal: AbortSignal | undefined,
): Promise<number> {
  return copy(folder, plainText(blocksOf(file, signal), encoding))
}

/**
 * Copies all bytes of a stream. When that fails, the stream is ended.
 *
 * @param source - gives bytes, or texts
 * @param signal - ends the copying with its reason
 * @returns descriptor of the copy
 */
export async function copyStream(
  source: AsyncIterable<unknown>,
  { folder, encoding }: CopyOptions,
  signal: AbortSignal | undefined,
): Promise<number> {
  return copy(folder, plainText(bytesOf(source, signal), encoding))
}

async function* bytesOf(
  source: AsyncIterable<unknown>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const iterator = source[Symbol.asyncIterator]()
  let stop = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal!.reason as Error)
    signal?.addEventListener('abort', stop, { once: true })
  })
  aborted.catch(() => {})
  let isDone = false
  try {
    for (;;) {
      signal?.throwIfAborted()
      const { value, done } = await Promise.race([iterator.next(), aborted])
      isDone = done === true
      if (isDone) return
      yield requireBytes(value)
    }
  } finally {
    signal?.removeEventListener('abort', stop)
    // A source that waits for more can't be waited for.
    if (!isDone) iterator.return?.()?.catch(() => {})
  }
}

function requireBytes(block: unknown): Uint8Array {
  if (block instanceof Uint8Array) return block
  if (typeof block === 'string') return Buffer.from(block)
  throw new TypeError(`expected bytes or texts, got ${show(block)}`)
}

/** Where a copy lies, and what the text is encoded in. */
export interface CopyOptions {
  readonly folder: string
  readonly encoding: TextEncoding | undefined
}

const readAsync = promisify(read)
const writeAsync = promisify(write)

async function* blocksOf(
  file: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let done = 0; ;) {
    signal?.throwIfAborted()
    // A fresh one each time: who unpacks may still hold the last one.
    const block = new Uint8Array(1 << 16)
    const { bytesRead } = await readAsync(file, block, 0, block.length, done)
    if (bytesRead === 0) return
    done += bytesRead
    yield block.subarray(0, bytesRead)
  }
}

async function copy(folder: string, blocks: AsyncIterable<Uint8Array>): Promise<number> {
  const file = openScratchFile(folder)
  try {
    for await (const block of blocks) {
      for (let done = 0; done < block.length;)
        done += (await writeAsync(file, block, done, block.length - done, null)).bytesWritten
    }
    return file
  } catch (error) {
    closeSync(file)
    throw error
  }
}
