/** Parses sizes and budgets such as `500MB` and `fit=300MB`. */

import { OneCopyError, show } from '../../errors.ts'
import type { Budget } from '../plot/figure/annotations.ts'

/** Powers of 1000 as the field writes them, and of 1024 with an i. */
const units: Readonly<Record<string, number>> = {
  b: 1,
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  t: 1e12,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
}

/**
 * Reads a size: `500MB`, `1.5 GB`, `64MiB`, or a number of bytes. Text has to say its unit.
 *
 * @throws TypeError when it is neither text nor a number
 * @throws OneCopyError `ERR_OPTION` when it is no size above 0
 */
export function parseBytes(size: unknown): number {
  if (typeof size !== 'string' && typeof size !== 'number') {
    throw new TypeError(`Expected a size such as '500MB' or a number of bytes, got ${show(size)}.`)
  }
  const match = /^(\d+(?:\.\d+)?|\.\d+)\s*([a-z]*)$/i.exec(String(size).trim())
  const unit = match?.[2]!.toLowerCase()
  if (unit === '' && typeof size === 'number' && isSize(size)) return Math.round(size)
  const bytes =
    unit !== undefined && Object.hasOwn(units, unit)
      ? Math.round(Number(match![1]) * units[unit]!)
      : Number.NaN
  if (isSize(bytes)) return bytes
  if (unit === '' && isSize(Number(size))) {
    throw new OneCopyError('ERR_OPTION', unitText(String(size)), { details: { size } })
  }
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected a size such as '500MB', '1.5GB' or '64MiB', got ${show(size)}.`,
    { details: { size } },
  )
}

function isSize(bytes: number): boolean {
  return bytes >= 1 && bytes <= Number.MAX_SAFE_INTEGER
}

/** A bare `200` is 200 bytes to a program and 200 MB to a reader. */
function unitText(size: string): string {
  const number = size.trim()
  return `Expected a size with its unit, such as '${number}MB', got '${size}'. Write '${number}B' for bytes.`
}

/**
 * Reads a budget: `500MB` for the whole run, `fit=300MB` for the phase `fit`.
 *
 * @throws OneCopyError `ERR_OPTION` when it is none
 */
export function parseBudget(text: string): Budget {
  const equals = text.lastIndexOf('=')
  if (equals < 0) return { bytes: parseBytes(text) }
  const phase = text.slice(0, equals).trim()
  if (phase !== '') return { phase, bytes: parseBytes(text.slice(equals + 1)) }
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected a budget such as '500MB' or 'fit=300MB', got ${show(text)}.`,
    { details: { text } },
  )
}
