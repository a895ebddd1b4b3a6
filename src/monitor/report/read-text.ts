/** Reads the text of a report, from a regular file only. */

import { constants } from 'node:fs'
import type { Stats } from 'node:fs'
import { open } from 'node:fs/promises'
import { OneCopyError } from '../../errors.ts'

/**
 * Reads a file as text. It never waits for a writer: what is no regular file is refused.
 *
 * @throws OneCopyError `ERR_FILE` when it can't be read, or is too large to be a report
 */
export async function readText(path: string): Promise<string> {
  try {
    // Without O_NONBLOCK, opening a FIFO waits for a writer.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const stats = await file.stat()
      if (!stats.isFile()) throw new Error(`it is ${kindOf(stats)}; write what it gives to a file`)
      if (stats.size > maxBytes)
        throw new Error(`it has ${stats.size} bytes, which is too large for a report`)
      return await file.readFile('utf8')
    } finally {
      await file.close()
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new OneCopyError('ERR_FILE', `Could not read ${path}: ${reason}.`, {
      cause,
      details: { path },
    })
  }
}

/** The longest text that V8 can hold; a report of 40,000 samples has 10 MB. */
const maxBytes = 2 ** 29 - 25

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder'
  if (stats.isFIFO()) return 'a FIFO'
  if (stats.isSocket()) return 'a socket'
  return 'a device'
}
