/** Writes the current figures of a run on one line. */

import type { MemoryReport } from '../../monitor/index.ts'
import { plainName } from '../../plain-name.ts'
import { formatBytes, formatCount, formatPeak, formatTime } from '../../format.ts'

/** `12.4 s   512 MB hard   peak 600 MB   4 processes   fit`. */
export function statusText({ data, durationMs, peak }: MemoryReport): string {
  const hard = data.total.hard?.at(-1)
  const living = data.processes.filter(({ endMs }) => endMs >= durationMs).length
  // A phase that has not ended yet ends now.
  const phase = data.phases.findLast(({ endMs }) => endMs >= durationMs)
  return [
    formatTime(durationMs),
    `${formatBytes(hard)} hard`,
    `peak ${formatPeak(peak)}`,
    formatCount(living, 'process', 'processes'),
    ...(phase ? [plainName(phase.name, 60)] : []),
  ].join('   ')
}
