/** Draws the memory of a run in a terminal. */

import type { OptionNames } from '../../../options.ts'
import { plainName } from '../../../plain-name.ts'
import { firstAtOrAfter } from '../../record/phase-peaks.ts'
import { hasFigures, highestColumn, known, mainColumn } from '../../record/run-data.ts'
import type { Column, RunData } from '../../record/run-data.ts'
import { byteUnit, formatPeak } from '../../../format.ts'
import { cellsOf, shorten } from '../../../text-table.ts'
import { inColour, inkOf, paint, pens } from './terminal-marks.ts'
import type { Cell, Ink } from './terminal-marks.ts'
import { incompleteSamples } from '../figure/layers.ts'
import { timeTicks } from '../figure/time-ticks.ts'

/** What the terminal can show. */
export interface TerminalOptions {
  /** Cells, default 80, at least 40. */
  readonly width?: number
  /** Lines of the drawing without its axis, default 10, at least 3. */
  readonly height?: number
  /** Whether colours may be used, default false. */
  readonly colour?: boolean
  /** `braille` (default) draws 2 × 4 dots in a cell; `ascii` is for terminals without Unicode. */
  readonly marks?: 'braille' | 'blocks' | 'ascii'
}

/** Their names. */
export const terminalNames: OptionNames<TerminalOptions> = {
  width: true,
  height: true,
  colour: true,
  marks: true,
}

/** Draws hard memory solid and the file cache above it thin, with axis, phases and peak. */
export function drawTerminal(data: RunData, options: TerminalOptions = {}): string[] {
  const { colour = false, marks = 'braille' } = options
  const width = Math.max(40, options.width ?? 80)
  const height = Math.max(3, options.height ?? 10)
  const pen = pens[marks]
  const plot = width - gutter - 1
  const title = data.command === undefined ? [] : [shorten(plainName(data.command), width)]
  if (!hasFigures(data)) return title
  const columns = columnsOf(data, plot * pen.across)
  const highest = highestOf(columns)
  const step = highest / (height * pen.up)
  const levels = columns.map(({ hard, shared, cache }) => ({
    hard: Math.ceil(hard / step - 1e-9),
    shared: Math.ceil(shared / step - 1e-9),
    top: Math.ceil((hard + cache) / step - 1e-9),
  }))
  const lines = Array.from({ length: height }, (_, line) => {
    const base = (height - 1 - line) * pen.up
    const cells: Cell[] = []
    for (let cell = 0; cell < plot; cell++) {
      const inside = levels.slice(cell * pen.across, (cell + 1) * pen.across)
      cells.push({ mark: pen.draw(inside, base), ink: inkOf(inside, base, pen.up) })
    }
    return `${axisLabel(line, height, highest)}${paint(cells, colour)}`
  })
  const phases = phaseLine(data, plot)
  return [
    ...title,
    ...lines,
    baseline(data, columns, pen.across, marks),
    timeLine(data, plot),
    ...(phases === '' ? [] : [`${' '.repeat(gutter)}${phases}`]),
  ].map((line) => line.trimEnd())
}

const gutter = 9

/** The upper end of the axis; file cache far above the hard memory is cut off. */
function highestOf(columns: readonly PlotColumn[]): number {
  const known = columns.filter(({ hard }) => !Number.isNaN(hard))
  const hard = Math.max(1, ...known.map((column) => column.hard))
  return Math.max(
    hard,
    Math.min(2 * hard, Math.max(...known.map((column) => column.hard + column.cache))),
  )
}

/** What a column of the drawing shows, in bytes; NaN where nothing is known. */
interface PlotColumn {
  readonly hard: number
  readonly shared: number
  readonly cache: number
}

/** The largest values in each of some equal parts of the run; between samples a straight line. */
function columnsOf(data: RunData, count: number): PlotColumn[] {
  const { times, total, durationMs } = data
  const [main, highest] = [mainColumn(data), highestColumn(data)]
  return Array.from({ length: count }, (_, i) => {
    const [from, to] = [(i * durationMs) / count, ((i + 1) * durationMs) / count]
    const middle = (from + to) / 2
    let column: PlotColumn = {
      hard: valueAt(main, times, middle),
      shared: valueAt(total.shmem, times, middle) || 0,
      cache: valueAt(total.fileBacked, times, middle) || 0,
    }
    for (let sample = firstAtOrAfter(times, from); times[sample]! <= to; sample++) {
      const hard = Math.max(main[sample]!, highest[sample]!)
      if (hard < column.hard || (Number.isNaN(hard) && !Number.isNaN(column.hard))) continue
      column = {
        hard,
        shared: known(total.shmem?.[sample]) ?? 0,
        cache: known(total.fileBacked?.[sample]) ?? 0,
      }
    }
    return column
  })
}

function valueAt(column: Column | undefined, times: Column, ms: number): number {
  if (!column) return NaN
  const after = firstAtOrAfter(times, ms)
  if (after === 0 || after === times.length) return column[Math.min(after, times.length - 1)]!
  const part = (ms - times[after - 1]!) / (times[after]! - times[after - 1]!)
  return column[after - 1]! + part * (column[after]! - column[after - 1]!)
}

function axisLabel(line: number, height: number, highest: number): string {
  const parts = height < 6 ? 1 : height < 20 ? 2 : 4
  const ticks = Array.from({ length: parts }, (_, i) => Math.floor((i * height) / parts))
  if (!ticks.includes(line)) return `${' '.repeat(gutter - 1)}│`
  const { size, unit } = byteUnit(highest)
  const value = ((height - line) / height) * (highest / size)
  const text = `${value.toFixed(value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2)} ${unit}`
  return `${text.padStart(gutter - 2)} ┤`
}

/** The axis of time, with question marks where a process could not be read. */
function baseline(
  data: RunData,
  columns: readonly PlotColumn[],
  across: number,
  marks: string,
): string {
  const last = columns.findLastIndex(({ hard }) => !Number.isNaN(hard))
  // After the last process nothing is missing: the run is over.
  const [isCut] = incompleteSamples(data, Int32Array.of(data.times.length - 1))
  let line = ''
  for (let column = 0; column < columns.length; column += across) {
    const isGap = Number.isNaN(columns[column]!.hard) && (column < last || isCut!)
    line += isGap ? '?' : marks === 'ascii' ? '-' : '─'
  }
  return `${'0 '.padStart(gutter - 1)}${marks === 'ascii' ? '+' : '└'}${line}`
}

function timeLine({ durationMs }: RunData, plot: number): string {
  let line = ''
  for (const { ms, label } of timeTicks(durationMs, Math.max(2, Math.floor(plot / 18)))) {
    const middle = (ms / Math.max(1, durationMs)) * (plot - 1)
    const at = Math.min(Math.max(0, Math.round(middle - label.length / 2)), plot - label.length)
    if (at > line.length || line === '') line = line.padEnd(at) + label
  }
  return `${' '.repeat(gutter)}${line}`
}

/** Names of the outermost phases where they begin, each cut where the next begins. */
function phaseLine({ phases, durationMs }: RunData, plot: number): string {
  const lowest = Math.min(...phases.map(({ level }) => level))
  const outer = phases.filter(({ level }) => level === lowest)
  const cell = (ms: number): number => Math.round((ms / Math.max(1, durationMs)) * plot)
  let line = ''
  outer.forEach(({ name, startMs }, i) => {
    const start = cell(startMs)
    const next = outer[i + 1] ? cell(outer[i + 1]!.startMs) : plot
    const room = next - start
    if (start < cellsOf(line) || room < 1) return
    line += `${' '.repeat(start - cellsOf(line))}│${shorten(plainName(name), room - 1)}`
  })
  return line
}

/** Says what the marks mean, as far as that has room in one line. */
export function terminalKey(data: RunData, options: TerminalOptions = {}): string {
  const { colour = false, marks = 'braille' } = options
  const [solid, thin] = pens[marks].key
  const isHard = data.total.hard !== undefined
  const entries: (readonly [ink: Ink, mark: string, label: string])[] = [
    ...(isHard && colour
      ? ([
          ['blue', solid, 'shared, once'],
          ['yellow', solid, 'private'],
        ] as const)
      : [['yellow', solid, isHard ? 'hard memory' : 'resident (RSS)'] as const]),
    ...(data.total.fileBacked ? [['gray', thin, 'file cache'] as const] : []),
    ...(isHard ? [['gray', '', `peak ${formatPeak(data.peak)}`] as const] : []),
  ]
  const width = Math.max(40, options.width ?? 80)
  const length = (): number =>
    entries.reduce((sum, [, mark, label]) => sum + `${mark} ${label}   `.length, 0)
  while (length() > width) entries.pop()
  const text = entries.map(([ink, mark, label]) =>
    `${colour ? inColour(ink, mark) : mark} ${label}`.trim(),
  )
  return `${' '.repeat(Math.min(gutter, width - length()))}${text.join('   ')}`
}
