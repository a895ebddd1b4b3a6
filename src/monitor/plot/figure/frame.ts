/** Places the axes of a picture. */

import { scaleLinear } from 'd3-scale'
import { byteUnit } from '../../../format.ts'
import { element, join, type Markup, text } from '../../../pictures/internal.ts'
import { timeTicks } from './time-ticks.ts'

/** Turns values into pixels; of d3-scale's type only this, so that users need no types of d3-scale. */
export interface Scale {
  (value: number): number
  /** The lowest and the highest value. */
  domain(): number[]
  /** The first and the last pixel. */
  range(): number[]
  /** The value of a pixel. */
  invert(pixel: number): number
  ticks(count?: number): number[]
}

/** The inner rectangle of a picture, with scales from milliseconds and bytes to pixels. */
export interface Frame {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
  readonly x: Scale
  readonly y: Scale
}

/** Lays the scales over a rectangle: 0 to `durationMs`, and 0 to `maxBytes`. */
export function frameOf(
  rectangle: { left: number; right: number; top: number; bottom: number },
  durationMs: number,
  maxBytes: number,
): Frame {
  const { left, right, top, bottom } = rectangle
  return {
    ...rectangle,
    x: scaleLinear([0, Math.max(durationMs, 100)], [left, right]),
    y: scaleLinear([0, Math.max(maxBytes, 1)], [bottom, top]),
  }
}

/** Horizontal lines with sizes beside them; they lie behind everything. */
export function memoryAxis(frame: Frame): Markup {
  const { left, right, bottom, y } = frame
  const { size, unit } = byteUnit(y.domain()[1]!)
  const scale = scaleLinear([0, y.domain()[1]! / size], y.range())
  const count = Math.max(2, Math.round((bottom - frame.top) / 60))
  const format = scale.tickFormat(count)
  return join(
    ...scale.ticks(count).flatMap((tick) => {
      const at = Math.round(scale(tick)) + 0.5
      return [
        element('line', { class: 's-grid', x1: left, x2: right, y1: at, y2: at }),
        element(
          'text',
          { class: 'muted end', x: left - 8, y: at + 4 },
          text(tick === 0 ? '0' : `${format(tick)} ${unit}`),
        ),
      ]
    }),
  )
}

/** Marks below the picture with the time since the start of the run. */
export function timeAxis({ left, right, bottom, x }: Frame): Markup {
  const count = Math.max(2, Math.round((right - left) / 110))
  return join(
    element('line', {
      class: 's-muted',
      x1: left,
      x2: right,
      y1: Math.round(bottom) + 0.5,
      y2: Math.round(bottom) + 0.5,
    }),
    ...timeTicks(x.domain()[1]!, count).flatMap(({ ms, label }) => {
      const at = Math.round(x(ms)) + 0.5
      return [
        element('line', { class: 's-muted', x1: at, x2: at, y1: bottom, y2: bottom + 5 }),
        element('text', { class: 'muted middle', x: at, y: bottom + 20 }, text(label)),
      ]
    }),
  )
}
