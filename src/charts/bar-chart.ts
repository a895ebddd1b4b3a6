/** Draws bars with their uncertainty. */

import { element, join, type Markup, svgPicture, text, textWidth } from '../pictures/internal.ts'
import { axisHeight, bottomAxis, chartWidth, scaleOver } from './plot-area.ts'
import { labelWidth, rowLabel } from './row-labels.ts'

/** One bar. */
export interface BarRow {
  readonly name: string
  readonly value: number
  /** Standard deviation of the value. */
  readonly deviation: number
  /** The value as text. */
  readonly shown: string
}

const rowHeight = 24

/** A bar from 0 for each row, in their order. */
export function drawBars(rows: readonly BarRow[], label: string): Markup {
  const names = rows.map(({ name }) => name)
  const width = labelWidth(names, 140)
  const values = Math.max(...rows.map(({ shown }) => textWidth(shown, 12)))
  const top = 6
  const box = {
    left: width + 14,
    right: chartWidth - values - 18,
    top,
    bottom: top + rowHeight * rows.length,
  }
  const ends = rows.flatMap(({ value, deviation }) => [value - deviation, value + deviation])
  const x = scaleOver(Math.min(0, ...ends), Math.max(0, ...ends), [box.left, box.right])
  const zero = x(0)
  return svgPicture(
    {
      width: chartWidth,
      height: box.bottom + axisHeight,
      label: `${label} of ${names.join(', ')}`,
      theme: 'auto',
      definitions: join(),
    },
    bottomAxis(x, box, label),
    ...rows.map(({ name, value, deviation, shown }, i) => {
      const y = top + (i + 0.5) * rowHeight
      const [from, to] = [Math.min(zero, x(value)), Math.max(zero, x(value))]
      return join(
        rowLabel(name, { x: width + 6, y: y + 4, width }),
        element('rect', { class: 'shared', x: from, y: y - 7, width: to - from, height: 14 }),
        element('line', {
          class: 's-text',
          'stroke-width': 1.5,
          x1: x(value - deviation),
          x2: x(value + deviation),
          y1: y,
          y2: y,
        }),
        element('text', { class: 'end', x: chartWidth - 6, y: y + 4 }, text(shown)),
      )
    }),
    element('line', { class: 's-muted', x1: zero, x2: zero, y1: top, y2: box.bottom }),
  )
}
