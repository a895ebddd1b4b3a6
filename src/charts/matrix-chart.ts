/** Draws a matrix as shaded cells. */

import {
  cutText,
  element,
  join,
  type Markup,
  svgPicture,
  text,
  textWidth,
} from '../pictures/internal.ts'
import { chartWidth } from './plot-area.ts'
import { labelWidth, rowLabel } from './row-labels.ts'

/** A matrix with names of its rows and columns. */
export interface MatrixChart {
  readonly rows: readonly string[]
  readonly columns: readonly string[]
  /** What a cell shows: its text, how dark it is, from -1 to 1, and what it is in words. */
  readonly cell: (
    row: number,
    column: number,
  ) => { readonly shown: string; readonly shade: number; readonly words: string }
  /** What screen readers say. */
  readonly label: string
}

/** Most of a colour, so that text is readable on it. */
const darkest = 0.62

/** Rows from top to bottom. Positive cells are blue, negative ones orange; what doesn't fit in a cell shows under the pointer. */
export function drawMatrix({ rows, columns, cell, label }: MatrixChart): Markup {
  const width = labelWidth(rows, 165)
  const size = Math.min(64, (chartWidth - width - 22) / columns.length)
  const widest = Math.max(...columns.map((name) => textWidth(name, 11)))
  const isUpright = widest > Math.max(size - 1, 24)
  // Names of narrow columns would run into each other: every second or third is there.
  const step = Math.max(1, Math.ceil((isUpright ? 12 : widest + 1) / size))
  const top = isUpright ? 14 + labelWidth(columns, 110, 11) : 26
  const left = width + 14
  const rowHeight = Math.min(Math.max(size, 14), 44)
  const height = top + rowHeight * rows.length + 8
  const drawColumn = (name: string, column: number): Markup => {
    const x = left + (column + 0.5) * size
    const shown = isUpright ? cutText(name, 11, 110) : name
    const place = isUpright
      ? { class: 'small', transform: `translate(${tenth(x + 4)} ${tenth(top - 6)}) rotate(-90)` }
      : { class: 'small middle', x, y: top - 8 }
    if (column % step !== 0) return join()
    return element('text', place, text(shown), element('title', {}, text(name)))
  }
  const drawCell = (row: number, column: number): Markup => {
    const { shown, shade, words } = cell(row, column)
    const [x, y] = [left + column * size, top + row * rowHeight]
    const strength = Math.min(1, Math.abs(shade)) * darkest
    const fits = textWidth(shown, 11) <= size - 3 && rowHeight >= 15
    return element(
      'g',
      {},
      element('title', {}, text(words)),
      element('rect', { class: 'bg s-grid', x, y, width: size, height: rowHeight }),
      element('rect', {
        class: shade < 0 ? 'p0' : 'shared',
        // As text, since numbers are written to a tenth.
        'fill-opacity': strength.toFixed(3),
        x,
        y,
        width: size,
        height: rowHeight,
      }),
      fits
        ? element(
            'text',
            { class: 'middle small', x: x + size / 2, y: y + rowHeight / 2 + 4 },
            text(shown),
          )
        : join(),
    )
  }
  return svgPicture(
    { width: chartWidth, height, label, theme: 'auto', definitions: join() },
    ...columns.map(drawColumn),
    ...rows.map((name, row) =>
      join(
        rowLabel(name, { x: width + 6, y: top + (row + 0.5) * rowHeight + 4, width }),
        ...columns.map((_, column) => drawCell(row, column)),
      ),
    ),
  )
}

function tenth(value: number): string {
  return String(Math.round(value * 10) / 10)
}
