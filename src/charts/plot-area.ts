/** The rectangle that a chart plots in, with its axes. */

import { scaleLinear } from 'd3-scale'
import { element, join, type Markup, text } from '../pictures/internal.ts'

/** Width of charts, which a phone shows nearly in full and a desktop side by side. */
export const chartWidth = 400

/** Turns values into pixels; of d3-scale's type only this. */
export interface Scale {
  (value: number): number
  domain(): number[]
  ticks(count?: number): number[]
}

/** A rectangle in pixels. */
export interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** A linear scale over at least some width: all values alike would have none. */
export function scaleOver(low: number, high: number, pixels: readonly [number, number]): Scale {
  const room = high > low ? 0 : Math.abs(high) * 0.05 || 1
  return scaleLinear([low - room, high + room], [...pixels])
}

/** Vertical lines with numbers below them, and what they mean. */
export function bottomAxis(scale: Scale, { left, right, top, bottom }: Box, label: string): Markup {
  const ticks = scale.ticks(Math.max(2, Math.round((right - left) / 75)))
  const texts = tickTexts(ticks)
  return join(
    ...ticks.flatMap((tick, i) => {
      const x = Math.round(scale(tick)) + 0.5
      return [
        element('line', { class: 's-grid', x1: x, x2: x, y1: top, y2: bottom }),
        element('text', { class: 'muted middle small', x, y: bottom + 16 }, text(texts[i]!)),
      ]
    }),
    element('text', { class: 'muted middle', x: (left + right) / 2, y: bottom + 35 }, text(label)),
  )
}

/** Horizontal lines with numbers to their left, and what they mean. */
export function leftAxis(scale: Scale, { left, right, top, bottom }: Box, label: string): Markup {
  const ticks = scale.ticks(Math.max(2, Math.round((bottom - top) / 60)))
  const texts = tickTexts(ticks)
  const middle = (top + bottom) / 2
  return join(
    ...ticks.flatMap((tick, i) => {
      const y = Math.round(scale(tick)) + 0.5
      return [
        element('line', { class: 's-grid', x1: left, x2: right, y1: y, y2: y }),
        element('text', { class: 'muted end small', x: left - 6, y: y + 4 }, text(texts[i]!)),
      ]
    }),
    element(
      'text',
      { class: 'muted middle', transform: `rotate(-90 14 ${middle})`, x: 14, y: middle + 4 },
      text(label),
    ),
  )
}

/** Room below a plot for the numbers and the label of its axis. */
export const axisHeight = 44

/** Evenly spaced numbers with the same decimals, in thousands or millions where these are whole. */
function tickTexts(ticks: readonly number[]): string[] {
  const largest = Math.max(...ticks.map(Math.abs))
  const step = ticks.length > 1 ? ticks[1]! - ticks[0]! : largest || 1
  const [unit, sign] =
    largest >= 1e12 || (largest < 1e-4 && largest > 0)
      ? [Number.NaN, '']
      : largest >= 1e7
        ? [1e6, 'M']
        : largest >= 1e4
          ? [1e3, 'k']
          : [1, '']
  if (Number.isNaN(unit)) return ticks.map((tick) => (tick === 0 ? '0' : tick.toExponential(1)))
  const decimals = Math.max(0, -Math.floor(Math.log10(step / unit) + 1e-9))
  return ticks.map((tick) => {
    const shown = (tick / unit).toFixed(decimals)
    return tick === 0 ? '0' : `${shown.replace('-', '\u2212')}${sign}`
  })
}
