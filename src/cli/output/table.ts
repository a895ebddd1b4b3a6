/** Sets columns of text one beside the other. */

/** A column: its heading, its cells, and the side that they stand on. */
export interface Column {
  readonly heading: string
  readonly cells: readonly string[]
  /** Numbers stand on the right, so that their digits meet; names on the left. */
  readonly align: 'left' | 'right'
}

/**
 * Lines of a table, the headings first. Every character counts one cell of the terminal.
 *
 * @param columns - all with the same number of cells
 */
export function tableLines(columns: readonly Column[]): string[] {
  const padded = columns.map(({ heading, cells, align }) => {
    const lines = [heading, ...cells]
    const width = Math.max(...lines.map((line) => line.length))
    return lines.map((line) => (align === 'left' ? line.padEnd(width) : line.padStart(width)))
  })
  const count = (columns[0]?.cells.length ?? 0) + 1
  return Array.from({ length: count }, (_, row) =>
    padded
      .map((lines) => lines[row])
      .join('   ')
      .trimEnd(),
  )
}
