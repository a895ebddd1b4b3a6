/** A malformed place in a file, before its line is known. */

import { readSync } from 'node:fs'
import { type ErrorDetails, OneCopyError } from '../../errors.ts'

/** Gives the line number (from 1) of a position in the file. */
export type LineOf = (offset: number) => number

/**
 * Says what is wrong with a file and at which byte. Counting lines while reading would slow down
 * every good file, so a fault carries the position, and the line is counted when it is thrown.
 */
export class CsvFault extends Error {
  /** Byte in the file where the trouble begins. */
  readonly offset: number
  readonly #describe: (lineOf: LineOf) => string
  readonly #details: ErrorDetails

  /**
   * @param offset - byte in the file
   * @param describe - makes the text; it ends before the path
   * @param details - facts for programs, besides path and line
   */
  constructor(offset: number, describe: (lineOf: LineOf) => string, details: ErrorDetails = {}) {
    super('a fault whose line is not known yet')
    this.offset = offset
    this.#describe = describe
    this.#details = details
  }

  /**
   * Makes the error that the user sees.
   *
   * @param file - descriptor of the open file
   * @param path - its path, for the text
   * @param newline - the byte that ends a line
   */
  locate(file: number, path: string, newline: number): OneCopyError {
    const lineOf: LineOf = (offset) => 1 + countBytes(file, offset, newline)
    return new OneCopyError('ERR_FORMAT', `${path}: ${this.#describe(lineOf)}`, {
      details: { path, line: lineOf(this.offset), ...this.#details },
    })
  }
}

/** How often `wanted` stands in the first `length` bytes of a file. */
function countBytes(file: number, length: number, wanted: number): number {
  const block = Buffer.allocUnsafe(1 << 18)
  let count = 0
  for (let done = 0; done < length;) {
    const got = readSync(file, block, 0, Math.min(block.length, length - done), done)
    if (got === 0) break
    for (let at = block.indexOf(wanted); at >= 0 && at < got; at = block.indexOf(wanted, at + 1))
      count++
    done += got
  }
  return count
}
