/** Runs V8's garbage collector, whatever flags Node was started with. */

type Collect = (options: { type: 'minor' | 'major' }) => unknown

let collect: Collect | undefined

/** Loaded on use, which a program that never collects does not pay for. */
const setFlag = (flag: string): void => process.getBuiltinModule('node:v8').setFlagsFromString(flag)

/**
 * Collects garbage of this thread.
 *
 * @param type - `'major'` all of it; `'minor'` young objects only, in about 0.3 ms on any heap
 */
export function collectGarbage(type: 'minor' | 'major'): void {
  collect ??= findCollect()
  // What a collection finds is freed by a thread of V8's when that has time; new memory is asked for before.
  if (!isSweepSet) setFlag('--no-concurrent-array-buffer-sweeping')
  try {
    collect({ type })
  } finally {
    if (!isSweepSet) setFlag('--concurrent-array-buffer-sweeping')
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
    setFlag('--expose-gc')
    const found = takeFromNewContext()
    if (found === undefined) continue
    setFlag('--no-expose-gc')
    return found
  }
  setFlag('--no-expose-gc')
  return () => {} // then it is left to V8
}

/** More than start to work at one moment. */
const mostThreads = 100

function takeFromNewContext(): Collect | undefined {
  const { runInNewContext } = process.getBuiltinModule('node:vm')
  return runInNewContext('globalThis.gc') as Collect | undefined
}
