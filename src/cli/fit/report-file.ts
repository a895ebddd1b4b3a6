/** The page that a command writes where its user wants it. */

import { openSync, closeSync, readSync } from 'node:fs'
import { dirname, extname, resolve } from 'node:path'
import { PendingFile } from '../../pending-file.ts'
import { pageMark } from '../fit-page/page-mark.ts'
import { requireWritable } from '../input/require-writable.ts'
import { statFile } from '../input/stat-file.ts'
import { UsageError } from '../output/failure.ts'
import { whileUnfinished } from '../output/signals.ts'

/** Bytes in which the mark stands. */
const markBytes = 400

/** A page that appears whole under its name, or not at all. */
export class ReportFile {
  readonly path: string

  /**
   * Checks before the work that the page can be written, and that it replaces nothing but an earlier page.
   *
   * @param newFolder - a folder that can be made, and that will be there before the page is written
   * @throws UsageError
   */
  constructor(path: string, newFolder?: string) {
    this.path = path
    if (!['.html', '.htm'].includes(extname(path).toLowerCase()))
      throw new UsageError(`Expected --report to be a .html file, got '${path}'.`)
    if (newFolder === undefined || dirname(resolve(path)) !== resolve(newFolder))
      requireWritable(path, '--report')
    this.#requireOurs()
  }

  /**
   * Writes the page. A failure or a signal leaves what was there.
   *
   * @throws OneCopyError `ERR_FILE` when the system refuses
   */
  async write(page: string): Promise<void> {
    this.#requireOurs()
    const file = new PendingFile(this.path)
    let isOpen = true
    const close = (): void => {
      if (isOpen) file.close()
      isOpen = false
    }
    await whileUnfinished(close, async () => {
      await file.write(Buffer.from(page))
      await file.replace()
      close()
    })
  }

  #requireOurs(): void {
    const found = statFile(this.path)
    if (found === undefined || found.size === 0) return
    const start = Buffer.alloc(markBytes)
    const fd = openSync(this.path, 'r')
    try {
      readSync(fd, start)
    } finally {
      closeSync(fd)
    }
    if (start.includes(pageMark)) return
    throw new UsageError(
      `The file '${this.path}' was not written by onecopy fit. Choose another path with --report.`,
    )
  }
}
