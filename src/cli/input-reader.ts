/** Finds how to read the file that a command is given. */

import { extname } from 'node:path'
import { UsageError } from './failure.ts'
import type { Input, OnRead } from './input.ts'
import { readMatrix } from './read-matrix.ts'
import { readTable } from './read-table.ts'
import { statFile } from './stat-file.ts'

/** Reads a file. */
export type InputReader = (file: string, target: string, onRead: OnRead) => Promise<Input>

/**
 * Finds the reader of a file.
 *
 * @throws UsageError when there is no such file, or no reader for it
 */
export function readerOf(file: string): InputReader {
  const found = statFile(file)
  if (found === undefined) throw new UsageError(`There is no file '${file}'.`)
  if (found.isDirectory()) throw new UsageError(`Expected a file, but '${file}' is a folder.`)
  const extension = extname(file).toLowerCase()
  if (extension === '.csv' || extension === '.tsv') return readTable
  if (extension === '.npy') return readMatrix
  throw new UsageError(`Expected a .csv, .tsv or .npy file, got '${file}'.`)
}
