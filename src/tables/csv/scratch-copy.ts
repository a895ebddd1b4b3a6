/** Copies input that can be read only once to an unnamed file. */

import { closeSync, read, write } from 'node:fs'
import { promisify } from 'node:util'
import { openScratchFile } from '../../scratch-file.ts'

/**
 * Copies all bytes of an open FIFO, once somebody writes to it and until nobody does. The event loop
 * goes on meanwhile.
 *
 * @param fifo - descriptor, opened without blocking; closed in any case
 * @param folder - on whose disk the copy lies
 * @param signal - ends the copying with its reason
 * @returns descriptor of the copy
 */
export async function copyFifo(
  fifo: number,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  // Every program that reads tables would load it.
  const { Socket } = await import('node:net')
  const socket = new Socket({ fd: fifo, readable: true, writable: false })
  const stop = (): void => void socket.destroy(signal?.reason as Error)
  try {
    signal?.addEventListener('abort', stop, { once: true })
    if (signal?.aborted === true) stop()
    return await copy(folder, socket as AsyncIterable<Uint8Array>)
  } finally {
    signal?.removeEventListener('abort', stop)
    socket.destroy()
  }
}

/**
 * Copies all bytes of an open file that does not say how many they are, such as one of /proc.
 *
 * @param file - descriptor; it stays open
 * @param folder - on whose disk the copy lies
 * @param signal - ends the copying with its reason
 * @returns descriptor of the copy
 */
export function copySizeless(
  file: number,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  return copy(folder, blocksOf(file, signal))
}

const readAsync = promisify(read)
const writeAsync = promisify(write)

async function* blocksOf(
  file: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const block = new Uint8Array(1 << 16)
  for (;;) {
    signal?.throwIfAborted()
    const { bytesRead } = await readAsync(file, block, 0, block.length, null)
    if (bytesRead === 0) return
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
