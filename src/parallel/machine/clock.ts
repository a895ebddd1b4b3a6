/** A clock that all threads and processes share. */

const offsetMs = measureOffset()

/** `performance.now()` counts from the start of each process or thread, by the same clock as `hrtime`. */
function measureOffset(): number {
  let offset = 0
  let narrowestMs = Infinity
  // The thread may be interrupted between two readings, for many ms on a busy machine.
  for (let round = 0; round < 20 && narrowestMs > 0.02; round++) {
    const before = performance.now()
    const [seconds, nanoseconds] = process.hrtime()
    const widthMs = performance.now() - before
    if (widthMs >= narrowestMs) continue
    narrowestMs = widthMs
    offset = seconds * 1000 + nanoseconds / 1e6 - before - widthMs / 2
  }
  return offset
}

/** Milliseconds since the machine started, the same in all threads and, nearly, in all processes. */
export function sharedMs(): number {
  return performance.now() + offsetMs
}

/** Whole milliseconds since the machine started, as a 32-bit number that wraps: good for differences. */
export function monotonicMs(): number {
  return sharedMs() | 0
}
