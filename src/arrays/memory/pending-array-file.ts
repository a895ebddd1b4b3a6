/** Files that have no name until they are complete. */

// As a namespace, so that the version check can still report a Node.js that lacks some of its names.
import { writeSync } from 'node:fs'
import * as util from 'node:util'
import { native } from '../../native/index.ts'
import { type LinkFile, PendingFile } from '../../pending-file.ts'
import { addPath } from './mapping.ts'

/** Written while this thread waits. */
const fewBytes = 4096

const linkFile: LinkFile = (fd, path) => native.linkFile(fd, path)

/**
 * Opens a pending file of any content that disappears when the process is killed, on most file systems.
 *
 * @throws OneCopyError `ERR_FILE` as {@link PendingFile}
 */
export function openPendingFile(path: string): PendingFile {
  return new PendingFile(path, linkFile)
}

/** A pending file of an array that disappears when the process is killed, on most file systems. */
export class PendingArrayFile extends PendingFile {
  readonly #path: string

  /** @throws OneCopyError `ERR_FILE` when the folder doesn't exist or can't be written to */
  constructor(path: string) {
    super(path, linkFile)
    this.#path = path
  }

  /** Appends bytes, even if their buffer is transferred meanwhile. */
  protected override async append({
    buffer,
    byteOffset,
    byteLength,
  }: ArrayBufferView): Promise<void> {
    const bytes = new Uint8Array(buffer, byteOffset, byteLength)
    if (byteLength <= fewBytes) return this.#writeNow(bytes)
    const errno = await native.appendBytes(this.fd, bytes)
    if (errno === 0) return
    throw Object.assign(new Error(util.getSystemErrorMessage(-errno)), {
      code: util.getSystemErrorName(-errno),
    })
  }

  /** To start a thread would take longer than to write few bytes. */
  #writeNow(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;)
      done += writeSync(this.fd, bytes, done, bytes.length - done)
  }

  /** Reserves disk space for the first `byteLength` bytes; `ERR_MEMORY` when the disk is full. */
  reserve(byteLength: number): void {
    try {
      native.reserveSpace(this.fd, byteLength)
    } catch (cause) {
      throw addPath(`Could not make ${this.#path}`, this.#path, cause)
    }
  }
}
