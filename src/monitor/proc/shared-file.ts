/** Opens unnamed files that other processes find through /proc. */

import { closeSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { openScratchFile } from '../../scratch-file.ts'

/**
 * Opens a file that has no name from its first moment: the kernel frees it with its last holder,
 * even after SIGKILL. Others of the same user open it at `/proc/PID/fd/NUMBER`.
 *
 * @param head - what it begins with, from a moment after it can be found
 * @returns a descriptor that reads and writes, which child processes do not inherit; `undefined`
 *   when no folder lets us, or all are full
 */
export function openSharedFile(head: string | Uint8Array): number | undefined {
  const bytes = Buffer.from(head)
  for (const folder of ['/dev/shm', tmpdir()]) {
    const file = attempt(() => openScratchFile(folder))
    if (file === undefined) continue
    // A container's /dev/shm has 64 MB, which the program that is watched may have filled.
    if (attempt(() => writeSync(file, bytes)) === bytes.length) return file
    closeSync(file)
  }
  return undefined
}

/** Whether the target of a descriptor is a file that {@link openSharedFile} may have opened. */
export function isUnnamed(target: string): boolean {
  return /\/(?:#\d+|\.onecopy-[\da-f]{16}) \(deleted\)$/.test(target)
}

function attempt(open: () => number): number | undefined {
  try {
    return open()
  } catch {
    return undefined
  }
}
