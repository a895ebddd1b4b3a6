/** Histogram-based boosting of scikit-learn as ours. */

import type { SplitTree } from '../../learn/internal.ts'
import type { BoostedTask } from '../boosted/boosted-model.ts'
import { boosted, type Boosted } from './boosted-objects.ts'
import type { Converter, FittedObject } from './converter.ts'
import { ObjectFields } from './object-fields.ts'
import { showSkops, SkopsObject, type SkopsValue } from './skops-values.ts'
import { columnsOf, treeOfNodes } from './split-nodes.ts'

/** What makes our boosted models of objects of these classes. */
export const histConverters: Readonly<Record<string, Converter>> = {
  'ensemble.HistGradientBoostingRegressor': histRegressor,
  'ensemble.HistGradientBoostingClassifier': histClassifier,
}

/** Losses of histogram-based boosting. */
const histLosses: Readonly<Record<string, BoostedTask & { kind: 'numbers' }>> = {
  squared_error: { kind: 'numbers', loss: 'squared', parameter: 0, map: 'score' },
  least_squares: { kind: 'numbers', loss: 'squared', parameter: 0, map: 'score' },
  absolute_error: { kind: 'numbers', loss: 'absolute', parameter: 0, map: 'score' },
  quantile: { kind: 'numbers', loss: 'quantile', parameter: 0.5, map: 'score' },
  poisson: { kind: 'numbers', loss: 'poisson', parameter: 0, map: 'exp' },
  gamma: { kind: 'numbers', loss: 'gamma', parameter: 0, map: 'exp' },
}

function histRegressor(fields: ObjectFields): FittedObject {
  const name = fields.oneOf('loss', Object.keys(histLosses))
  const standard = histLosses[name]!
  const parameter = name === 'quantile' ? fields.numberOr('quantile', 0.5) : standard.parameter
  return boosted(fields, { task: { ...standard, parameter }, ...histTrees(fields, 1) })
}

function histClassifier(fields: ObjectFields): FittedObject {
  const classes = [...fields.labels('classes_')]
  const count = classes.length
  fields.require('loss', (one) => one !== 'categorical_crossentropy' || count > 2, "'log_loss'")
  const trees = histTrees(fields, count === 2 ? 1 : count)
  return boosted(fields, { task: { kind: 'classes', count }, ...trees, classes })
}

function histTrees(fields: ObjectFields, scores: number): Pick<Boosted, 'trees' | 'baselines'> {
  if (fields.has('_preprocessor'))
    throw fields.refuse(
      '_preprocessor',
      'None',
      'another',
      ' Columns with categories have no counterpart here.',
    )
  const baselines = [...fields.floats('_baseline_prediction').values]
  if (baselines.length !== scores)
    throw fields.refuse('_baseline_prediction', `${scores} numbers`, `${baselines.length}`)
  const columns = fields.count('n_features_in_', 1)
  const rounds = fields.list('_predictors')
  const trees = rounds.flatMap((round, i) => {
    if (!Array.isArray(round) || round.length !== scores)
      throw fields.refuse(`_predictors[${i}]`, `${scores} trees`, 'others')
    return (round as readonly SkopsValue[]).map((one, k) =>
      histTree(fields, one, `_predictors[${i}][${k}]`, columns),
    )
  })
  if (trees.length === 0) throw fields.refuse('_predictors', 'at least one tree', 'none')
  return { trees, baselines }
}

function histTree(
  fields: ObjectFields,
  value: SkopsValue,
  name: string,
  columns: number,
): SplitTree {
  if (!(value instanceof SkopsObject) || !value.className.endsWith('.predictor.TreePredictor'))
    throw fields.refuse(name, 'a TreePredictor', showSkops(value))
  const own = new ObjectFields(value, fields.path, fields.placeOf(name))
  const nodes = own.records('nodes')
  const column = columnsOf(own, nodes)
  const [isLeaf, categorical] = [column('is_leaf'), column('is_categorical')]
  const [values, thresholds] = [column('value'), column('num_threshold')]
  const [features, missing] = [column('feature_idx'), column('missing_go_to_left')]
  const stored = { length: nodes.length, columns, lefts: column('left'), rights: column('right') }
  const { leafNodes, ...tree } = treeOfNodes(own, stored, {
    isLeaf: (node) => isLeaf[node] === 1,
    splitAt: (node) => {
      const threshold = thresholds[node]!
      if (categorical[node] === 1)
        throw own.refuse('nodes', 'splits of numbers', `one of categories at node ${node}`)
      if (Number.isNaN(threshold) || threshold === -Infinity)
        throw own.refuse('nodes', 'thresholds that are numbers', `${threshold} at node ${node}`)
      // An infinite threshold divides missing values from all others.
      const bounds = threshold === Infinity ? [] : [threshold]
      return { column: features[node]!, bounds, firstLeft: true, missingLeft: missing[node] === 1 }
    },
  })
  return { ...tree, leaves: leafNodes.map((node) => values[node]!) }
}
