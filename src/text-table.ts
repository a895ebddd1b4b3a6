/** Formats tables for the terminal. */

/** A column: its heading, its cells, and their alignment (numbers to the right). */
export interface TextColumn {
  readonly heading: string
  readonly cells: readonly string[]
  readonly align: 'left' | 'right'
}

/** Lines of a table, the headings first. */
export function textTable(columns: readonly TextColumn[]): string[] {
  const padded = columns.map(({ heading, cells, align }) => {
    const lines = [heading, ...cells]
    const width = Math.max(...lines.map((line) => cellsOf(line)))
    return lines.map((line) => {
      const space = ' '.repeat(width - cellsOf(line))
      return align === 'left' ? line + space : space + line
    })
  })
  return (padded[0] ?? []).map((_, row) =>
    padded
      .map((lines) => lines[row])
      .join('  ')
      .trimEnd(),
  )
}

/** How many cells of a terminal a text takes: two for a letter of East Asia, none for a mark. */
export function cellsOf(text: string): number {
  let cells = 0
  for (const character of text) {
    if (/\p{Mn}|\p{Me}/u.test(character)) continue
    cells += wide.test(character) ? 2 : 1
  }
  return cells
}

/** Breaks text into lines of at most `width` cells. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && cellsOf(longer) > width) {
      lines.push(line)
      line = word
    } else line = longer
  }
  return [...lines, line]
}

/** The text, cut to a number of cells; empty when fewer than four cells would be left. */
export function shorten(text: string, cells: number): string {
  if (cellsOf(text) <= cells) return text
  return cells < 4 ? '' : `${cutCells(text, cells - 1)}\u2026`
}

function cutCells(text: string, cells: number): string {
  let cut = ''
  for (const character of text) {
    if (cellsOf(cut + character) > cells) return cut
    cut += character
  }
  return cut
}

const wide =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\uff01-\uff60]/u
