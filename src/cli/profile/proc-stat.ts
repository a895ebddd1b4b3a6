/** Reads what /proc tells of a process in one line. */

import { readFileSync } from 'node:fs'

/**
 * The fields of `/proc/PID/stat` behind the name, which may hold spaces: `state`, `parent`,
 * `group`, and so on.
 *
 * @returns `undefined` when there is no such process, or no /proc
 * @see proc_pid_stat(5), where `state` is number 3
 */
export function readStatFields(pid: number | 'self'): readonly string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}
