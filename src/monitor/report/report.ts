/** The report of a run: figures, phases, text, files and pictures. */

import { inspect } from 'node:util'
import { OneCopyError, show } from '../../errors.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import { Comparison } from './comparison.ts'
import type { MemoryPeak } from '../record/peak-keeper.ts'
import { phaseReports, rangeOf } from '../record/phase-peaks.ts'
import type { MemoryRange, PhaseReport } from '../record/phase-peaks.ts'
import type { PictureOptions } from '../plot/figure/picture.ts'
import { drawTerminal, terminalKey, terminalNames } from '../plot/terminal/draw-terminal.ts'
import type { TerminalOptions } from '../plot/terminal/draw-terminal.ts'
import { hasFigures } from '../record/run-data.ts'
import type { RunData } from '../record/run-data.ts'
import { formatBytes, formatPeak, formatTime } from '../../format.ts'
import { plainName } from '../../plain-name.ts'
import { shorten, textTable, wrapText } from '../../text-table.ts'
import type { MemoryTotals } from '../proc/totals.ts'
import { describeRun, endingSentence } from '../text/describe-run.ts'

/**
 * The report of a run. All sizes are in bytes. A figure that could not be read is `undefined`.
 *
 * @example
 * ```ts
 * const monitor = startMonitor()
 * await monitor.mark('fit')
 * await fit()
 * const report = await monitor.stop()
 * console.log(report.show())
 * console.log(report.phase('fit').peak.hard)
 * await report.save('profile.html')
 * ```
 */
export class MemoryReport {
  /** All figures over time, as in a `.json` file. */
  readonly data: RunData

  /** @param data - kept, not copied */
  constructor(data: RunData) {
    this.data = data
  }

  /** When the run began, in milliseconds since 1970. */
  get startEpochMs(): number {
    return this.data.startEpochMs
  }

  get durationMs(): number {
    return this.data.durationMs
  }

  /** The memory of the tree at the start, to separate it from the memory that the work used. */
  get start(): MemoryTotals {
    return this.data.start
  }

  /** The largest figures of the run. */
  get peak(): MemoryPeak {
    return this.data.peak
  }

  /** How many samples were taken. */
  get samples(): number {
    return this.data.samples
  }

  /** How many different processes the samples saw. */
  get processes(): number {
    return this.data.processes.length + this.data.otherProcesses
  }

  /** Processes whose figures could not be read, or only in part; the peaks are then lower bounds. */
  get unreadable(): readonly number[] {
    return this.data.unreadable
  }

  /** The marked phases in order; those with the same name are combined. */
  get phases(): readonly PhaseReport[] {
    return phaseReports(this.data)
  }

  /**
   * What went wrong, in a sentence: the process that the kernel killed because memory ran out, or
   * the signal or exit code passed to `monitor.stop()`. `undefined` when nothing did.
   */
  get verdict(): string | undefined {
    return endingSentence(this.data)
  }

  /**
   * A marked phase of the run.
   *
   * @throws OneCopyError `ERR_OPTION` when the run has no phase with that name
   */
  phase(name: string): PhaseReport {
    const { phases } = this
    const found = phases.find((phase) => phase.name === name)
    if (found) return found
    const names = phases.map((phase) => `'${phase.name}'`).join(', ')
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected the name of a phase of this run, got ${show(name)}. ${names === '' ? 'It has no phases: mark them with `monitor.mark(name)`.' : `It has ${names}.`}`,
      { details: { name } },
    )
  }

  /**
   * The smallest and the largest memory between two moments: hard memory of the tree, or anonymous
   * memory of one of its processes.
   *
   * @param startMs - milliseconds after the start of the run
   * @param endMs - not before `startMs`; both ends are included
   * @param pid - a process of the tree, default the whole tree
   * @returns bytes; `undefined` when there is no sample in between, or none could be read
   */
  range(startMs: number, endMs: number, pid?: number): MemoryRange | undefined {
    return rangeOf(this.data, { startMs, endMs }, pid)
  }

  /**
   * Compares the peaks of this run with those of another, phase by phase. A positive change means
   * that the other run used more. `String()` gives a table.
   */
  compare(other: MemoryReport): Comparison {
    return new Comparison(this.data, other.data)
  }

  /**
   * Saves the report in the format of the path's extension. `.json` has everything and can be read
   * with {@link readReport}; `.csv` is for spreadsheets, `.dat` for mprof; `.svg` and `.png` are
   * pictures; `.html` is a self-contained page with pictures, tables and a summary. An existing file
   * is replaced as a whole.
   *
   * @param options - of the picture
   * @throws OneCopyError `ERR_OPTION` for another extension, `ERR_FILE` when it can't be written
   */
  async save(path: string, options: PictureOptions = {}): Promise<void> {
    requireKnown('MemoryReport.save', options, pictureNames)
    // What draws is loaded on use, so that a monitor starts quickly.
    const { saveRun } = await import('./report-files.ts')
    await saveRun(this.data, path, options)
  }

  /** The run as text: a chart for the terminal, a summary, and the phases. */
  show(options: TerminalOptions = {}): string {
    requireKnown('MemoryReport.show', options, terminalNames)
    const width = Math.max(40, options.width ?? 80)
    const lines = [
      ...drawTerminal(this.data, options),
      ...(hasFigures(this.data) ? [terminalKey(this.data, options), ''] : []),
      ...wrapText(this.toString(), Math.min(width, 100)),
    ]
    return [...lines, ...this.#phaseLines(width)].join('\n')
  }

  /** The run in a few sentences. */
  toString(): string {
    return describeRun(this.data).join(' ')
  }

  /** What `console.log` shows. */
  [inspect.custom](): string {
    return this.toString()
  }

  #phaseLines(width: number): string[] {
    const { phases } = this
    if (phases.length === 0) return []
    const isHard = this.data.total.hard !== undefined
    const column = (heading: string, cell: (phase: PhaseReport) => string) => ({
      heading,
      cells: phases.map(cell),
      align: 'right' as const,
    })
    const table = textTable([
      {
        ...column('phase', ({ name }) => shorten(plainName(name), Math.min(60, width - 34))),
        align: 'left',
      },
      column('time', ({ durationMs }) => formatTime(durationMs)),
      column(isHard ? 'hard peak' : 'RSS peak', ({ peak, peakRss }) =>
        isHard ? formatPeak(peak) : formatBytes(peakRss),
      ),
      column('at', ({ peak }) => formatTime(peak.atMs)),
    ])
    return ['', ...table]
  }
}

const pictureNames: OptionNames<PictureOptions> = {
  by: true,
  theme: true,
  width: true,
  height: true,
  title: true,
  budgets: true,
  id: true,
}

/**
 * Reads a report: a `.json` or `.dat` file of {@link MemoryReport.save}, or a `.dat` file of mprof.
 *
 * @throws OneCopyError `ERR_OPTION` for another extension, `ERR_FILE` when it can't be read,
 *   `ERR_FORMAT` when its content is damaged
 */
export async function readReport(path: string): Promise<MemoryReport> {
  const { readRun } = await import('./report-files.ts')
  return new MemoryReport(await readRun(path))
}

/**
 * Saves one picture of several runs, drawn over each other from the start of each.
 *
 * @param reports - by name, in the order of the legend
 * @param path - ends in `.svg`, `.png` or `.html`
 * @throws OneCopyError `ERR_OPTION` for another extension, `ERR_FILE` when it can't be written
 */
export async function plotReports(
  reports: Iterable<readonly [name: string, report: MemoryReport]>,
  path: string,
  options: PictureOptions = {},
): Promise<void> {
  requireKnown('plotReports', options, pictureNames)
  const runs = Array.from(reports, ([name, { data }]) => ({ name, data }))
  const { saveOverlay } = await import('./report-files.ts')
  await saveOverlay(runs, path, options)
}
