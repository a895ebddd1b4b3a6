/** An open CSV file; detects changes during the reading. */

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { awaitAdvice, OneCopyError, show } from '../../errors.ts'
import { copyFifo, copySizeless } from './scratch-copy.ts'

/** A file that is being read. */
export interface CsvSource {
  /** Absolute path. */
  readonly path: string
  readonly file: number
  readonly size: number
  readonly modified: bigint
}

/**
 * Opens a text file for reading; whoever opens it calls {@link closeSource}. What can't be read twice,
 * a FIFO or a file of /proc, is copied to a file without a name first. A FIFO is waited for without
 * holding up the event loop.
 *
 * @param path - of a regular file or a FIFO
 * @param scratch - folder on whose disk such a copy lies
 * @param signal - ends the copying
 * @throws OneCopyError `ERR_FILE` when there is no such file, it is a folder, device or socket, or its
 * first bytes are those of another format
 */
export async function openSource(
  path: string,
  scratch: string,
  signal: AbortSignal | undefined,
): Promise<CsvSource> {
  const absolute = resolve(path)
  let file: number
  try {
    file = openSync(absolute, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    requireNoContent(path, cause)
    throw fileError(absolute, `can't be opened: ${(cause as Error).message}.`, cause)
  }
  try {
    const found = fstatSync(file)
    if (!found.isFile() && !found.isFIFO()) {
      const kind = found.isDirectory() ? 'a folder' : 'a device'
      throw fileError(absolute, `expected a regular file or a FIFO, got ${kind}.`)
    }
    if (found.isFIFO()) {
      const fifo = file
      file = -1
      file = await attempt(absolute, signal, () => copyFifo(fifo, scratch, signal))
    } else if (found.size === 0) {
      // Files of /proc and /sys say that they are empty.
      const copy = await attempt(absolute, signal, () => copySizeless(file, scratch, signal))
      closeSync(file)
      file = copy
    }
    const format = knownFormat(file)
    if (format !== undefined) throw fileError(absolute, `expected text, got ${format}.`)
    const status = fstatSync(file, { bigint: true })
    return { path: absolute, file, size: Number(status.size), modified: status.mtimeNs }
  } catch (error) {
    if (file >= 0) closeSync(file)
    throw error
  }
}

/**
 * The path that a string or file: URL gives.
 *
 * @throws OneCopyError `ERR_FILE` for a URL of another kind; TypeError
 */
export function requirePath(path: unknown): string {
  if (typeof path === 'string') return path
  if (!(path instanceof URL)) {
    throw new TypeError(
      `Expected \`path\` to be the path of a file as a string or file: URL, got ${show(path)}.${awaitAdvice(path)}`,
    )
  }
  if (path.protocol !== 'file:') throw urlError(path.href)
  return fileURLToPath(path)
}

/** Refuses a URL or the text of a table when no file has such a name. */
function requireNoContent(path: string, cause: unknown): void {
  const { code = '' } = cause as NodeJS.ErrnoException
  if (!['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(code)) return
  if (/[\r\n]/.test(path)) {
    throw new OneCopyError(
      'ERR_FILE',
      'Expected the path of a file, got text of several lines. Write it to a file first.',
      { cause },
    )
  }
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(path)) throw urlError(path, cause)
}

function urlError(url: string, cause?: unknown): OneCopyError {
  const advice = /^file:/i.test(url)
    ? `Pass it as an object: new URL('${url}').`
    : 'Download it to a file first.'
  return new OneCopyError(
    'ERR_FILE',
    `Expected the path of a file, got the URL '${url}'. ${advice}`,
    {
      ...(cause === undefined ? {} : { cause }),
      details: { path: url },
    },
  )
}

async function attempt(
  path: string,
  signal: AbortSignal | undefined,
  copy: () => Promise<number>,
): Promise<number> {
  try {
    return await copy()
  } catch (cause) {
    signal?.throwIfAborted()
    throw fileError(path, `can't be read: ${(cause as Error).message}.`, cause)
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
