/** Chooses how to read the input file of a command. */

import { extname } from 'node:path'
import { UsageError } from '../output/failure.ts'
import { isArrowFile } from './arrow-columns.ts'
import type { Input, InputRequest, OnRead } from './input.ts'
import { readMatrix, readOtherMatrix } from './read-matrix.ts'
import { readOtherTable, readTable } from './read-table.ts'
import { requireFile } from './stat-file.ts'

/** Reads a file. */
export type InputReader = (request: InputRequest, onRead: OnRead) => Promise<Input>

/** Reads a file whose rows are like those of another one. */
export type OtherReader = (request: InputRequest, input: Input, onRead: OnRead) => Promise<Input>

/** What a file holds. */
type FileKind = 'table' | 'matrix'

/**
 * Finds the reader of a file.
 *
 * @throws UsageError when there is no such file, or no reader for it
 */
export function readerOf(file: string): InputReader {
  return requireKind(file) === 'table' ? readTable : readMatrix
}

/**
 * Finds the reader of a file with further rows, such as those of a test.
 *
 * @param first - the file that was learned from
 * @throws UsageError when there is no such file, or it is of another kind
 */
export function otherReaderOf(file: string, first: string): OtherReader {
  const kind = requireKind(file)
  if (kind !== requireKind(first)) {
    const expected = kind === 'table' ? 'a .npy file' : 'a .csv, .tsv, .arrow or .feather file'
    throw new UsageError(`Expected --test to be ${expected} like ${first}, got '${file}'.`)
  }
  return kind === 'table' ? readOtherTable : readOtherMatrix
}

function requireKind(file: string): FileKind {
  requireFile(file)
  const extension = extname(file).toLowerCase()
  if (extension === '.csv' || extension === '.tsv' || isArrowFile(file)) return 'table'
  if (extension === '.npy') return 'matrix'
  throw new UsageError(`Expected a .csv, .tsv, .arrow, .feather or .npy file, got '${file}'.`)
}
