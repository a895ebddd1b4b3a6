/** An open CSV file and whether it stays as it was. */

import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { resolve } from 'node:path'
import { OneCopyError } from '../../errors.ts'

/** A file that is being read. */
export interface CsvSource {
  /** Absolute path. */
  readonly path: string
  readonly file: number
  readonly size: number
  readonly modified: bigint
}

/**
 * Opens a text file for reading; whoever opens it calls {@link closeSource}.
 *
 * @throws OneCopyError `ERR_FILE` when there is no such file, it isn't a regular one (a pipe can't
 * be read twice), or its first bytes are those of another format
 */
export function openSource(path: string): CsvSource {
  const absolute = resolve(path)
  let file: number
  try {
    file = openSync(absolute, 'r')
  } catch (cause) {
    throw fileError(absolute, `can't be opened: ${(cause as Error).message}.`, cause)
  }
  try {
    const status = fstatSync(file, { bigint: true })
    if (!status.isFile()) {
      const kind = status.isDirectory()
        ? 'a folder'
        : 'a pipe or device, which can be read only once'
      throw fileError(absolute, `expected a regular file, got ${kind}.`)
    }
    const format = knownFormat(file)
    if (format !== undefined) throw fileError(absolute, `expected text, got ${format}.`)
    return { path: absolute, file, size: Number(status.size), modified: status.mtimeNs }
  } catch (error) {
    closeSync(file)
    throw error
  }
}

/** Closes the file. */
export function closeSource(source: CsvSource): void {
  closeSync(source.file)
}

/**
 * Checks that nobody wrote to the file meanwhile: its last row may have been cut.
 *
 * @throws OneCopyError `ERR_FILE`
 */
export function requireUnchanged({ path, file, size, modified }: CsvSource): void {
  const status = fstatSync(file, { bigint: true })
  if (Number(status.size) === size && status.mtimeNs === modified) return
  throw fileError(
    path,
    `changed while it was read (${size} bytes at first, now ${status.size}). Read it again when it is complete.`,
  )
}

/** Formats that people take for CSV, by their first bytes. */
function knownFormat(file: number): string | undefined {
  const head = Buffer.alloc(6)
  readSync(file, head, 0, head.length, 0)
  const text = head.toString('latin1')
  if (text.startsWith('\x1f\x8b')) return 'a gzip archive. Unpack it first with `gunzip`'
  if (text.startsWith('PK\x03\x04')) return 'a zip archive or Excel workbook. Save it as CSV first'
  if (text.startsWith('\x93NUMPY')) return 'a .npy array. Open it with openArray'
  if (text.startsWith('PAR1')) return 'a Parquet file'
  if (text.startsWith('\xff\xfe') || text.startsWith('\xfe\xff'))
    return 'UTF-16. Convert it first, for example with `iconv -f utf-16 -t utf8`'
  return undefined
}

function fileError(path: string, what: string, cause?: unknown): OneCopyError {
  return new OneCopyError('ERR_FILE', `${path}: ${what}`, {
    ...(cause === undefined ? {} : { cause }),
    details: { path },
  })
}
