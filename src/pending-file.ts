/** A file that appears complete under its name, or not at all. */

import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  write,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
// As a namespace: a Node too old to have every name of it must get as far as saying so.
import * as util from 'node:util'
import { OneCopyError } from './errors.ts'
import { openUnnamed } from './scratch-file.ts'

/**
 * Writes a file so that its name shows the old bytes or all the new ones, whatever fails and when.
 * The content goes to a file without a name, or with a temporary one, in the same folder. That file
 * is synced to disk and then takes the name. Readers that have the old file mapped keep it.
 *
 * @param file - a new file, closed in any case. A regular file with its name is replaced; the new one
 * has its permissions and, where the system allows it, its owner
 * @param write - writes the content with `file.write(bytes)`; when it fails nothing is left behind
 * @param options - `durable: false`: nothing is synced, so that a crash of the machine may cut the file
 * @throws OneCopyError `ERR_FILE` when the disk is full; what `write` throws
 */
export async function writeWhole<File extends PendingFile>(
  file: File,
  write: (file: File) => Promise<void>,
  { durable = true }: { readonly durable?: boolean } = {},
): Promise<void> {
  try {
    await write(file)
    if (durable) await file.replace()
    else file.replaceUnsynced()
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
  /** Its name for now, where there are no unnamed files. */
  #temporary: string | undefined

  /**
   * @param path - where the file is to appear. A symbolic link stays, and the file appears where it
   * points to, also when nothing is there yet
   * @param linkFile - with it the file has no name at all for now, where the file system can do that
   * @throws OneCopyError `ERR_FILE` when the folder doesn't exist or can't be written to, or when
   * `path` is a folder, device, FIFO or socket
   */
  constructor(path: string, linkFile?: LinkFile) {
    this.#linkFile = linkFile
    try {
      this.#path = followLinks(resolve(path))
      const unnamed = linkFile && openUnnamed(dirname(this.#path), 0o666)
      this.#temporary = unnamed === undefined ? temporaryName(this.#path) : undefined
      this.fd = unnamed ?? openSync(this.#temporary!, 'wx+')
    } catch (cause) {
      throw failure(path, cause)
    }
  }

  /** Appends bytes; `ERR_FILE` when the disk is full. */
  async write(bytes: ArrayBufferView): Promise<void> {
    try {
      await this.append(bytes)
    } catch (cause) {
      throw failure(this.#path, cause)
    }
  }

  /** Appends bytes, which nobody takes away meanwhile; fails with the system's error. */
  protected async append({ buffer, byteOffset, byteLength }: ArrayBufferView): Promise<void> {
    for (let done = 0; done < byteLength;) {
      const rest = new Uint8Array(buffer, byteOffset + done, byteLength - done)
      done += (await writeAsync(this.fd, rest)).bytesWritten
    }
  }

  /** Brings the bytes to the disk and names the file, in place of the one that may have that name. */
  async replace(): Promise<void> {
    try {
      await util.promisify(fsync)(this.fd)
      this.#takeName()
    } catch (cause) {
      throw failure(this.#path, cause)
    }
  }

  /** Does what {@link replace} does while this thread waits, for a file with few bytes to bring to the disk. */
  replaceNow(): void {
    try {
      fsyncSync(this.fd)
      this.#takeName()
    } catch (cause) {
      throw failure(this.#path, cause)
    }
  }

  /** Names the file like {@link replace}, but leaves it to the system when bytes and name come to the disk. */
  replaceUnsynced(): void {
    try {
      this.#rename()
    } catch (cause) {
      throw failure(this.#path, cause)
    }
  }

  #takeName(): void {
    this.#rename()
    syncFolder(dirname(this.#path))
  }

  #rename(): void {
    // Looks again: whatever came to the path since the start must not be lost.
    const before = lstatSync(this.#path, { throwIfNoEntry: false })
    if (before !== undefined) takeAttributes(this.fd, requireRegular(before))
    if (before !== undefined || !this.#linkNew()) {
      renameSync(this.#nameTemporarily(), this.#path)
      this.#temporary = undefined
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

  /** Where nobody has the name, a file without one takes it at once: killed at any moment, no other name is left. */
  #linkNew(): boolean {
    return this.#temporary === undefined && this.#linkFile!(this.fd, this.#path) === 0
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

/** A name beside a path that nobody has; not from node:crypto, which every program would load for it (5 ms). */
export function temporaryName(path: string): string {
  const unique = `${process.pid}-${Math.random().toString(36).slice(2)}`
  return join(dirname(path), `.${basename(path)}.${unique}.tmp`)
}

/** Linux's own limit, which ends a circle of links. */
const mostLinks = 40

/**
 * Where a file at `path` really lies, or will lie when the last link points to nothing.
 *
 * @param isFine - refuses what is there already, by throwing
 */
export function followLinks(path: string, isFine: (found: Stats) => void = requireRegular): string {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found !== undefined) isFine(found)
  let target = path
  for (let links = 0; links <= mostLinks; links++) {
    const here = lstatSync(target, { throwIfNoEntry: false })
    if (here?.isSymbolicLink() !== true) {
      // A link in /proc may lead to a file whose name was removed.
      if (links > 0 && found !== undefined && here === undefined)
        throw new Error('it is a link to a file that has no name')
      return target
    }
    target = resolve(realpathSync(dirname(target)), readlinkSync(target))
  }
  throw new Error(`it is a chain of more than ${mostLinks} symbolic links`)
}

/** Refuses what a rename would destroy: a device at the path would become a regular file. */
function requireRegular(found: Stats): Stats {
  if (found.isFile()) return found
  throw new Error(`it is ${kindOf(found)}, and only a regular file can be replaced`)
}

/** What something in the file system is: `a folder`. */
export function kindOf(found: Stats): string {
  if (found.isFile()) return 'a file'
  if (found.isDirectory()) return 'a folder'
  if (found.isFIFO()) return 'a FIFO'
  if (found.isSocket()) return 'a socket'
  return found.isSymbolicLink() ? 'a symbolic link by now' : 'a device'
}

/** Gives a new file the owner and permissions of the one that it replaces. */
function takeAttributes(fd: number, { uid, gid, mode }: Stats): void {
  try {
    fchownSync(fd, uid, gid)
  } catch {
    // Only root may give a file away; others keep what they write.
  }
  fchmodSync(fd, mode & 0o7777)
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
  const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '')
  const advice = reason.startsWith('fsync API')
    ? ' No file can be saved whole under `--permission`.'
    : ''
  return new OneCopyError('ERR_FILE', `Could not write ${path}: ${reason}.${advice}`, {
    cause,
    details: { path },
  })
}
