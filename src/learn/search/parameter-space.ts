/** Values of options to try: lists and distributions, grids and draws. */

import { OneCopyError, show } from '../../errors.ts'
import { registerOwnClass } from '../../objects/internal.ts'
import { requireChoice } from '../../options.ts'
import type { Params } from '../contract/estimator.ts'
import type { RandomKey } from '../statistics/counter-random.ts'

/** Random values of an option. */
export interface Distribution<T = unknown> {
  /**
   * The value for a number that is drawn uniformly.
   *
   * @param u - in [0, 1)
   */
  valueAt(u: number): T
}

/** Values of options by name: a list of them, or a distribution. Options of a step of a pipeline are named by path: `ridge.alpha`. */
export type ParameterSpace = Readonly<Record<string, readonly unknown[] | Distribution>>

/**
 * Numbers that are equally likely between two bounds.
 *
 * @param low - included
 * @param high - excluded, above `low`
 * @throws TypeError, OneCopyError `ERR_OPTION`
 */
export function uniform(low: number, high: number): Distribution<number> {
  requireBounds('uniform', low, high, -Infinity)
  return new NumberDistribution('uniform', low, high)
}

/**
 * Numbers whose logarithms are equally likely between two bounds: for penalties and learning rates, whose order of size is unknown.
 *
 * @param low - above 0, included
 * @param high - excluded, above `low`
 * @throws TypeError, OneCopyError `ERR_OPTION`
 */
export function logUniform(low: number, high: number): Distribution<number> {
  requireBounds('logUniform', low, high, Number.MIN_VALUE)
  return new NumberDistribution('logUniform', low, high)
}

/**
 * Whole numbers that are equally likely between two bounds.
 *
 * @param low - included
 * @param high - included, above `low`
 * @throws TypeError, OneCopyError `ERR_OPTION`
 */
export function integers(low: number, high: number): Distribution<number> {
  requireBounds('integers', low, high, -Infinity)
  if (Number.isSafeInteger(low) && Number.isSafeInteger(high))
    return new NumberDistribution('integers', low, high)
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected whole numbers as the bounds of integers(), got ${low} and ${high}.`,
  )
}

/** Numbers between two bounds; a class, so that it can be saved. */
class NumberDistribution implements Distribution<number> {
  readonly kind: 'uniform' | 'logUniform' | 'integers'
  readonly low: number
  readonly high: number

  constructor(kind: NumberDistribution['kind'], low: number, high: number) {
    this.kind = kind
    this.low = low
    this.high = high
  }

  valueAt(u: number): number {
    const { kind, low, high } = this
    if (kind === 'uniform') return low + u * (high - low)
    if (kind === 'integers') return low + Math.floor(u * (high - low + 1))
    const [from, to] = [Math.log(low), Math.log(high)]
    return Math.exp(from + u * (to - from))
  }
}

registerOwnClass<NumberDistribution, { kind: unknown; low: number; high: number }>(
  NumberDistribution,
  {
    name: 'onecopy.Distribution',
    version: 1,
    module: import.meta.url,
    save: ({ kind, low, high }) => ({ kind, low, high }),
    load: ({ kind, low, high }) => {
      const make = { uniform, logUniform, integers }
      return make[requireChoice('the kind of a distribution', kind, kinds)](
        low,
        high,
      ) as NumberDistribution
    },
  },
)

const kinds = ['uniform', 'logUniform', 'integers'] as const

function requireBounds(name: string, low: unknown, high: unknown, least: number): void {
  for (const bound of [low, high])
    if (typeof bound !== 'number')
      throw new TypeError(`Expected numbers as the bounds of ${name}(), got ${show(bound)}.`)
  const [from, to] = [low as number, high as number]
  if (from >= least && from < to && Number.isFinite(to - from)) return
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected two finite bounds of ${name}(), ${least > 0 ? 'above 0 and ' : ''}the second above the first, got ${from} and ${to}.`,
  )
}

/**
 * Checks values of options.
 *
 * @throws TypeError, OneCopyError `ERR_OPTION` for an empty list
 */
export function requireSpace(space: unknown): ParameterSpace {
  if (typeof space !== 'object' || space === null || Array.isArray(space))
    throw new TypeError(
      `Expected \`params\` to hold values by the names of options, such as { alpha: [0.1, 1] }, got ${show(space)}.`,
    )
  for (const [name, values] of Object.entries(space)) {
    const isList = Array.isArray(values)
    if (!isList && !isDistribution(values))
      throw new TypeError(
        `Expected the values of \`${name}\` in \`params\` to be a list or a distribution, such as uniform(0, 1), got ${show(values)}.`,
      )
    if (isList && values.length === 0)
      throw new OneCopyError(
        'ERR_OPTION',
        `Expected values of \`${name}\` in \`params\`, got an empty list.`,
        { details: { name } },
      )
  }
  return space as ParameterSpace
}

function isDistribution(values: unknown): values is Distribution {
  return (
    typeof values === 'object' &&
    values !== null &&
    'valueAt' in values &&
    typeof values.valueAt === 'function'
  )
}

/**
 * All combinations of values; the last option changes fastest.
 *
 * @throws OneCopyError `ERR_OPTION` for a distribution
 */
export function gridOf(space: ParameterSpace): Params[] {
  let grid: Params[] = [{}]
  for (const [name, values] of Object.entries(space)) {
    if (!Array.isArray(values))
      throw new OneCopyError(
        'ERR_OPTION',
        `Expected a list of values of \`${name}\` for search: 'grid', got a distribution. List values, or use search: 'random'.`,
        { details: { name } },
      )
    const list = values as readonly unknown[]
    grid = grid.flatMap((point) => list.map((value) => ({ ...point, [name]: value })))
  }
  return grid
}

/**
 * Draws values of all options. Each option of each draw has a random number of its own, so that options are independent.
 *
 * @param key - the stream of the learner
 */
export function drawParams(space: ParameterSpace, key: RandomKey, draw: number): Params {
  const entries = Object.entries(space).map(([name, values], i) => {
    const u = key.part(i).draw(draw)
    const value = isDistribution(values) ? values.valueAt(u) : values[Math.floor(u * values.length)]
    return [name, value] as const
  })
  return Object.fromEntries(entries)
}
