/** A clock that all threads and processes of a machine share. */

const [seconds, nanoseconds] = process.hrtime()
const offsetMs = seconds * 1000 + nanoseconds / 1e6 - performance.now()

/** Whole milliseconds since the machine started, as a 32-bit number that wraps: good for differences. */
export function monotonicMs(): number {
  return (performance.now() + offsetMs) | 0
}
