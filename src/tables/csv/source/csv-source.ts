/** An open CSV file; detects changes during the reading. */

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { awaitAdvice, OneCopyError, show } from '../../../errors.ts'
import { markOf, packingOf, type TextEncoding } from './plain-text.ts'
import { copyFifo, copyFile, type CopyOptions, copyStream } from './scratch-copy.ts'

/** A file that is being read. */
export interface CsvSource {
  /** Absolute path; "the stream" where there is none. */
  readonly path: string
  readonly file: number
  readonly size: number
  readonly modified: bigint
}

/** What is read: the path of a file, or bytes or texts as they come. */
export type CsvInput = string | URL | AsyncIterable<Uint8Array | string>

/**
 * Opens text for reading; whoever opens it calls {@link closeSource}. What can't be read twice or is no UTF-8, a stream, a FIFO,
 * a file of /proc, gzip, zstd or another encoding, is copied as plain UTF-8 to a file without a name first. A FIFO or stream is waited for
 * without holding up the event loop.
 *
 * @param input - a stream, or the path of a regular file or a FIFO
 * @param options - folder on whose disk such a copy lies, and encoding; default: UTF-16 by its mark, else UTF-8
 * @param signal - ends the copying
 * @throws OneCopyError `ERR_FILE` when there is no such file, it is a folder, device or socket, or its
 * first bytes are those of another format
 */
export async function openSource(
  input: string | AsyncIterable<unknown>,
  options: CopyOptions,
  signal: AbortSignal | undefined,
): Promise<CsvSource> {
  if (typeof input === 'string') return openPath(input, options, signal)
  const path = 'the stream'
  return openCopy(path, await attempt(path, signal, () => copyStream(input, options, signal)))
}

/** A copy as a source; it is closed when it holds no text. */
function openCopy(path: string, file: number): CsvSource {
  try {
    const format = knownFormat(file)
    if (format !== undefined) throw fileError(path, `expected text, got ${format}.`)
    const status = fstatSync(file, { bigint: true })
    return { path, file, size: Number(status.size), modified: status.mtimeNs }
  } catch (error) {
    closeSync(file)
    throw error
  }
}

async function openPath(
  path: string,
  options: CopyOptions,
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
      file = await attempt(absolute, signal, () => copyFifo(fifo, options, signal))
    } else if (found.size === 0 || needsCopy(file, options.encoding)) {
      // Files of /proc and /sys say that they are empty.
      const copy = await attempt(absolute, signal, () => copyFile(file, options, signal))
      closeSync(file)
      file = copy
    }
    const opened = file
    file = -1
    return openCopy(absolute, opened)
  } catch (error) {
    if (file >= 0) closeSync(file)
    throw error
  }
}

/** Whether a file is packed, or text in another encoding than UTF-8. */
function needsCopy(file: number, encoding: TextEncoding | undefined): boolean {
  const head = Buffer.alloc(4)
  readSync(file, head, 0, head.length, 0)
  if (packingOf(head) !== undefined) return true
  return encoding === undefined ? markOf(head) !== undefined : encoding !== 'utf-8'
}

/** A path as a string, or a stream as it is; throws as {@link requirePath} does. */
export function requireInput(input: unknown): string | AsyncIterable<unknown> {
  if (typeof input === 'object' && input !== null && Symbol.asyncIterator in input)
    return input as AsyncIterable<unknown>
  return requirePath(input)
}

/**
 * The path that a string or file: URL gives.
 *
 * @throws OneCopyError `ERR_FILE` for a URL of another kind; TypeError
 */
function requirePath(path: unknown): string {
  if (typeof path === 'string') return path
  if (!(path instanceof URL)) {
    throw new TypeError(
      `Expected \`path\` to be the path of a file as a string or file: URL, or a stream of bytes, got ${show(path)}.${awaitAdvice(path)}`,
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
  if (text.startsWith('PK\x03\x04')) return 'a zip archive or Excel workbook. Save it as CSV first'
  if (text.startsWith('\x93NUMPY')) return 'a .npy array. Open it with openArray'
  if (text.startsWith('PAR1')) return 'a Parquet file'
  if (text.startsWith('\xff\xfe') || text.startsWith('\xfe\xff'))
    return 'UTF-16. Leave out `encoding`, as the file says itself what it is'
  return undefined
}

function fileError(path: string, what: string, cause?: unknown): OneCopyError {
  return new OneCopyError('ERR_FILE', `${path}: ${what}`, {
    ...(cause === undefined ? {} : { cause }),
    details: { path },
  })
}
