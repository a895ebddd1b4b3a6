/** Reads /proc: every file as it is now, or nothing. */

import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  statSync,
} from 'node:fs'

/**
 * The part of a file system that the monitor looks at. What can't be read is `undefined`: a
 * process may go at any moment, and another user's process keeps some of its files to itself.
 */
export interface ProcFiles {
  /** The whole text of a file. */
  read(path: string): string | undefined
  /** The names in a folder. */
  list(path: string): readonly string[] | undefined
  /** Where a symbolic link points to. */
  link(path: string): string | undefined
  /** Which file stands behind a path, and how many bytes of it exist in memory or on disk. */
  blocks(path: string): { readonly id: string; readonly bytes: number } | undefined
}

/** Whether this system shows its processes under /proc, as Linux does and macOS does not. */
export function hasProc(): boolean {
  return process.platform === 'linux' && existsSync('/proc/self/status')
}

/** The real /proc. */
export const procFiles: ProcFiles = {
  read: (path) => attempt(() => readWhole(path)),
  list: (path) => attempt(() => readdirSync(path)),
  link: (path) => attempt(() => readlinkSync(path)),
  blocks: (path) =>
    attempt(() => {
      const { dev, ino, blocks } = statSync(path)
      return { id: `${dev}:${ino}`, bytes: blocks * 512 }
    }),
}

/** One buffer for all reads: a sample reads about 200 small files. */
let buffer = Buffer.allocUnsafeSlow(8192)

/**
 * Reads until the kernel has no more: files of /proc have no size, and one read gives at most a
 * page of a list.
 */
function readWhole(path: string): string {
  const file = openSync(path, 'r')
  try {
    let length = 0
    for (;;) {
      const read = readSync(file, buffer, length, buffer.length - length, null)
      if (read === 0) return buffer.toString('latin1', 0, length)
      length += read
      if (length === buffer.length) {
        const larger = Buffer.allocUnsafeSlow(2 * buffer.length)
        buffer.copy(larger)
        buffer = larger
      }
    }
  } finally {
    closeSync(file)
  }
}

/** Turns "it is not there" and "we may not look" into `undefined`; any other error is a fault. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    // ESRCH is what a file that was opened in time says once its process is gone.
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(String(code))) return undefined
    throw error
  }
}
