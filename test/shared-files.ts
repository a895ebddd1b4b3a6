/** What of ours has a name in shared memory: nothing should. */

import { readdirSync } from 'node:fs'

/** Browsers and other programs keep files there too, which come and go. */
export function ourSharedFiles(): string[] {
  return readdirSync('/dev/shm').filter((name) => name.includes('onecopy'))
}
