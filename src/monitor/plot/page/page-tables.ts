/** The tables of the HTML report. */

import { plainName } from '../../../plain-name.ts'
import { phaseReports } from '../../record/phase-peaks.ts'
import type { PhaseReport } from '../../record/phase-peaks.ts'
import { largest } from '../../record/run-data.ts'
import type { IsolateLine, ProcessLine, RunData, SegmentLine } from '../../record/run-data.ts'
import { formatBytes, formatCount, formatTime } from '../../../format.ts'
import { element, join, type Markup, text, trusted } from '../../../pictures/internal.ts'

/** More rows would not be read, and the page has a bound. */
const maxRows = 50

/** One row for each phase in the order of the run; a bar shows its share of the highest. */
export function phaseTable(data: RunData): Markup {
  const all = phaseReports(data)
  const isHard = data.total.hard !== undefined
  const size = (phase: PhaseReport): number | undefined =>
    isHard ? phase.peak.hard : phase.peakRss
  const kept = new Set(sorted(all, (phase) => size(phase) ?? 0).slice(0, maxRows))
  const highest = Math.max(1, ...all.map((phase) => size(phase) ?? 0))
  const columns: Column<PhaseReport>[] = [
    ['phase', ({ name, count }) => text(plainName(name) + (count > 1 ? ` \u00d7${count}` : ''))],
    ['start', ({ startMs }) => text(formatTime(startMs))],
    ['time', ({ durationMs }) => text(formatTime(durationMs))],
    ...(isHard
      ? ([
          ['private', ({ peak }) => text(formatBytes(peak.anonymous))],
          ['shared', ({ peak }) => text(formatBytes(peak.shmem))],
          ['file cache', ({ peak }) => text(formatBytes(peak.fileBacked))],
        ] satisfies Column<PhaseReport>[])
      : []),
    [isHard ? 'hard peak' : 'RSS peak', (phase) => bar(size(phase), highest)],
    ['at', ({ peak }) => text(formatTime(peak.atMs))],
  ]
  return section(
    'Phases',
    all.filter((phase) => kept.has(phase)),
    columns,
    all.length - kept.size,
  )
}

/** One row for each process, the largest first. */
export function processTable(data: RunData): Markup {
  const size = ({ peak }: ProcessLine): number | undefined =>
    data.total.hard ? peak.anonymous : peak.rss
  const rows = sorted(data.processes, (line) => size(line) ?? 0)
  const highest = Math.max(1, ...rows.map((line) => size(line) ?? 0))
  const columns: Column<ProcessLine>[] = [
    ['process', ({ name }) => text(plainName(name))],
    ['pid', ({ pid }) => text(String(pid))],
    ['from', ({ startMs }) => text(formatTime(startMs))],
    ['to', ({ endMs }) => text(formatTime(endMs))],
    ['CPU time', ({ cpuMs }) => text(cpuMs === undefined ? 'n/a' : formatTime(cpuMs))],
    [
      'threads',
      ({ columns }) => text(String((columns.threads && largest(columns.threads)) ?? 'n/a')),
    ],
    ...(data.total.hard
      ? ([
          [
            'page tables',
            ({ columns }) => text(formatBytes(columns.pageTables && largest(columns.pageTables))),
          ],
          ['RSS peak', ({ peak }) => text(formatBytes(peak.rss))],
        ] satisfies Column<ProcessLine>[])
      : []),
    [data.total.hard ? 'private peak' : 'RSS peak', (line) => bar(size(line), highest)],
  ]
  return section('Processes', rows.slice(0, maxRows), columns, rows.length - maxRows)
}

/** One row for each piece of shared memory, the largest first. */
export function segmentTable(data: RunData): Markup {
  const all = sorted(data.segments, ({ peakBytes }) => peakBytes)
  const highest = Math.max(1, all[0]?.peakBytes ?? 0)
  // Crumbs say nothing: counters and messages of a few bytes are shared memory, too.
  const rows = all.filter(({ peakBytes }) => peakBytes >= 0.002 * highest).slice(0, 20)
  const columns: Column<SegmentLine>[] = [
    ['shared memory', ({ name }) => text(plainName(name))],
    ['from', ({ startMs }) => text(formatTime(startMs))],
    ['to', ({ endMs }) => text(formatTime(endMs))],
    ['held by', ({ holders }) => text(formatCount(holders, 'process', 'processes'))],
    ['size', ({ peakBytes }) => bar(peakBytes, highest)],
  ]
  return section('Shared memory, each piece once', rows, columns, all.length - rows.length)
}

/** One row for each isolate that published its heap, the largest first. */
export function isolateTable(data: RunData): Markup {
  const size = ({ peak }: IsolateLine): number => (peak.heapUsed ?? 0) + (peak.external ?? 0)
  const rows = sorted(data.isolates ?? [], size)
  const highest = Math.max(1, ...rows.map(({ peak }) => peak.heapUsed ?? 0))
  const names = new Map(data.processes.map(({ pid, name }) => [pid, name]))
  const columns: Column<IsolateLine>[] = [
    ['isolate', ({ name }) => text(plainName(name))],
    ['process', ({ pid }) => text(`${plainName(names.get(pid) ?? '', 40)} ${pid}`.trim())],
    ['from', ({ startMs }) => text(formatTime(startMs))],
    ['to', ({ endMs }) => text(formatTime(endMs))],
    ['ArrayBuffers', ({ peak }) => text(formatBytes(peak.arrayBuffers))],
    ['external', ({ peak }) => text(formatBytes(peak.external))],
    ['heap held', ({ peak }) => text(formatBytes(peak.heapTotal))],
    ['heap peak', ({ peak }) => bar(peak.heapUsed, highest)],
  ]
  return section('Heaps of V8', rows.slice(0, maxRows), columns, rows.length - maxRows)
}

/** A heading and what a row shows under it. */
type Column<T> = readonly [heading: string, cell: (row: T) => Markup]

function section<T>(
  heading: string,
  rows: readonly T[],
  columns: readonly Column<T>[],
  omitted: number,
): Markup {
  if (rows.length === 0) return join()
  const head = columns.map(([name]) => element('th', { scope: 'col' }, text(name)))
  const body = rows.map((row) =>
    element('tr', {}, ...columns.map(([, cell]) => element('td', {}, cell(row)))),
  )
  const more =
    omitted > 0 ? element('p', { class: 'more' }, text(`and ${omitted} smaller`)) : join()
  return join(
    element('h2', {}, text(heading)),
    element(
      'div',
      { class: 'wide' },
      element(
        'table',
        {},
        element('thead', {}, element('tr', {}, ...head)),
        element('tbody', {}, ...body),
      ),
    ),
    more,
  )
}

/** A size and before it a bar as long as its share of the highest. */
function bar(bytes: number | undefined, highest: number): Markup {
  const width = Math.round((80 * (bytes ?? 0)) / highest)
  return join(
    trusted(`<span class="room"><span class="bar" style="width:${width}px"></span></span>`),
    element('span', { class: 'size' }, text(formatBytes(bytes))),
  )
}

function sorted<T>(rows: readonly T[], size: (row: T) => number): T[] {
  return [...rows].sort((a, b) => size(b) - size(a))
}
