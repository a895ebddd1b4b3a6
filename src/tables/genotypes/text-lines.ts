/** Lines of text files, plain or compressed by gzip. */

import { createReadStream, openSync, readSync, closeSync } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { OneCopyError } from '../../errors.ts'

const chunkBytes = 1 << 20

/** Lines that came together: bytes with whole lines, each ended by a line feed. */
export interface LineBlock {
  readonly bytes: Buffer
  /** Number of the first line in the file, from 1. */
  readonly firstLine: number
}

/**
 * Reads a file as blocks of whole lines. The last line may lack its end.
 *
 * @param path - plain, or compressed by gzip or bgzip
 * @throws OneCopyError `ERR_FILE`; `ERR_FORMAT` when the compressed bytes are damaged or end early
 */
export async function* lineBlocks(path: string, signal?: AbortSignal): AsyncGenerator<LineBlock> {
  let rest: Buffer = Buffer.alloc(0)
  let firstLine = 1
  for await (const chunk of chunks(path, signal)) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const end = bytes.lastIndexOf(10) + 1
    rest = bytes.subarray(end)
    if (end === 0) continue
    const block = bytes.subarray(0, end)
    yield { bytes: block, firstLine }
    firstLine += countLines(block)
  }
  if (rest.length > 0) yield { bytes: Buffer.concat([rest, Buffer.from('\n')]), firstLine }
}

async function* chunks(path: string, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  const head = readHead(path, 2)
  const file = createReadStream(path, { highWaterMark: chunkBytes, signal })
  const isCompressed = head[0] === 0x1f && head[1] === 0x8b
  const source = isCompressed
    ? pipeline(file, createGunzip({ chunkSize: chunkBytes }), () => {})
    : file
  try {
    yield* source as unknown as AsyncIterable<Buffer>
  } catch (cause) {
    if (signal?.aborted === true) throw signal.reason
    const { message, code } = cause as NodeJS.ErrnoException
    const isDamaged = code?.startsWith('Z_') === true
    throw new OneCopyError(
      isDamaged ? 'ERR_FORMAT' : 'ERR_FILE',
      isDamaged
        ? `${path} is damaged or ends early: its compressed bytes can't be read (${message}).`
        : `Could not read ${path}: ${message}.`,
      { cause, details: { path } },
    )
  }
}

/**
 * The first bytes of a file.
 *
 * @throws OneCopyError `ERR_FILE`
 */
export function readHead(path: string, count: number): Buffer {
  let fd: number | undefined
  try {
    fd = openSync(path, 'r')
    const bytes = Buffer.alloc(count)
    return bytes.subarray(0, readSync(fd, bytes, 0, count, 0))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new OneCopyError('ERR_FILE', `Could not read ${path}: ${reason}.`, {
      cause,
      details: { path },
    })
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

/** How many lines end in these bytes. */
export function countLines(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count++
  return count
}

/** Fields of a small file with blanks or tabs between them, line by line; empty lines and comments are left out. */
export async function* fieldLines(
  path: string,
  signal?: AbortSignal,
): AsyncGenerator<{ fields: string[]; line: number }> {
  for await (const { bytes, firstLine } of lineBlocks(path, signal)) {
    let line = firstLine
    for (const text of bytes.toString('utf8').slice(0, -1).split('\n')) {
      const fields = text.trim().split(/\s+/)
      if (fields[0] !== '' && !fields[0]!.startsWith('#')) yield { fields, line }
      line++
    }
  }
}
