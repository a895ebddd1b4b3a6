/** A memory budget for a test: `await expectPeakBelow('64MB', work)`. */

import { writeFileSync } from 'node:fs'
import { OneCopyError, show } from '../../errors.ts'
import { describeGrowth } from './budget.ts'
import { requireKnown } from '../../options.ts'
import { parseBytes } from './budget-text.ts'
import { releaseUnused } from './release-unused.ts'
import { startMonitor } from '../watch/monitor.ts'
import { plainName } from '../../plain-name.ts'
import { requireInterval } from '../marks/check-arguments.ts'
import { firstAtOrAfter, peakOf, phaseAt, provenPeak } from '../record/phase-peaks.ts'
import type { RunData } from '../record/run-data.ts'
import { formatBytes, formatTime } from '../../format.ts'

/** Options of {@link expectPeakBelow}. */
export interface PeakOptions {
  /** Milliseconds between samples, default 10; memory that rises and falls in between counts too. */
  readonly intervalMs?: number
}

/**
 * Rejects when `work` uses more memory than `size`. It measures growth: the peak of hard memory
 * (private and shared, without file cache) of this process and its descendants while `work` runs,
 * minus the memory in use before. Memory that the test runner uses already does not count. Unused space
 * in V8's heap does, so allow a few MB more than the data.
 *
 * Before it measures the start, it frees what this process holds without using it: garbage of this thread, pages
 * of dropped shared arrays, and free pages of the heaps. So the verdict does not depend on earlier tests.
 * This briefly changes V8 flags of the process. Unused memory of other threads and processes stays.
 *
 * @param size - such as `'64MB'`, `'1.5GiB'`, or a number of bytes
 * @param work - may start threads and processes; its errors are rethrown
 * @returns what `work` returns
 * @throws TypeError when `size` is neither a string nor a number, or `work` is not a function
 * @throws OneCopyError `ERR_BUDGET` when memory grew by more, with a sentence that names the process,
 *   the moment and what grew; `details` has `budget`, `growth`, `start` and `peak` in bytes. `ERR_MONITOR` on a
 *   system that does not show the memory of its processes, or when the monitor's thread failed
 *
 * @example
 * ```ts
 * test('reading a table takes no more than its columns', async () => {
 *   await expectPeakBelow('64MB', () => readCsv('large.csv'))
 * })
 * ```
 */
export async function expectPeakBelow<T>(
  size: string | number,
  work: () => T | Promise<T>,
  options: PeakOptions = {},
): Promise<T> {
  requireKnown('expectPeakBelow', options, { intervalMs: true })
  const bytes = parseBytes(size)
  if (typeof work !== 'function') {
    throw new TypeError(`Expected \`work\` to be a function, got ${show(work)}.`)
  }
  const monitor = startMonitor({ intervalMs: requireInterval(options.intervalMs ?? 10) })
  let startMs: number
  let result: T
  try {
    // The monitor's own thread is not what is measured.
    for (let i = 0; i < 3; i++) await monitor.settle()
    // What others have dropped would be freed or used again meanwhile, and hide as much growth.
    await releaseUnused(async () => (await monitor.sample()).hard)
    forgetPeak()
    await monitor.sample()
    startMs = (await monitor.report()).durationMs
    result = await work()
  } catch (error) {
    // Should the monitor have failed as well, it is still the work that a reader asks about.
    await monitor.stop().catch(() => {})
    throw error
  }
  const { data } = await monitor.stop()
  requireGrowthBelow(data, startMs, bytes)
  return result
}

/** Resets the kernel's record of the largest RSS of this process (VmHWM). */
function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5')
  } catch {
    // Then a spike between two samples counts only as far as it is this process's highest ever.
  }
}

function requireGrowthBelow(data: RunData, startMs: number, bytes: number): void {
  const { peak } = peakOf(data, [{ startMs, endMs: data.durationMs }])
  const start = data.total.hard?.[firstAtOrAfter(data.times, startMs)]
  if (start === undefined || Number.isNaN(start) || peak.hard === undefined) {
    throw new OneCopyError(
      'ERR_MONITOR',
      'Could not check the peak: this system does not show the memory of its processes.',
    )
  }
  // An upper bound proves nothing.
  const highest = peak.isBound
    ? (provenPeak(data, [{ startMs, endMs: data.durationMs }]) ?? 0)
    : peak.hard
  const growth = highest - start
  if (growth <= bytes) return
  const phase = phaseAt(data, peak.atMs)
  const where = phase ? ` in ${plainName(phase.name, 60)}` : ''
  throw new OneCopyError(
    'ERR_BUDGET',
    `Expected a peak of at most ${formatBytes(bytes)} of hard memory above the start, got ` +
      `${formatBytes(growth)} after ${formatTime(peak.atMs - startMs)}${where}: ` +
      `${describeGrowth(data, startMs, peak)}.`,
    { details: { budget: bytes, growth, start, peak: highest } },
  )
}
