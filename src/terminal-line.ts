/** A terminal line that is overwritten to show progress. */

import { styleText } from 'node:util'

/** Where progress goes: stderr, or what a test puts in its place. */
export interface ProgressStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** Whether lines can be written over there. */
export function isTerminal(stream: ProgressStream): boolean {
  return stream.isTTY === true && process.env['TERM'] !== 'dumb'
}

/** What writes `line` over the one before. */
export function overwriting(line: string, { columns }: ProgressStream): string {
  // A line that wraps could not be written over. Some terminals don't know their width.
  const fitting = line.slice(0, (columns || 80) - 1)
  return `\r${styleText('dim', fitting, { stream: process.stderr })}\u001B[K`
}

/** What takes the line away, so that what is written next stands at its place. */
export const clearedLine = '\r\u001B[K'

/**
 * How much of something is done: `━━━━━━━━────────────  40 %`.
 *
 * @param done - between 0 and 1
 */
export function bar(done: number): string {
  const width = 20
  const part = Math.min(1, Math.max(0, done))
  const full = Math.round(part * width)
  return `${'━'.repeat(full)}${'─'.repeat(width - full)} ${Math.floor(part * 100)} %`
}
