/** How many rows are trained on, and how many are tested. */

import { OneCopyError, show } from '../../errors.ts'

/** Sizes of the two parts of a split. */
export interface SizeOptions {
  /** Rows to test: a share of all in (0, 1), or a count >= 1. */
  readonly testSize?: number
  /** Rows to train on: a share of all in (0, 1), or a count >= 1; default: all others. */
  readonly trainSize?: number
}

/** Numbers of rows. */
export interface SplitSizes {
  readonly test: number
  readonly train: number
}

/** How sizes are counted. */
export interface SizeRule {
  /** The share to test when no size is given. */
  readonly testShare: number
  /** Rounds a share of rows to test. */
  readonly round: (size: number) => number
  /** What is counted; default: rows. */
  readonly what?: string
}

/**
 * Counts the rows of both parts.
 *
 * @param owner - whose options they are, for error texts
 * @param n - how many there are
 * @throws OneCopyError `ERR_OPTION` for what is no share and no count, `ERR_ROWS` when a part is empty or there are not enough; TypeError
 */
export function splitSizes(
  owner: string,
  sizes: { readonly testSize: unknown; readonly trainSize: unknown },
  n: number,
  { testShare, round, what = 'rows' }: SizeRule,
): SplitSizes {
  const isGiven = sizes.testSize !== undefined || sizes.trainSize !== undefined
  const testSize = requireSize(owner, 'testSize', isGiven ? sizes.testSize : testShare)
  const trainSize = requireSize(owner, 'trainSize', sizes.trainSize)
  const count = (size: number | undefined, round: (size: number) => number): number | undefined =>
    size === undefined ? undefined : size < 1 ? round(size * n) : size
  const [tested, trained] = [count(testSize, round), count(trainSize, Math.floor)]
  const test = tested ?? n - trained!
  const train = trained ?? n - test
  if (test > 0 && train > 0 && test + train <= n) return { test, train }
  throw new OneCopyError(
    'ERR_ROWS',
    `Expected ${owner} to leave ${what} to train on and to test, of ${n}, got ${Math.max(train, 0)} and ${Math.max(test, 0)}. Change \`testSize\` or \`trainSize\`.`,
    { details: { [what]: n, train, test } },
  )
}

function requireSize(owner: string, name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined
  const expected = `Expected \`${name}\` of ${owner} to be a share in (0, 1) or a count >= 1`
  if (typeof value !== 'number') throw new TypeError(`${expected}, got ${show(value)}.`)
  if (value > 0 && (value < 1 || Number.isSafeInteger(value))) return value
  throw new OneCopyError('ERR_OPTION', `${expected}, got ${value}.`, { details: { name, value } })
}
