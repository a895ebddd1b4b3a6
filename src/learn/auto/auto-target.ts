/** What an automatic ensemble learns: numbers or classes. */

import { type Rows, toRowNumbers } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import { toArray } from '../inputs/as-array.ts'
import type { LabelInput } from '../inputs/labels.ts'
import type { EnsembleTask } from '../outputs/ensemble-task.ts'
import { encodeTarget, readNumbers, type StackTarget } from '../outputs/stack-target.ts'

/**
 * Reads the target.
 *
 * @param rows - those that are learned from; others may hold anything
 * @throws TypeError for texts among numbers; OneCopyError `ERR_VALUE`, `ERR_SHAPE`
 */
export function readTarget(
  task: EnsembleTask,
  y: LabelInput | undefined,
  n: number,
  weights: Float64Array | undefined,
  rows: Rows,
): StackTarget {
  if (task === 'classification') return encodeTarget(y, n, weights, rows)
  const first: unknown = Array.isArray(y) ? y[0] : undefined
  if (typeof first === 'string' || typeof first === 'boolean')
    throw new TypeError(
      `Expected \`y\` of AutoEnsemble to hold numbers, got ${show(first)} in row 0. Leave out \`task\` to learn classes.`,
    )
  const target = readNumbers(y === undefined ? y : toArray(y, '`y`'), n, '')
  if (target.y.ndim === 2 && target.y.shape[1] !== 1)
    throw new OneCopyError(
      'ERR_SHAPE',
      `Expected one target in \`y\`, shape (n) or (n, 1), got (${target.y.shape.join(', ')}). Fit an ensemble for each target.`,
      { details: { shape: [...target.y.shape] } },
    )
  const values = target.y.ndim === 1 ? target.y : target.y.column(0)
  for (const row of toRowNumbers(rows)) {
    const value = Number(values.get(row))
    if (Number.isFinite(value) || weights?.[row] === 0) continue
    throw new OneCopyError(
      'ERR_VALUE',
      `Expected finite numbers in \`y\`, got ${value} in row ${row} (counted from 0). Leave such rows out through \`rows\`, or give them the weight 0.`,
      { details: { name: 'y', row, value } },
    )
  }
  return { ...target, y: values }
}
