/** Fills the cells of a terminal with marks and colours. */

import { styleText } from 'node:util'

/** Heights of a column in steps from the baseline. */
export interface Levels {
  readonly hard: number
  readonly shared: number
  readonly top: number
}

/** How one kind of mark fills a cell whose lower edge is `base` steps above the baseline. */
export interface Pen {
  /** Columns in a cell. */
  readonly across: number
  /** Steps in a cell. */
  readonly up: number
  /** A solid and a thin mark, for the key. */
  readonly key: readonly [solid: string, thin: string]
  draw(inside: readonly Levels[], base: number): string
}

/** The kinds of marks that there are. */
export const pens: Readonly<Record<'braille' | 'blocks' | 'ascii', Pen>> = {
  braille: {
    across: 2,
    up: 4,
    key: ['⣿', '⢕'],
    draw: (inside, base) => {
      let cell = 0
      inside.forEach(({ hard, top }, x) => {
        for (let y = 0; y < 4; y++) {
          const level = base + y
          // Every other dot makes the file cache look lighter than what can't be dropped.
          const isOn = level < hard || (level < top && (x + y) % 2 === 0)
          if (isOn) cell |= dots[x as 0 | 1][y as 0 | 1 | 2 | 3]
        }
      })
      return cell === 0 ? ' ' : String.fromCharCode(0x2800 + cell)
    },
  },
  blocks: {
    across: 1,
    up: 8,
    key: ['█', '░'],
    draw: ([levels], base) => {
      const { hard, top } = levels!
      if (hard > base) return '▁▂▃▄▅▆▇█'[Math.min(8, hard - base) - 1]!
      return top > base ? '░' : ' '
    },
  },
  ascii: {
    across: 1,
    up: 1,
    key: ['#', ':'],
    draw: ([levels], base) => {
      const { hard, top } = levels!
      return hard > base ? '#' : top > base ? ':' : ' '
    },
  },
}

/** A colour that every terminal has. */
export type Ink = 'blue' | 'yellow' | 'gray'

/** A cell and its colour. */
export interface Cell {
  readonly mark: string
  readonly ink: Ink
}

/** What the cell shows most of: shared memory, private memory, or file cache. */
export function inkOf(inside: readonly Levels[], base: number, up: number): Ink {
  const most = inside.reduce((a, b) => (b.hard > a.hard ? b : a))
  if (most.shared >= base + up / 2) return 'blue'
  return most.hard > base ? 'yellow' : 'gray'
}

/** Cells as text; neighbours of one colour share their control codes. */
export function paint(cells: readonly Cell[], colour: boolean): string {
  const line = cells.map(({ mark }) => mark).join('')
  if (!colour) return line
  let painted = ''
  for (let start = 0, end = 0; start < cells.length; start = end) {
    while (cells[end]?.ink === cells[start]!.ink) end++
    painted += inColour(cells[start]!.ink, line.slice(start, end))
  }
  return painted
}

/** Text in a colour; spaces need none. */
export function inColour(ink: Ink, text: string): string {
  const marks = text.trimEnd()
  if (marks === '') return text
  return styleText(ink, marks, { validateStream: false }) + text.slice(marks.length)
}

/** Bits of a Braille character, for each of its columns from the bottom up. */
const dots = [
  [0x40, 0x04, 0x02, 0x01],
  [0x80, 0x20, 0x10, 0x08],
] as const
