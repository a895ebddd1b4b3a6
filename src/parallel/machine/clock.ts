/** A clock that all threads and processes of a machine share. */

const [seconds, nanoseconds] = process.hrtime()
const offsetMs = seconds * 1000 + nanoseconds / 1e6 - performance.now()

/** Milliseconds since the machine started, the same in all threads and, nearly, in all processes. */
export function sharedMs(): number {
  return performance.now() + offsetMs
}

/** Whole milliseconds since the machine started, as a 32-bit number that wraps: good for differences. */
export function monotonicMs(): number {
  return sharedMs() | 0
}
