/** LightGBM's objectives: what scores become. */

import type { BoostedTask } from '../boosted/boosted-model.ts'
import type { ModelLines } from './model-lines.ts'

/** What scores become, and what leaves are multiplied by for it. */
export interface LightGBMObjective {
  readonly task: BoostedTask
  readonly factor: number
}

/**
 * Reads the objective, such as `binary sigmoid:1`. Without one scores are predicted as they are.
 *
 * @param scores - trees of a round
 * @throws OneCopyError `ERR_FORMAT` for one whose predictions our models don't make
 */
export function readObjective(model: ModelLines, scores: number): LightGBMObjective {
  const text = model.has('objective') ? model.text('objective') : 'custom'
  const [name = '', ...words] = text.split(' ')
  const parameters = new Map(
    words.map((word): [string, string] => {
      const at = word.indexOf(':')
      return at === -1 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)]
    }),
  )
  const parameter = (key: string, standard: number): number => {
    const value = parameters.get(key)
    const number = value === undefined ? standard : Number(value)
    if (Number.isFinite(number) && value !== '' && number > 0) return number
    throw model.refuse('objective', `a number above 0 for ${key}`, text)
  }
  const requireScores = (expected: number): void => {
    if (scores === expected) return
    throw model.refuse(
      'objective',
      `one of ${scores} scores, as \`num_tree_per_iteration\` says`,
      text,
      'The file is damaged, or of a custom objective of several classes.',
    )
  }
  if (name === 'multiclass') {
    requireScores(parameter('num_class', 1))
    return { task: { kind: 'classes', count: scores }, factor: 1 }
  }
  requireScores(1)
  if (name === 'binary')
    return { task: { kind: 'classes', count: 2 }, factor: parameter('sigmoid', 1) }
  if (name === 'cross_entropy') return { task: { kind: 'classes', count: 2 }, factor: 1 }
  const numbers = numberTask(name, parameter)
  if (numbers !== undefined && !parameters.has('sqrt')) return { task: numbers, factor: 1 }
  throw model.refuse(
    'objective',
    'one whose predictions are scores, their exponentials or probabilities of classes',
    text,
    'Its predictions have no counterpart here.',
  )
}

function numberTask(
  name: string,
  parameter: (key: string, standard: number) => number,
): BoostedTask | undefined {
  const kind = 'numbers'
  if (name === 'tweedie') {
    // LightGBM takes powers from 1 to 2; predictions don't depend on it.
    const power = Math.min(Math.max(parameter('tweedie_variance_power', 1.5), 1.001), 1.999)
    return { kind, loss: 'tweedie', parameter: power, map: 'exp' }
  }
  if (name === 'poisson' || name === 'gamma') return { kind, loss: name, parameter: 0, map: 'exp' }
  if (name === 'quantile') {
    const quantile = Math.min(parameter('alpha', 0.5), 1 - 1e-9)
    return { kind, loss: 'quantile', parameter: quantile, map: 'score' }
  }
  if (name === 'regression_l1') return { kind, loss: 'absolute', parameter: 0, map: 'score' }
  if (name === 'huber')
    return { kind, loss: 'huber', parameter: parameter('alpha', 0.9), map: 'score' }
  return scoreObjectives.includes(name)
    ? { kind, loss: 'squared', parameter: 0, map: 'score' }
    : undefined
}

/** Objectives that predict the score itself. */
const scoreObjectives = [
  'regression',
  'regression_l2',
  'fair',
  'mape',
  'lambdarank',
  'rank_xendcg',
  'custom',
  'none',
]
