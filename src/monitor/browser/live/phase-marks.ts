/** Draws the phases of a run on its charts. */

import type uPlot from 'uplot'
import { cutToWidth, font, ink } from './canvas.ts'
import type { RunStore } from './run-store.ts'

/** Tints every other phase, behind the chart. */
export function shadePhases(chart: uPlot, { phases }: RunStore): void {
  const { left, top, width, height } = chart.bbox
  const { ctx } = chart
  ctx.save()
  ctx.fillStyle = ink('text')
  ctx.globalAlpha = 0.05
  const bands = phases.filter(([, , , isBand]) => isBand)
  for (let i = 0; i < bands.length; i += 2) {
    const [, startMs, endMs] = bands[i]!
    const from = Math.max(left, xAt(chart, startMs))
    const to = Math.min(left + width, xAt(chart, endMs))
    if (to > from) ctx.fillRect(from, top, to - from, height)
  }
  ctx.restore()
}

/** Draws a dashed line where a phase begins, and its name above where there is room. */
export function drawPhases(chart: uPlot, { phases }: RunStore): void {
  const { left, top, width, height } = chart.bbox
  const { ctx } = chart
  const pixel = devicePixelRatio
  const right = left + width
  ctx.save()
  ctx.strokeStyle = ctx.fillStyle = ink('text')
  ctx.font = font(12 * pixel)
  // uPlot leaves the alignment of its axes behind.
  ctx.textAlign = 'left'
  ctx.textBaseline = 'alphabetic'
  ctx.setLineDash([2 * pixel, 4 * pixel])
  ctx.lineWidth = pixel
  let free = left
  phases.forEach(([name, startMs], i) => {
    const from = Math.max(left, xAt(chart, startMs))
    const next = phases[i + 1]
    const to = Math.min(right, next ? xAt(chart, next[1]) : right)
    if (to <= left || from >= right) return
    if (to - from >= 6 * pixel && startMs / 1000 >= (chart.scales['x']?.min ?? 0)) {
      drawLine(ctx, from, top, height)
    }
    // A name may reach over later phases, which then have none, but not into an earlier name.
    const at = Math.max(from + 4 * pixel, free)
    const room = at > from + 4 * pixel ? to - at - 4 * pixel : right - at
    const label = cutToWidth(ctx, name, room)
    if (label === '') return
    ctx.fillText(label, at, top - 7 * pixel)
    free = at + ctx.measureText(label).width + 8 * pixel
  })
  ctx.restore()
}

/** Where a moment is on the canvas. */
export function xAt(chart: uPlot, ms: number): number {
  return chart.valToPos(ms / 1000, 'x', true)
}

function drawLine(ctx: CanvasRenderingContext2D, x: number, top: number, height: number): void {
  ctx.globalAlpha = 0.4
  ctx.beginPath()
  ctx.moveTo(x, top)
  ctx.lineTo(x, top + height)
  ctx.stroke()
  ctx.globalAlpha = 1
}
