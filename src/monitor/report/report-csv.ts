/** Reports as CSV files for spreadsheets. */

import { livesAt, processFigures, processValue, totalFigures } from '../record/run-data.ts'
import type { ProcessFigure, RunData, TotalFigure } from '../record/run-data.ts'
import { firstAtOrAfter } from '../record/phase-peaks.ts'

/** One row for the tree at every sample, then one for each process that lived then. */
const figures: readonly (TotalFigure | ProcessFigure)[] = [
  ...new Set<TotalFigure | ProcessFigure>([...totalFigures, ...processFigures]),
]

/**
 * Writes a run as comma-separated values (RFC 4180): seconds after the start, the phase, pid and
 * name (empty and `(tree)` for the totals), then all figures in bytes; what was not read is empty.
 */
export function toCsv(data: RunData): string {
  const phases = phaseNames(data)
  const rows = [['seconds', 'phase', 'pid', 'name', ...figures.map(heading)].join(',')]
  data.times.forEach((ms, sample) => {
    const start = [String(ms / 1000), quote(phases[sample] ?? '')]
    const totals = figures.map((figure) =>
      number(data.total[figure as TotalFigure]?.[sample] ?? NaN),
    )
    rows.push([...start, '', '(tree)', ...totals].join(','))
    for (const line of data.processes) {
      if (!livesAt(line, sample)) continue
      const values = figures.map((figure) =>
        number(processValue(line, figure as ProcessFigure, sample)),
      )
      rows.push([...start, String(line.pid), quote(line.name), ...values].join(','))
    }
  })
  return `${rows.join('\r\n')}\r\n`
}

/** The innermost phase of each sample; one on a border belongs to the phase that ends there. */
function phaseNames({ times, phases }: RunData): (string | undefined)[] {
  const names = Array.from<string | undefined>({ length: times.length })
  for (const { name, startMs, endMs } of phases) {
    let sample = firstAtOrAfter(times, startMs)
    for (; sample < times.length && times[sample]! <= endMs; sample++) {
      if (times[sample]! > startMs || names[sample] === undefined) names[sample] = name
    }
  }
  return names
}

/** `pageTables` is `page_tables`, and `cpuMs` is `cpu_ms`. */
function heading(figure: string): string {
  return figure.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function number(value: number): string {
  return Number.isNaN(value) ? '' : String(value)
}

/** A spreadsheet runs a cell that begins like a formula, so such a name gets an apostrophe. */
function quote(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
