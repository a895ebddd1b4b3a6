/** A folder of results: what its threads and processes share. */

import { closeSync, mkdirSync, openSync, rmSync, statSync, utimesSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { isOneCopyError, OneCopyError, show } from '../errors.ts'
import { native } from '../native/index.ts'
import type { CacheEvent } from './cache-events.ts'
import { isHeldByOther, sweepLocks } from './key-lock.ts'
import { RememberedDigests } from './remembered-digests.ts'
import { type CacheSize, SizeLog } from './size-log.ts'
import {
  chooseEvicted,
  deleteEntries,
  entryEnding,
  listEntries,
  lockFolder,
  sumEntries,
} from './stored-entries.ts'

/** What a folder may hold at most. */
export interface CacheLimits {
  readonly maxBytes: number
  readonly maxItems: number
  readonly maxAgeMs: number
}

/** How much of a limit is left after deleting, so that not every new result deletes another. */
const keptShare = 0.9
/** Uses of a result are noted at most so often, in ms. */
const touchedMs = 60_000

/** One folder in this thread. */
export class CacheFolder {
  readonly path: string
  readonly locks: string
  readonly digests: RememberedDigests
  /** Computations of this thread, by the paths of their results. */
  readonly inFlight = new Map<string, Promise<unknown>>()
  readonly #sizes: SizeLog
  #isOpened = false
  #isWarned = false
  #isCounted = false

  constructor(path: string) {
    this.path = path
    this.locks = join(path, lockFolder)
    this.digests = new RememberedDigests(path)
    this.#sizes = new SizeLog(path)
  }

  /** The file of a result. */
  pathOf(group: string, key: string): string {
    return join(this.path, group, `${key}${entryEnding}`)
  }

  /**
   * Makes the folder, and removes what killed processes left.
   *
   * @returns false, after one warning, when nothing can be written here
   */
  prepare(): boolean {
    try {
      if (this.#isOpened && this.isStored(this.locks)) return true
      mkdirSync(this.locks, { recursive: true })
      sweepLocks(this.locks)
      this.#isOpened = true
      return true
    } catch (error) {
      this.warn(error)
      return false
    }
  }

  /** Says once that results are computed but not kept. */
  warn(cause: unknown): void {
    if (this.#isWarned) return
    this.#isWarned = true
    const reason = cause instanceof Error ? cause.message : String(cause)
    process.emitWarning(
      `Results of cached functions can't be stored in ${this.path}, so they are computed again each time: ${reason.replace(/\.$/, '')}.`,
      { type: 'OneCopyWarning', code: 'ONECOPY_CACHE_NOT_WRITABLE' },
    )
  }

  /** Whether there is a file of a result. */
  isStored(path: string): boolean {
    return statSync(path, { throwIfNoEntry: false }) !== undefined
  }

  /** Notes that a result was used. */
  touch(path: string, usedMs: number): void {
    if (Date.now() - usedMs < touchedMs) return
    try {
      const now = new Date()
      utimesSync(path, now, now)
    } catch {
      // Of another user, or deleted meanwhile.
    }
  }

  /** Notes a new result, and deletes others where there are too many. */
  noteStored(path: string, limits: CacheLimits, report: (event: CacheEvent) => void): void {
    // Without limits nobody needs the log; who has some counts what is there first.
    if (limits.maxBytes === Infinity && limits.maxItems === Infinity) return
    const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0
    let size = this.#sizes.add({ items: 1, bytes })
    if (size === undefined || !this.#isCounted) {
      this.#isCounted = true
      size = this.#sizes.countAnew(() => sumEntries(listEntries(this.path)))
    }
    if (size.bytes <= limits.maxBytes && size.items <= limits.maxItems) return
    this.#evict(limits, report)
  }

  /** One process deletes; others go on. */
  #evict(limits: CacheLimits, report: (event: CacheEvent) => void): void {
    const fd = openSync(this.path, 'r')
    try {
      const errno = native.lockFile(fd)
      if (isHeldByOther(errno)) return
      let deleted: CacheSize = { items: 0, bytes: 0 }
      this.#sizes.countAnew(() => {
        const entries = listEntries(this.path)
        const old = entries.filter(({ usedMs }) => Date.now() - usedMs > limits.maxAgeMs)
        const rest = entries.filter((entry) => !old.includes(entry))
        const gone = deleteEntries([...old, ...chooseEvicted(rest, limits, keptShare)])
        deleted = sumEntries(gone)
        const all = sumEntries(entries)
        return { items: all.items - deleted.items, bytes: all.bytes - deleted.bytes }
      })
      if (deleted.items > 0) report({ type: 'evict', name: '', ...deleted })
    } finally {
      closeSync(fd)
    }
  }

  /** Removes a file that is no result, where we may. */
  discard(path: string): void {
    try {
      rmSync(path, { force: true })
    } catch {
      // What is stored next replaces it, if anything can be stored here.
    }
  }

  /** Removes a result. */
  remove(path: string): boolean {
    if (!this.isStored(path)) return false
    rmSync(path, { force: true })
    this.#isCounted = false
    return true
  }
}

const folders = new Map<string, CacheFolder>()

/** The folder at a path; one object for all functions of this thread. */
export function folderAt(path: string): CacheFolder {
  const absolute = resolve(path)
  let folder = folders.get(absolute)
  if (folder === undefined) folders.set(absolute, (folder = new CacheFolder(absolute)))
  return folder
}

/** Whether a result could not be stored since the disk or the folder's permissions don't let us. */
export function isDiskProblem(error: unknown): boolean {
  if (isOneCopyError(error)) return error.code === 'ERR_FILE'
  return error instanceof Error && 'syscall' in error
}

/**
 * The folder that a user names, which must be there.
 *
 * @throws OneCopyError `ERR_FILE`; TypeError for what is no path
 */
export function requireFolder(path: string): string {
  if (typeof path !== 'string' || path === '')
    throw new TypeError(`Expected the path of a folder, such as '.cache', got ${show(path)}.`)
  const absolute = resolve(path)
  if (statSync(absolute, { throwIfNoEntry: false })?.isDirectory() === true) return absolute
  const parent = dirname(absolute)
  throw new OneCopyError(
    'ERR_FILE',
    `Expected ${absolute} to be the folder of a cache, got ${statSync(absolute, { throwIfNoEntry: false }) === undefined ? `nothing there; look in ${parent}` : 'a file'}.`,
    { details: { path: absolute } },
  )
}
