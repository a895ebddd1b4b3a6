/** Draws spikes, the peak and the budgets on the chart of memory. */

import type uPlot from 'uplot'
import { formatBytes, formatTime } from '../../../format.ts'
import { fillTextWithHalo, font, ink } from './canvas.ts'
import { xAt } from './phase-marks.ts'
import type { RunStore } from './run-store.ts'

/** Draws each limit as a dashed line over the phase that it holds for. */
export function drawBudgets(chart: uPlot, run: RunStore, shown: readonly number[]): void {
  const { top, height } = chart.bbox
  const { ctx } = chart
  const pixel = devicePixelRatio
  ctx.save()
  ctx.strokeStyle = ctx.fillStyle = ink('alarm')
  ctx.font = font(12 * pixel)
  ctx.textBaseline = 'alphabetic'
  ctx.lineWidth = 1.5 * pixel
  ctx.setLineDash([7 * pixel, 4 * pixel])
  for (const { bytes, phase } of run.budgets) {
    const y = chart.valToPos(bytes, 'y', true)
    if (y < top || y > top + height) continue
    const spans = spansOf(chart, run, phase)
    for (const [from, to] of spans) {
      ctx.beginPath()
      ctx.moveTo(from, y)
      ctx.lineTo(to, y)
      ctx.stroke()
    }
    const [first, last] = [spans[0]?.[0], spans.at(-1)?.[1]]
    if (first === undefined || last === undefined) continue
    const label = `budget ${phase === null ? '' : `of ${phase} `}${formatBytes(bytes)}`
    const room = (ctx.measureText(label).width + 12 * pixel) / chart.bbox.width
    const isLeft = phase !== null || isLowerAtStart(run, shown, room, bytes)
    ctx.textAlign = isLeft ? 'left' : 'right'
    const x = isLeft ? first + 6 * pixel : last - 6 * pixel
    fillTextWithHalo(ctx, label, x, y > top + 20 * pixel ? y - 5 * pixel : y + 14 * pixel)
  }
  ctx.restore()
}

/** Draws upright lines where memory rose and fell between two samples. */
export function drawSpikes(chart: uPlot, run: RunStore, shown: readonly number[]): void {
  const { left, top, width } = chart.bbox
  const { ctx } = chart
  ctx.save()
  ctx.strokeStyle = ink('text')
  ctx.lineWidth = devicePixelRatio
  for (const sample of shown) {
    // Draw it at the larger of the two samples, as in the report.
    const [before, now] = [run.hard[sample - 1] ?? 0, run.hard[sample] ?? 0]
    const x = xAt(chart, run.times[before > now ? sample - 1 : sample]!)
    const foot = chart.valToPos(Math.max(before, now), 'y', true)
    const head = Math.max(top, chart.valToPos(run.high[sample] ?? 0, 'y', true))
    if (foot - head < 3 * devicePixelRatio || x < left || x > left + width) continue
    ctx.beginPath()
    ctx.moveTo(x, foot)
    ctx.lineTo(x, head)
    ctx.stroke()
  }
  ctx.restore()
}

/** Draws a dot at the peak, and says its size and moment. */
export function drawPeak(chart: uPlot, { peak: { hard, ms } }: RunStore): void {
  if (hard === null) return
  const { left, top, width, height } = chart.bbox
  const [x, y] = [xAt(chart, ms), chart.valToPos(hard, 'y', true)]
  if (x < left - 1 || x > left + width + 1 || y < top || y > top + height) return
  const { ctx } = chart
  const pixel = devicePixelRatio
  ctx.save()
  ctx.fillStyle = ink('text')
  ctx.strokeStyle = ink('bg')
  ctx.lineWidth = 2 * pixel
  ctx.setLineDash([])
  ctx.beginPath()
  ctx.arc(x, y, 5 * pixel, 0, 2 * Math.PI)
  ctx.fill()
  ctx.stroke()
  ctx.font = font(12 * pixel)
  ctx.textBaseline = 'alphabetic'
  const label = `peak ${formatBytes(hard)} at ${formatTime(ms)}`
  const room = ctx.measureText(label).width + 12 * pixel
  const isRight = x + room < left + width
  ctx.textAlign = isRight ? 'left' : 'right'
  fillTextWithHalo(ctx, label, x + (isRight ? 9 : -9) * pixel, y - 7 * pixel)
  ctx.restore()
}

/** The parts of the canvas that a budget holds for. */
function spansOf(
  chart: uPlot,
  { phases }: RunStore,
  phase: string | null,
): (readonly [from: number, to: number])[] {
  const { left, width } = chart.bbox
  const right = left + width
  if (phase === null) return [[left, right]]
  return phases
    .filter(([name]) => name === phase)
    .map(
      ([, startMs, endMs]) =>
        [Math.max(left, xAt(chart, startMs)), Math.min(right, xAt(chart, endMs))] as const,
    )
    .filter(([from, to]) => to > from)
}

/**
 * Whether the chart has less memory at its start than at its end, up to a limit: a label is placed
 * where less is drawn behind it.
 *
 * @param part - how much of the chart's width the label takes
 */
function isLowerAtStart(
  run: RunStore,
  shown: readonly number[],
  part: number,
  limit: number,
): boolean {
  const edge = Math.ceil(shown.length * part)
  const most = (samples: readonly number[]): number =>
    Math.max(0, ...samples.map((sample) => run.high[sample] ?? 0))
  return most(shown.slice(0, edge)) < Math.min(limit, most(shown.slice(-edge)))
}
