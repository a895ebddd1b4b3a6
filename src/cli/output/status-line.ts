/** A line at the bottom of the terminal, below all other output. */

import { isTerminal, type ProgressStream } from '../../terminal-line.ts'

/** Where the line goes: stderr, or what a test puts in its place. */
export interface StatusStream extends ProgressStream {
  readonly rows?: number
}

/**
 * Keeps the last row of a terminal for one line. Everything else, whoever writes it, scrolls above
 * that row, so the output of a program and this line never get into each other. Without a
 * terminal nothing is shown.
 *
 * @see DECSTBM, the scrolling region that `apt` keeps its progress under, too:
 *   vt100.net/docs/vt510-rm/DECSTBM.html
 */
export class StatusLine {
  readonly #stream: StatusStream
  /** Whether there is a terminal to show it on. */
  readonly isShown: boolean
  #isOpen = false
  readonly #onExit = (): void => this.clear()

  constructor(stream: StatusStream = process.stderr, options: { terminal?: boolean } = {}) {
    this.#stream = stream
    this.isShown = options.terminal ?? isTerminal(stream)
  }

  /** Writes the line; what doesn't fit is cut off. */
  show(text: string): void {
    const { rows = 24, columns = 80 } = this.#stream
    if (!this.isShown || rows < 4) return
    const open = this.#isOpen ? '' : makeRoom
    if (!this.#isOpen) process.once('exit', this.#onExit)
    this.#isOpen = true
    const line = Array.from(text)
      .slice(0, Math.max(0, columns - 1))
      .join('')
    // The region is set again every time, since a program may have reset the terminal.
    this.#stream.write(
      `${open}${save}${region(1, rows - 1)}${moveTo(rows)}${clearLine}${dim(line)}${restore}`,
    )
  }

  /** Gives the row back. */
  clear(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    process.off('exit', this.#onExit)
    const { rows = 24 } = this.#stream
    this.#stream.write(`${save}${wholeRegion}${moveTo(rows)}${clearLine}${restore}`)
  }
}

/** Scrolls by one row when the cursor is in the last one. */
const makeRoom = '\n\u001B[1A'
const save = '\u001B7'
const restore = '\u001B8'
const clearLine = '\u001B[2K'
const wholeRegion = '\u001B[r'

function region(first: number, last: number): string {
  return `\u001B[${first};${last}r`
}

function moveTo(row: number): string {
  return `\u001B[${row};1H`
}

function dim(text: string): string {
  return `\u001B[2m${text}\u001B[22m`
}
