/** Splits the line of `/proc/PID/stat` into its fields. */

import { readFileSync } from 'node:fs'

/**
 * The fields of `/proc/PID/stat` behind the name: `state`, `parent`, `group`, and so on. The name
 * is in parentheses and may contain spaces and parentheses, so fields are counted from the last `)`.
 *
 * @returns `undefined` when there is no name
 * @see proc_pid_stat(5), where `state` is number 3
 */
export function statFields(text: string): readonly string[] | undefined {
  const close = text.lastIndexOf(')')
  return close < text.indexOf('(') || close < 0 ? undefined : text.slice(close + 2).split(' ')
}

/** Reads the fields now; `undefined` when there is no such process, or no /proc. */
export function readStatFields(pid: number | 'self'): readonly string[] | undefined {
  try {
    return statFields(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return undefined
  }
}
