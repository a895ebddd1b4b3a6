/** Formats the first rows of a table as aligned text. */

import { plainText } from '../../plain-name.ts'

/** What is shown of a column. */
export interface ShownColumn {
  readonly name: string
  readonly kind: string
  /** A value as text; null for none. */
  text(row: number): string | null
}

const shownRows = 8
const widestText = 24
const widestLine = 100

/**
 * Shows the first rows: numbers to the right, texts to the left, as many columns as fit.
 *
 * @param rows - how many there are
 * @param columns - columns of that many rows
 */
export function showRows(rows: number, columns: readonly ShownColumn[]): string {
  const lines: string[] = Array.from({ length: Math.min(rows, shownRows) + 1 }, () => '')
  let shown = 0
  for (const column of columns) {
    const cells = alignCells(column, lines.length - 1)
    if (shown > 0 && lines[0]!.length + 2 + cells[0]!.length > widestLine) break
    for (const [i, cell] of cells.entries()) lines[i] += shown === 0 ? cell : `  ${cell}`
    shown++
  }
  const more = columns.slice(shown).map(({ name }) => oneLine(name))
  const title = `${rows} ${rows === 1 ? 'row' : 'rows'} × ${columns.length} ${columns.length === 1 ? 'column' : 'columns'}`
  return [
    title,
    ...lines.map((line) => line.trimEnd()),
    ...(rows > shownRows ? ['…'] : []),
    ...(more.length > 0 ? [`and columns ${clip(more.join(', '), widestLine - 12)}`] : []),
  ].join('\n')
}

/** Name and first values of a column, all of one width. */
function alignCells(column: ShownColumn, rows: number): string[] {
  const cells = [
    oneLine(column.name),
    ...Array.from({ length: rows }, (_, row) => showValue(column.text(row))),
  ]
  const short = cells.map((cell) => clip(cell, widestText))
  const width = Math.max(...short.map((cell) => cell.length))
  return short.map((cell) => (column.kind === 'number' ? cell.padStart(width) : cell.padEnd(width)))
}

function showValue(text: string | null): string {
  return text === null ? '–' : oneLine(text)
}

function clip(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text
}

/** A text as a line that does nothing to a terminal. */
export function oneLine(text: string): string {
  return plainText(text.replaceAll(/\s+/g, ' '))
}
