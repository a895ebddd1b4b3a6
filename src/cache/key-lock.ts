/** Has one thread of all processes compute a result. */

import { closeSync, fstatSync, openSync, readdirSync, unlinkSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { native } from '../native/index.ts'

/** How long a waiter sleeps between two looks, in milliseconds: twice as long each time. */
const shortestMs = 1
const longestMs = 50

/** A held lock. */
export interface KeyLock {
  /** Ends it, and leaves no file. */
  readonly release: () => void
}

/** What a waiter does meanwhile. */
export interface Waiting {
  readonly signal: AbortSignal | undefined
  /** Called once, when another has the lock. */
  readonly onWait: () => void
  /** Whether there is nothing left to wait for. */
  readonly isDone: () => boolean
}

/**
 * Takes the lock of a key, by flock(2): the kernel ends it with its holder, however that ends. Where the file system has no locks, or no
 * file can be made, everybody gets one: then a result may be computed twice.
 *
 * @param folder - of locks; holds one file for each that is held
 * @returns undefined when the waiting has ended because `isDone`
 */
export async function lockKey(
  folder: string,
  key: string,
  waiting: Waiting,
): Promise<KeyLock | undefined> {
  const path = join(folder, key)
  let ms = shortestMs
  let fd: number | undefined
  let isWaiting = false
  try {
    for (;;) {
      waiting.signal?.throwIfAborted()
      fd ??= openLock(path)
      if (fd === undefined) return unlocked
      const errno = native.lockFile(fd)
      if (errno === 0 && fstatSync(fd).nlink > 0) return takeOver(path, fd, () => (fd = undefined))
      if (errno === 0) {
        // Its last holder has removed the file: another may have a new one by now.
        closeSync(fd)
        fd = undefined
        continue
      }
      if (!isHeldByOther(errno)) return unlocked
      if (!isWaiting) waiting.onWait()
      isWaiting = true
      await sleep(ms, waiting.signal)
      ms = Math.min(2 * ms, longestMs)
      if (waiting.isDone()) return undefined
    }
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

/** Whether a lock could not be taken since another has it. */
export function isHeldByOther(errno: number): boolean {
  return errno === constants.errno.EWOULDBLOCK
}

/** Removes the files of locks that nobody holds, as processes that were killed leave them. */
export function sweepLocks(folder: string): void {
  for (const name of namesIn(folder).filter((one) => /^[0-9a-f]{32}$/.test(one))) {
    const path = join(folder, name)
    let fd: number | undefined
    try {
      fd = openSync(path, 'r+')
      // Of a file that its holder has removed meanwhile, the name may be that of another's lock.
      if (native.lockFile(fd) === 0 && fstatSync(fd).nlink > 0) unlinkSync(path)
    } catch {
      // Somebody else was faster, or may do it and we may not.
    } finally {
      if (fd !== undefined) closeSync(fd)
    }
  }
}

/** Rejects with the signal's own reason. */
async function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await setTimeout(ms, undefined, { signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}

const unlocked: KeyLock = { release: () => undefined }

function takeOver(path: string, fd: number, forget: () => void): KeyLock {
  forget()
  const release = (): void => {
    try {
      unlinkSync(path)
    } catch {
      // The folder was cleared meanwhile.
    }
    closeSync(fd)
  }
  return { release }
}

function openLock(path: string): number | undefined {
  try {
    return openSync(path, 'a')
  } catch {
    return undefined
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
