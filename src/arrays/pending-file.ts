/** A file that appears whole under its name, or not at all. */

import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants as flags,
  fchmodSync,
  fsync,
  fsyncSync,
  linkSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { getSystemErrorMessage, promisify } from 'node:util'
import { isOneCopyError, OneCopyError } from '../errors.ts'
import { native } from '../native.ts'

/**
 * Writes a file so that its name shows the old bytes or all the new ones, whatever fails and when:
 * it is written without a name (or under a temporary one in the same folder), brought to the disk,
 * and only then named. Readers that have the old file mapped keep it.
 *
 * @param path - where the file appears; an existing one is replaced and its permissions stay
 * @param write - writes the content to the descriptor; when it fails nothing is left behind
 * @throws OneCopyError `ERR_FILE` when the folder can't be written to; what `write` throws
 */
export async function writeFileAtomically(
  path: string,
  write: (fd: number) => Promise<void>,
): Promise<void> {
  const file = new PendingFile(path)
  try {
    await write(file.fd)
    await promisify(fsync)(file.fd)
    file.replace()
  } finally {
    file.close()
  }
}

/** An open new file that has no name yet. Whoever makes one closes it. */
export class PendingFile {
  /** Open for reading and writing. */
  readonly fd: number
  readonly #path: string
  /** Its name for now, where the file system has no nameless files. */
  #temporary: string | undefined

  /** @throws OneCopyError `ERR_FILE` when the folder doesn't exist or can't be written to */
  constructor(path: string) {
    this.#path = followLink(resolve(path))
    const nameless = openNameless(dirname(this.#path))
    this.#temporary = nameless === undefined ? temporaryName(this.#path) : undefined
    this.fd = nameless ?? attempt(path, () => openSync(this.#temporary!, 'wx+'))
  }

  /** Names the file, in place of the one that may have that name. */
  replace(): void {
    attempt(this.#path, () => {
      const before = statSync(this.#path, { throwIfNoEntry: false })
      if (before !== undefined) fchmodSync(this.fd, before.mode & 0o7777)
      if (this.#temporary === undefined) {
        const name = temporaryName(this.#path)
        requireLinked(native.linkFile(this.fd, name))
        this.#temporary = name
      }
      renameSync(this.#temporary, this.#path)
      this.#temporary = undefined
      syncFolder(dirname(this.#path))
    })
  }

  /** Names the file, unless there is one with that name already. */
  create(): void {
    attempt(this.#path, () => {
      if (this.#temporary === undefined) requireLinked(native.linkFile(this.fd, this.#path))
      else linkSync(this.#temporary, this.#path)
      syncFolder(dirname(this.#path))
    })
  }

  /** Closes the descriptor; a file that was not named is gone then. */
  close(): void {
    closeSync(this.fd)
    if (this.#temporary !== undefined) rmSync(this.#temporary, { force: true })
  }
}

/** Linux opens a file without a name in any folder that can be written to; most file systems have it. */
function openNameless(folder: string): number | undefined {
  if (process.platform !== 'linux') return undefined
  const nameless = 0o20000000 | flags.O_DIRECTORY // O_TMPFILE, which Node doesn't name
  try {
    return openSync(folder, flags.O_RDWR | nameless, 0o666)
  } catch {
    return undefined
  }
}

function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
}

/** A symbolic link stays; what it points to is replaced. */
function followLink(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/** Brings the new name to the disk. */
function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function requireLinked(errno: number): void {
  if (errno !== 0) throw new Error(getSystemErrorMessage(-errno))
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action()
  } catch (cause) {
    if (isOneCopyError(cause)) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new OneCopyError('ERR_FILE', `Could not write ${path}: ${reason}.`, {
      cause,
      details: { path },
    })
  }
}
