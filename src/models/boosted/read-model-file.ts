/** Reads model files of other libraries whole. */

import { constants as flags } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { awaitAdvice, OneCopyError, show } from '../../errors.ts'

/** The longest text that V8 holds is a little longer. */
const mostBytes = 2 ** 29 - 2 ** 10

/** A model file. */
export interface ModelFile {
  readonly path: string
  readonly bytes: Buffer
}

/**
 * Reads a regular file.
 *
 * @throws OneCopyError `ERR_FILE` when it can't be read or has more than 511 MiB; TypeError for another path
 */
export async function readModelFile(path: string | URL): Promise<ModelFile> {
  const name = requirePath(path)
  try {
    // Without O_NONBLOCK a named pipe would block until somebody writes to it.
    const file = await open(name, flags.O_RDONLY | flags.O_NONBLOCK)
    try {
      const status = await file.stat()
      if (!status.isFile()) throw refuse(name, 'a regular file', 'a folder or a device')
      if (status.size > mostBytes) throw refuse(name, 'at most 511 MiB', `${status.size} bytes`)
      return { path: name, bytes: await readBytes(file, name, status.size) }
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (cause instanceof OneCopyError) throw cause
    throw new OneCopyError(
      'ERR_FILE',
      `Expected a model file to read at ${name}, got: ${(cause as Error).message}.`,
      { cause, details: { path: name } },
    )
  }
}

/** Reads as many bytes as a file had when it was opened, whatever is appended to it meanwhile. */
async function readBytes(file: FileHandle, path: string, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(size)
  for (let done = 0; done < size;) {
    const { bytesRead } = await file.read(bytes, done, size - done, done)
    if (bytesRead === 0) throw refuse(path, `${size} bytes as when it was opened`, `${done}`)
    done += bytesRead
  }
  return bytes
}

function requirePath(path: unknown): string {
  if (typeof path === 'string') return path
  if (path instanceof URL && path.protocol === 'file:') return fileURLToPath(path)
  throw new TypeError(
    `Expected \`path\` to be the path of a model file as a string or file: URL, got ${show(path)}.${awaitAdvice(path)}`,
  )
}

function refuse(path: string, expected: string, found: string): OneCopyError {
  return new OneCopyError(
    'ERR_FILE',
    `Expected the model file ${path} to be ${expected}, got ${found}.`,
    { details: { path } },
  )
}
