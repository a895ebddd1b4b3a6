/** A clock that all threads and processes share. */

/** Milliseconds since the machine started, the same in all threads and processes. */
export function sharedMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}

/** Whole milliseconds since the machine started, as a 32-bit number that wraps: good for differences. */
export function monotonicMs(): number {
  return sharedMs() | 0
}
