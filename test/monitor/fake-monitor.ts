/** A monitor of a run that never happened, up to a moment that a test chooses. */

import { peakOf } from '../../src/monitor/record/phase-peaks.ts'
import { MemoryReport } from '../../src/monitor/index.ts'
import type { MemoryMonitor, RunData } from '../../src/monitor/index.ts'

/** Tells what a run has come to at `untilMs`, which a test moves on. */
export function fakeMonitor(run: RunData, untilMs: number): MemoryMonitor & { untilMs: number } {
  const monitor = {
    untilMs,
    report: async ({ sinceMs = -1 } = {}) =>
      new MemoryReport(partOf(run, sinceMs, monitor.untilMs)),
  }
  return monitor as unknown as MemoryMonitor & { untilMs: number }
}

/** The samples after one moment and up to another, as a recorder tells them. */
function partOf(run: RunData, sinceMs: number, untilMs: number): RunData {
  const from = run.times.findIndex((ms) => ms > sinceMs + 0.05)
  const to = run.times.findLastIndex((ms) => ms <= untilMs) + 1
  const first = from < 0 ? run.times.length : from
  return {
    ...run,
    durationMs: untilMs,
    samples: to,
    times: run.times.slice(first, to),
    total: mapValues(run.total, (column) => column.slice(first, to)),
    processes: run.processes
      .filter(({ startMs, endMs }) => startMs <= untilMs && endMs > sinceMs)
      .map((line) => ({
        ...line,
        endMs: Math.min(line.endMs, untilMs),
        first: Math.max(0, line.first - first),
        columns: mapValues(line.columns, (column) =>
          column.slice(Math.max(0, first - line.first), Math.max(0, to - line.first)),
        ),
      })),
    phases: run.phases
      .filter(({ startMs }) => startMs <= untilMs)
      .map((phase) => ({ ...phase, endMs: Math.min(phase.endMs, untilMs) })),
    peak: peakOf(run, [{ startMs: 0, endMs: untilMs }]).peak,
  }
}

function mapValues<T extends object>(
  columns: T,
  change: (column: Float64Array) => Float64Array,
): T {
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [name, change(column as Float64Array)]),
  ) as T
}
