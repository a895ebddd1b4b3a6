/** Reads files under /proc; a missing one is undefined. */

import {
  closeSync,
  constants,
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
  /** The file that a path leads to, and how many bytes of it exist in memory or on disk. */
  blocks(path: string): { readonly id: string; readonly bytes: number } | undefined
  /** The size that a path claims: of a folder of descriptors, how many there are (Linux 6.2). */
  size(path: string): number | undefined
  /** At most this many first bytes of a file; a copy. */
  head(path: string, count: number): Uint8Array | undefined
  /** A file that is read again and again, as one of the process that it is now. */
  follow(path: string): FollowedFile
}

/** A file that stays open: opening one of /proc takes as long as reading it. */
export interface FollowedFile {
  /** Its current text; `undefined` once its process has ended, even if the pid is used again. */
  read(): string | undefined
  close(): void
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
  size: (path) => attempt(() => statSync(path).size),
  head: (path, count) => attempt(() => readHead(path, count)),
  follow: (path) => new OpenFile(path),
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

class OpenFile implements FollowedFile {
  readonly #file: number | undefined

  constructor(path: string) {
    this.#file = attempt(() => openSync(path, 'r'))
  }

  read(): string | undefined {
    const file = this.#file
    if (file === undefined) return undefined
    return attempt(() => readAgain(file))
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
  }
}

/**
 * Reads an open file from its start, in one call: the kernel gives the whole text of a process at
 * once, as far as there is room. A user in 1,000 groups has a `status` of more than 8 KiB.
 */
function readAgain(file: number): string {
  for (;;) {
    const length = readSync(file, buffer, 0, buffer.length, 0)
    if (length < buffer.length) return buffer.toString('latin1', 0, length)
    buffer = Buffer.allocUnsafeSlow(2 * buffer.length)
  }
}

/** Never waits: what was a file a moment ago may be a pipe now. */
function readHead(path: string, count: number): Uint8Array {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const bytes = new Uint8Array(count)
    return bytes.subarray(0, readSync(file, bytes, 0, count, 0))
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
    // A file that was opened in time gives ESRCH once its process has ended.
    if (absent.has(String(code))) return undefined
    throw error
  }
}

/** The second line: a descriptor that became something else, and a process without any left. */
const absent = new Set(
  ['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].concat([
    'ENXIO',
    'EAGAIN',
    'ESPIPE',
    'EISDIR',
    'EMFILE',
    'ENFILE',
  ]),
)
