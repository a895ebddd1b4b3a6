/** A file that has no name until it is whole. */

import { native } from '../../native/index.ts'
import { PendingFile } from '../../pending-file.ts'
import { addPath } from './mapping.ts'

/** A pending file that a process which is killed leaves nothing of, on most file systems. */
export class NamelessFile extends PendingFile {
  readonly #path: string

  /** @throws OneCopyError `ERR_FILE` when the folder doesn't exist or can't be written to */
  constructor(path: string) {
    super(path, (fd, name) => native.linkFile(fd, name))
    this.#path = path
  }

  /** Takes the disk space of the first `byteLength` bytes; `ERR_MEMORY` when the disk is full. */
  reserve(byteLength: number): void {
    try {
      native.reserveSpace(this.fd, byteLength)
    } catch (cause) {
      throw addPath(`Could not make ${this.#path}`, this.#path, cause)
    }
  }
}
