/** Locks a folder so that only one process writes to it. */

import { closeSync, openSync } from 'node:fs'
import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { OneCopyError } from '../../errors.ts'
import { native } from '../../native/index.ts'

/**
 * Runs `work` while no other process of ours writes into a folder. The system takes the lock from
 * a process that ends, in whatever way. Where there are no locks, as on some network file systems,
 * or the folder can't be opened, `work` runs without one.
 *
 * @param work - synchronous, so that others wait for milliseconds
 * @param patienceMs - how long the lock is waited for
 * @throws OneCopyError `ERR_FILE` when another process has the lock for longer than that
 */
export async function whileLocked(
  folder: string,
  work: () => void,
  patienceMs = 30_000,
): Promise<void> {
  const fd = open(folder)
  if (fd === undefined) return work()
  try {
    const untilMs = performance.now() + patienceMs
    while (native.lockFile(fd) === constants.errno.EWOULDBLOCK) {
      if (performance.now() > untilMs) throw lockedError(folder, patienceMs)
      await sleep(5)
    }
    work()
  } finally {
    closeSync(fd)
  }
}

function open(folder: string): number | undefined {
  try {
    return openSync(folder, 'r')
  } catch {
    return undefined
  }
}

function lockedError(folder: string, patienceMs: number): OneCopyError {
  const text =
    `Could not write the folder '${folder}': another process has kept it locked for ` +
    `${patienceMs / 1000} s. Choose another folder with --out, or end that process.`
  return new OneCopyError('ERR_FILE', text, { details: { path: folder } })
}
