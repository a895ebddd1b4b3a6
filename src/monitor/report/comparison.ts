/** Compares the peaks of two runs. */

import { inspect } from 'node:util'
import { phaseReports } from '../record/phase-peaks.ts'
import type { PhaseReport } from '../record/phase-peaks.ts'
import { plainName } from '../../plain-name.ts'
import { largest } from '../record/run-data.ts'
import type { RunData } from '../record/run-data.ts'
import { formatBytes, formatChange } from '../../format.ts'
import { textTable } from '../../text-table.ts'

/** The peaks of one phase in two runs, in bytes; `undefined` where a run has none. */
export interface ComparisonRow {
  /** Name of the phase; `whole run` for the first row. */
  readonly phase: string
  readonly before: number | undefined
  readonly after: number | undefined
  /** `after` - `before`. */
  readonly change: number | undefined
  /** `after` / `before`. */
  readonly ratio: number | undefined
}

/** Two runs, phase by phase. */
export class Comparison {
  /** What was compared: hard memory, or RSS when one run is of a tool that tells nothing else. */
  readonly figure: 'hard' | 'rss'
  /** The whole run first, then the phases of the first run, then those that only the second has. */
  readonly rows: readonly ComparisonRow[]

  /** @internal use `report.compare(other)` */
  constructor(before: RunData, after: RunData) {
    this.figure = before.total.hard && after.total.hard ? 'hard' : 'rss'
    const peakOf = (phase: PhaseReport | undefined): number | undefined =>
      this.figure === 'hard' ? phase?.peak.hard : phase?.peakRss
    const [was, is] = [before, after].map(
      (data) => new Map(phaseReports(data).map((phase) => [phase.name, peakOf(phase)])),
    )
    const names = new Set([...was!.keys(), ...is!.keys()])
    this.rows = [
      rowOf('whole run', this.#peakOfRun(before), this.#peakOfRun(after)),
      ...[...names].map((name) => rowOf(name, was!.get(name), is!.get(name))),
    ]
  }

  /** The table as text: phase, peak of both runs, change, change in percent. */
  toString(): string {
    const column = (heading: string, cell: (row: ComparisonRow) => string) => ({
      heading,
      cells: this.rows.map(cell),
      align: 'right' as const,
    })
    const title = this.figure === 'hard' ? 'hard peak' : 'RSS peak'
    return textTable([
      {
        ...column('phase', ({ phase }) => plainName(phase, 40)),
        align: 'left',
      },
      column(`${title}, first`, ({ before }) => formatBytes(before)),
      column('second', ({ after }) => formatBytes(after)),
      column('change', ({ change }) => formatChange(change)),
      column('', ({ ratio }) => formatRatio(ratio)),
    ]).join('\n')
  }

  /** What `console.log` shows. */
  [inspect.custom](): string {
    return this.toString()
  }

  #peakOfRun(data: RunData): number | undefined {
    return this.figure === 'hard' ? data.peak.hard : data.total.rss && largest(data.total.rss)
  }
}

function rowOf(
  phase: string,
  before: number | undefined,
  after: number | undefined,
): ComparisonRow {
  const both = before !== undefined && after !== undefined
  return {
    phase,
    before,
    after,
    change: both ? after - before : undefined,
    ratio: both && before > 0 ? after / before : undefined,
  }
}

/** `+12.0 %`, `−3.4 %`, or `×4.2` when it became more than double. */
function formatRatio(ratio: number | undefined): string {
  if (ratio === undefined) return ''
  if (ratio >= 2) return `\u00d7${ratio.toFixed(1)}`
  const percent = 100 * (ratio - 1)
  return `${percent < 0 ? '\u2212' : '+'}${Math.abs(percent).toFixed(1)} %`
}
