/** Chooses how to read the input file of a command. */

import { extname } from 'node:path'
import { UsageError } from '../output/failure.ts'
import type { Input, InputRequest, OnRead } from './input.ts'
import { readMatrix } from './read-matrix.ts'
import { readTable } from './read-table.ts'
import { requireFile } from './stat-file.ts'

/** Reads a file. */
export type InputReader = (request: InputRequest, onRead: OnRead) => Promise<Input>

/**
 * Finds the reader of a file.
 *
 * @throws UsageError when there is no such file, or no reader for it
 */
export function readerOf(file: string): InputReader {
  requireFile(file)
  const extension = extname(file).toLowerCase()
  if (extension === '.csv' || extension === '.tsv') return readTable
  if (extension === '.npy') return readMatrix
  throw new UsageError(`Expected a .csv, .tsv or .npy file, got '${file}'.`)
}
