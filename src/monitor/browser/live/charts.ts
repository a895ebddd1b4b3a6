/** Makes the charts of the live page. */

import uPlot from 'uplot'
import { formatBytes } from '../../../format.ts'
import { font, hatching, ink } from './canvas.ts'
import { drawBudgets, drawPeak, drawSpikes } from './peak-and-budgets.ts'
import { drawPhases, shadePhases } from './phase-marks.ts'
import { slotCount } from './process-layers.ts'
import type { RunStore } from './run-store.ts'

/** What charts ask for when they draw, and what they tell. */
export interface ChartSource {
  readonly run: () => RunStore
  /** The samples of the memory chart. */
  readonly shown: () => readonly number[]
  /** Seconds from the start of the run. */
  readonly range: () => [from: number, to: number]
  /** Called with a part of the run that was dragged over, in seconds. */
  readonly onSelect: (from: number, to: number) => void
  /** Called with the index into the shown samples that the pointer is at. */
  readonly onPoint: (index: number | null | undefined) => void
}

/** Memory stacked by process; takes the layers of `stackLayers`. */
export function memoryChart(element: HTMLElement, source: ChartSource): uPlot {
  const area = (fill: uPlot.Series.Fill): uPlot.Series => ({
    fill,
    width: 0,
    points: { show: false },
  })
  const series: uPlot.Series[] = [
    {},
    area(({ ctx }) => hatching(ctx)),
    area(() => ink('others')),
    ...Array.from({ length: slotCount }, (_, i) => area(() => ink(`p${slotCount - 1 - i}`))),
    area(() => ink('shared')),
    { stroke: () => ink('text'), width: 1, points: { show: false } },
  ]
  const options: uPlot.Options = {
    ...commonOptions(element, source, (_, __, highest) => [
      0,
      memoryTop(source.run(), highest ?? 0),
    ]),
    padding: [26, 14, 0, 0],
    axes: [timeAxis(), valueAxis({ values: (_, splits) => splits.map(formatTick) })],
    series,
    hooks: {
      drawClear: [(chart) => shadePhases(chart, source.run())],
      draw: [
        (chart) => drawPhases(chart, source.run()),
        (chart) => drawSpikes(chart, source.run(), source.shown()),
        (chart) => drawBudgets(chart, source.run(), source.shown()),
        (chart) => drawPeak(chart, source.run()),
      ],
      setSelect: [(chart) => select(chart, source)],
      setCursor: [({ cursor }) => source.onPoint(cursor.idx)],
    },
  }
  return new uPlot(options, [[], ...series.slice(1).map(() => [])], element)
}

/** One value over time, which starts at 0. */
export function lineChart(
  element: HTMLElement,
  source: ChartSource,
  look: { readonly ink: string; readonly formatTick: (value: number) => string },
): uPlot {
  const options: uPlot.Options = {
    ...commonOptions(element, source, (_, __, highest) => [0, Math.max(1, (highest ?? 0) * 1.1)]),
    padding: [8, 14, 0, 0],
    axes: [
      timeAxis(),
      valueAxis({
        space: 28,
        values: (_, splits) => splits.map((split) => (split === 0 ? '0' : look.formatTick(split))),
      }),
    ],
    series: [
      {},
      {
        stroke: () => ink(look.ink),
        fill: () => `${ink(look.ink)}33`,
        width: 1.5,
        points: { show: false },
      },
    ],
    hooks: {
      drawClear: [(chart) => shadePhases(chart, source.run())],
      setSelect: [(chart) => select(chart, source)],
    },
  }
  return new uPlot(options, [[], []], element)
}

function commonOptions(
  element: HTMLElement,
  source: ChartSource,
  range: uPlot.Range.Function,
): Omit<uPlot.Options, 'series'> {
  return {
    width: element.clientWidth,
    height: element.clientHeight,
    scales: { x: { time: false, range: source.range }, y: { range } },
    legend: { show: false },
    cursor: {
      y: false,
      sync: { key: 'run' },
      points: { show: false },
      drag: { x: true, y: false, setScale: false },
    },
  }
}

/** A dragged part is shown by all charts; a click without a drag changes nothing. */
function select(chart: uPlot, { onSelect }: ChartSource): void {
  const { left, width } = chart.select
  if (width <= 4) return
  chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
  onSelect(chart.posToVal(left, 'x'), chart.posToVal(left + width, 'x'))
}

/** The peak fits; file cache and budgets do where they don't press the memory down. */
function memoryTop({ peak, budgets }: RunStore, highest: number): number {
  const hard = Math.max(1, peak.hard ?? 0)
  const limits = budgets.map(({ bytes }) => bytes).filter((bytes) => bytes < 4 * hard)
  return Math.max(
    hard * 1.12,
    Math.min(highest * 1.04, 2 * hard),
    ...limits.map((bytes) => bytes * 1.08),
  )
}

function timeAxis(): uPlot.Axis {
  return {
    ...axisLook(),
    incrs: timeSteps,
    size: 30,
    space: 90,
    grid: { show: false },
    values: (_, splits, __, ___, step) => splits.map((split) => formatTimeTick(split, step)),
  }
}

function valueAxis(options: uPlot.Axis): uPlot.Axis {
  return { ...axisLook(), size: 76, ...options }
}

function axisLook(): uPlot.Axis {
  return {
    stroke: () => ink('muted'),
    font: font(12),
    grid: { stroke: () => ink('grid'), width: 1 },
    ticks: { show: false },
  }
}

const timeSteps = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200,
  86400,
]

function formatTimeTick(seconds: number, step: number): string {
  if (seconds === 0) return '0'
  if (step >= 3600) return `${Math.round(seconds / 3600)} h`
  if (step >= 60) return `${Math.round(seconds / 60)} min`
  return `${seconds.toFixed(step < 1 ? 1 : 0)} s`
}

/** Round values of an axis need no third digit. */
function formatTick(bytes: number): string {
  if (bytes === 0) return '0'
  return formatBytes(bytes)
    .replace(/(\.\d*?)0+ /, '$1 ')
    .replace('. ', ' ')
}
