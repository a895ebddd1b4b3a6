/** F tests of columns against a target, from moments. */

import { type NDArray, toRowNumbers } from '../../arrays/index.ts'
import { rowNumbers } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import { requireSamples } from '../contract/moments-estimator.ts'
import { labelNumber, mostClasses } from '../inputs/labels.ts'
import { fSurvival } from '../statistics/f-distribution.ts'
import { Moments } from '../statistics/moments.ts'
import { explainNonFinite } from '../statistics/non-finite.ts'
import { readColumnBlocks, readGroupBlocks } from './column-blocks.ts'
import type { FitRows } from './fit-rows.ts'

/** F statistics and their probabilities, shape (d) each. */
export interface ColumnScores {
  readonly scores: Float64Array
  readonly pValues: Float64Array
}

/** Tests whether each column is correlated with a number; scikit-learn's `f_regression`. */
export async function scoreByCorrelation(
  owner: object,
  { X, y, rows, weights }: FitRows<NDArray>,
): Promise<ColumnScores> {
  const read = { groups: [rows], ...(weights === null ? {} : { weights }) }
  const scores: number[] = []
  const pValues: number[] = []
  for await (const moments of readColumnBlocks(X, read, { y })) {
    requireSamples(owner, moments, 'one')
    const { columns, cross, weight } = moments
    const p = columns + 1
    const degrees = requireDegrees(owner, weight - 2, 'three rows')
    const total = cross[p * p - 1]!
    for (let j = 0; j < columns; j++) {
      const explained = (cross[j * p + columns]! / cross[j * p + j]!) * cross[j * p + columns]!
      const score = ratioOf(explained, total - explained, 1, degrees)
      scores.push(score)
      pValues.push(fSurvival(score, 1, degrees))
    }
  }
  return { scores: Float64Array.from(scores), pValues: Float64Array.from(pValues) }
}

/** Tests whether the means of each column differ between classes; scikit-learn's `f_classif`. */
export async function scoreByClasses(
  owner: object,
  input: FitRows<NDArray>,
): Promise<ColumnScores> {
  const classes = rowsByClass(owner, input).map((numbers) => rowNumbers(numbers))
  const scores: number[] = []
  const pValues: number[] = []
  for await (const { parts } of readGroupBlocks(input.X, classes, input.weights)) {
    const all = Moments.merge(parts)
    const above = classes.length - 1
    const below = requireDegrees(owner, all.weight - classes.length, 'more rows than classes')
    for (let j = 0; j < all.columns; j++) {
      const at = j * all.columns + j
      const within = parts.reduce((sum, part) => sum + part.cross[at]!, 0)
      const score = ratioOf(all.cross[at]! - within, within, above, below)
      scores.push(score)
      pValues.push(fSurvival(score, above, below))
    }
  }
  return { scores: Float64Array.from(scores), pValues: Float64Array.from(pValues) }
}

/** Row numbers of each class, in ascending order of the labels. */
function rowsByClass(owner: object, { X, y: target, rows }: FitRows<NDArray>): Int32Array[] {
  const y = target!
  const numbers = toRowNumbers(rows)
  if (y.ndim === 2 && y.shape[1] !== 1) {
    throw new OneCopyError(
      'ERR_SHAPE',
      `Expected \`y\` to have one target, shape (n), to fit ${owner.constructor.name} on, got ${y.shape[1]}.`,
      { details: { targets: y.shape[1] } },
    )
  }
  const counts = new Map<number, number>()
  const labels = new Float64Array(numbers.length)
  for (const [i, row] of numbers.entries()) {
    const label = labelNumber(y.ndim === 1 ? y.get(row) : y.get(row, 0), row) + 0
    if (!Number.isFinite(label)) throw explainNonFinite(X, y, [rows])
    labels[i] = label
    counts.set(label, (counts.get(label) ?? 0) + 1)
    if (counts.size > mostClasses) throw tooMany()
  }
  if (counts.size < 2) {
    throw new OneCopyError(
      'ERR_VALUE',
      `Expected labels of at least two classes in \`y\`, got ${counts.size}. Use score: 'fRegression' for a target that is a number.`,
    )
  }
  const groups = new Map(Array.from(counts, ([label, count]) => [label, new Int32Array(count)]))
  const filled = new Map<number, number>()
  for (const [i, row] of numbers.entries()) {
    const at = filled.get(labels[i]!) ?? 0
    groups.get(labels[i]!)![at] = row
    filled.set(labels[i]!, at + 1)
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, rows]) => rows)
}

function tooMany(): OneCopyError {
  return new OneCopyError(
    'ERR_VALUE',
    `Expected labels of at most ${mostClasses} classes in \`y\`, got more. Use score: 'fRegression' for a target that is a number.`,
    { details: { most: mostClasses } },
  )
}

function requireDegrees(owner: object, degrees: number, needed: string): number {
  if (degrees > 0) return degrees
  throw new OneCopyError(
    'ERR_ROWS',
    `Expected at least ${needed} to fit ${owner.constructor.name} on, counted by their weights.`,
  )
}

/** The F statistic of two sums of squares; finite. */
function ratioOf(explained: number, left: number, above: number, below: number): number {
  if (!(explained > 0)) return 0
  if (!(left > 0)) return Number.MAX_VALUE
  return Math.min(explained / above / (left / below), Number.MAX_VALUE)
}
