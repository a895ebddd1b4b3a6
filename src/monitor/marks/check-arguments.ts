/** Checks the arguments of the monitor's public functions. */

import { OneCopyError, show } from '../../errors.ts'
import { requireNumber } from '../../options.ts'
import { isDetails } from './mark-file.ts'
import type { PhaseDetails } from './mark-file.ts'

/** Returns `pid`, a positive integer. */
export function requirePid(pid: unknown): number {
  if (typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 0) return pid
  throw new TypeError(`Expected \`pid\` to be a process id, got ${show(pid)}.`)
}

/** Returns `intervalMs`, between 1 ms and one hour. */
export function requireInterval(intervalMs: unknown): number {
  const asked = requireNumber('intervalMs', intervalMs, 'milliseconds')
  if (asked >= 1 && asked <= 3_600_000) return asked
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`intervalMs\` between 1 and 3600000 (one hour), got ${asked}. The default is 100.`,
    { details: { intervalMs: asked } },
  )
}

/** Returns the name of a phase, which is not empty. */
export function requireName(name: unknown): string {
  if (typeof name === 'string' && name !== '') return name
  throw new TypeError(`Expected the name of a phase to be a string, got ${show(name)}.`)
}

/** Returns `details`, which are texts, numbers and the like, and few. */
export function requireDetails(details: unknown): PhaseDetails {
  if (isDetails(details) && JSON.stringify(details).length <= 8192) return details
  throw new TypeError(
    `Expected the details of a phase to be an object of strings, finite numbers, booleans and nulls, at most 8192 characters as JSON, got ${show(details)}.`,
  )
}

/** Returns `pssBudget`, a part of one core. */
export function requirePssBudget(pssBudget: unknown): number {
  const asked = requireNumber('pssBudget', pssBudget)
  if (asked >= 0 && asked <= 1) return asked
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`pssBudget\` between 0 (no PSS) and 1 (one core), got ${asked}. The default is 0.02.`,
    { details: { pssBudget: asked } },
  )
}
