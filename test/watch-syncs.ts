/** Tells a test what is brought to the disk. */

import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import type { TestContext } from 'node:test'

/** What is brought to the disk while a test runs: files by their inode, folders by their path. */
export function watchSyncs(t: TestContext): {
  readonly inodes: number[]
  readonly folders: string[]
} {
  const seen = { inodes: [] as number[], folders: [] as string[] }
  const note = (fd: number): void => {
    const status = fs.fstatSync(fd)
    if (status.isDirectory()) seen.folders.push(fs.readlinkSync(`/proc/self/fd/${fd}`))
    else seen.inodes.push(status.ino)
  }
  const { fsync, fsyncSync } = fs
  t.mock.method(fs, 'fsyncSync', (fd: number) => {
    note(fd)
    fsyncSync(fd)
  })
  t.mock.method(fs, 'fsync', (fd: number, done: fs.NoParamCallback) => {
    note(fd)
    fsync(fd, done)
  })
  syncBuiltinESMExports()
  t.after(() => {
    t.mock.reset()
    syncBuiltinESMExports()
  })
  return seen
}
