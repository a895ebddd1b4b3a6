/** Runs V8's garbage collector, whatever flags Node was started with. */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = (options: { type: 'minor' | 'major' }) => unknown

let collect: Collect | undefined

/**
 * Collects garbage of this thread.
 *
 * @param type - `'major'` all of it; `'minor'` young objects only, in about 0.3 ms on any heap
 */
export function collectGarbage(type: 'minor' | 'major'): void {
  collect ??= findCollect()
  // What a collection finds is freed by a thread of V8's when that has time; new memory is asked for before.
  if (!isSweepSet) setFlagsFromString('--no-concurrent-array-buffer-sweeping')
  try {
    collect({ type })
  } finally {
    if (!isSweepSet) setFlagsFromString('--concurrent-array-buffer-sweeping')
  }
}

/** Whether Node was started with a word about who frees the memory of array buffers; V8 doesn't tell its flags. */
const isSweepSet = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].some((flags) =>
  /concurrent[-_]array[-_]buffer[-_]sweeping/.test(flags),
)

/** V8's `gc`, which is in no context that Node makes without a flag. */
function findCollect(): Collect {
  const own = globalThis.gc ?? takeFromNewContext()
  if (own !== undefined) return own // with a flag of the program's, which stays
  // The flag is that of the whole process, and a thread that is done takes it back at once, maybe before another
  // has made its context. No thread can do so twice.
  for (let attempt = 0; attempt < mostThreads; attempt++) {
    setFlagsFromString('--expose-gc')
    const found = takeFromNewContext()
    if (found === undefined) continue
    setFlagsFromString('--no-expose-gc')
    return found
  }
  setFlagsFromString('--no-expose-gc')
  return () => {} // then it is left to V8
}

/** More than start to work at one moment. */
const mostThreads = 100

function takeFromNewContext(): Collect | undefined {
  return runInNewContext('globalThis.gc') as Collect | undefined
}
