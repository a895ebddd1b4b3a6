/** A file that appears whole under its name, or not at all. */

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
  write,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
// As a namespace: a Node too old to have every name of it must get as far as saying so.
import * as util from 'node:util'
import { OneCopyError } from './errors.ts'

/**
 * Writes a file so that its name shows the old bytes or all the new ones, whatever fails and when:
 * it is written under no name or a temporary one in the same folder, brought to the disk, and only
 * then named. Readers that have the old file mapped keep it.
 *
 * @param file - a new one, which is closed in any case; an existing one with its name is replaced,
 * and its permissions stay
 * @param write - writes the content with `file.write(bytes)`; when it fails nothing is left behind
 * @throws OneCopyError `ERR_FILE` when the disk is full; what `write` throws
 */
export async function writeWhole<File extends PendingFile>(
  file: File,
  write: (file: File) => Promise<void>,
): Promise<void> {
  try {
    await write(file)
    await file.replace()
  } finally {
    file.close()
  }
}

/** Gives an open file without a name one; 0, or the system's error number. Node itself can't. */
export type LinkFile = (fd: number, path: string) => number

/** An open new file that does not have its name yet. Whoever makes one closes it. */
export class PendingFile {
  /** Open for reading and writing. */
  readonly fd: number
  readonly #path: string
  readonly #linkFile: LinkFile | undefined
  /** Its name for now, where there are no nameless files. */
  #temporary: string | undefined

  /**
   * @param path - where the file is to appear; a symbolic link stays
   * @param linkFile - with it the file has no name at all for now, where the file system can do that
   * @throws OneCopyError `ERR_FILE` when the folder doesn't exist or can't be written to
   */
  constructor(path: string, linkFile?: LinkFile) {
    this.#path = followLink(resolve(path))
    this.#linkFile = linkFile
    const nameless = linkFile && openNameless(dirname(this.#path))
    this.#temporary = nameless === undefined ? temporaryName(this.#path) : undefined
    try {
      this.fd = nameless ?? openSync(this.#temporary!, 'wx+')
    } catch (cause) {
      throw failure(this.#path, cause)
    }
  }

  /** Appends bytes; `ERR_FILE` when the disk is full. */
  async write({ buffer, byteOffset, byteLength }: ArrayBufferView): Promise<void> {
    try {
      for (let done = 0; done < byteLength;) {
        const rest = new Uint8Array(buffer, byteOffset + done, byteLength - done)
        done += (await writeAsync(this.fd, rest)).bytesWritten
      }
    } catch (cause) {
      throw failure(this.#path, cause)
    }
  }

  /** Brings the bytes to the disk and names the file, in place of the one that may have that name. */
  async replace(): Promise<void> {
    try {
      await util.promisify(fsync)(this.fd)
      const before = statSync(this.#path, { throwIfNoEntry: false })
      if (before !== undefined) fchmodSync(this.fd, before.mode & 0o7777)
      renameSync(this.#nameTemporarily(), this.#path)
      this.#temporary = undefined
      syncFolder(dirname(this.#path))
    } catch (cause) {
      throw failure(this.#path, cause)
    }
  }

  /** Names the file, unless there is one with that name already. */
  create(): void {
    this.nameAs(this.#path)
    try {
      syncFolder(dirname(this.#path))
    } catch (cause) {
      throw failure(this.#path, cause)
    }
  }

  /** Gives the file another name than it was made for, on the same file system, if nobody has it. */
  nameAs(path: string): void {
    try {
      if (this.#temporary === undefined) this.#link(path)
      else linkSync(this.#temporary, path)
    } catch (cause) {
      throw failure(path, cause)
    }
  }

  /** Closes the descriptor; a file that was not named is gone then. */
  close(): void {
    closeSync(this.fd)
    if (this.#temporary !== undefined) rmSync(this.#temporary, { force: true })
  }

  /** Only a file with a name can take the place of another. */
  #nameTemporarily(): string {
    if (this.#temporary === undefined) {
      const name = temporaryName(this.#path)
      this.#link(name)
      this.#temporary = name
    }
    return this.#temporary
  }

  #link(path: string): void {
    const errno = this.#linkFile!(this.fd, path)
    if (errno !== 0) throw new Error(util.getSystemErrorMessage(-errno))
  }
}

const writeAsync = util.promisify(write)

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

/** A name beside a path that nobody has; not from node:crypto, which every program would load for it (5 ms). */
export function temporaryName(path: string): string {
  const unique = `${process.pid}-${Math.random().toString(36).slice(2)}`
  return join(dirname(path), `.${basename(path)}.${unique}.tmp`)
}

/** A symbolic link stays; what it points to is replaced. */
function followLink(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/** Brings the names in a folder to the disk, where the file system and the folder's permissions let us. */
export function syncFolder(folder: string): void {
  try {
    const fd = openSync(folder, 'r')
    try {
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    // A folder that may be written to but not read; a file system that syncs no folders.
    if (!['EACCES', 'EPERM', 'EINVAL', 'ENOTSUP'].includes(String(code))) throw error
  }
}

function failure(path: string, cause: unknown): OneCopyError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new OneCopyError('ERR_FILE', `Could not write ${path}: ${reason}.`, {
    cause,
    details: { path },
  })
}
