/** Writes a file whole or not at all. */

import { randomBytes } from 'node:crypto'
import { open, realpath, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { OneCopyError } from '../errors.ts'

/**
 * Writes a file under another name in the same folder, brings it to the disk, and then gives it
 * its name: whoever reads that name sees the old content or all of the new one.
 *
 * @throws OneCopyError `ERR_FILE` when it can't be written; nothing is left behind then
 */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const target = await followLink(resolve(path))
  const temporary = join(
    dirname(target),
    `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`,
  )
  try {
    const file = await open(temporary, 'wx')
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, target)
  } catch (cause) {
    await rm(temporary, { force: true })
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new OneCopyError('ERR_FILE', `Could not write ${path}: ${reason}.`, {
      cause,
      details: { path },
    })
  }
}

/** A symbolic link stays; what it points to is replaced. */
async function followLink(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch {
    return path
  }
}
