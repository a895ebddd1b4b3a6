/** Gradient boosting of scikit-learn as ours. */

import type { RegressionLoss, SplitTree } from '../../learn/internal.ts'
import { type BoostedTask, makeBoosted } from '../boosted/boosted-model.ts'
import type { Converter, FittedObject } from './converter.ts'
import { ObjectFields } from './object-fields.ts'
import { showSkops, SkopsObject } from './skops-values.ts'
import { readSplitTree } from './split-nodes.ts'
import { treeFields } from './tree-objects.ts'

/** What makes our boosted models of objects of these classes. */
export const boostedConverters: Readonly<Record<string, Converter>> = {
  'ensemble.GradientBoostingRegressor': gradientRegressor,
  'ensemble.GradientBoostingClassifier': gradientClassifier,
}

/** What is the same for all of them. */
export interface Boosted {
  readonly task: BoostedTask
  readonly trees: readonly SplitTree[]
  readonly baselines: readonly number[]
  readonly classes?: readonly (number | string | boolean)[]
}

/** Makes a boosted model. */
export function boosted(
  fields: ObjectFields,
  { task, trees, baselines, classes }: Boosted,
): FittedObject {
  const columns = fields.count('n_features_in_', 1)
  const rounds = trees.length / baselines.length
  const parts = { path: fields.path, task, trees, baselines, rounds, names: undefined }
  const gains = new Float64Array(columns)
  const model = makeBoosted({ ...parts, gains }, classes === undefined ? {} : { classes })
  return { model, columns, fields }
}

/** Losses of `GradientBoostingRegressor` and those that predictions don't depend on. */
const gradientLosses: Readonly<Record<string, RegressionLoss>> = {
  squared_error: 'squared',
  absolute_error: 'absolute',
  huber: 'huber',
  quantile: 'quantile',
}

function gradientRegressor(fields: ObjectFields): FittedObject {
  const loss = gradientLosses[fields.oneOf('loss', Object.keys(gradientLosses))]!
  const alpha = fields.numberOr('alpha', 0.9)
  const parameter = loss === 'quantile' ? alpha : loss === 'huber' ? 1 : 0
  return boosted(fields, {
    task: { kind: 'numbers', loss, parameter, map: 'score' },
    trees: stageTrees(fields, 1, fields.number('learning_rate')),
    baselines: startOf(fields, 'DummyRegressor', 1, (init) => [...init.floats('constant_').values]),
  })
}

function gradientClassifier(fields: ObjectFields): FittedObject {
  const classes = [...fields.labels('classes_')]
  const count = classes.length
  const loss = fields.oneOf('loss', ['log_loss', 'deviance', 'exponential'])
  // The exponential loss takes scores for half of log odds.
  const factor = loss === 'exponential' ? 2 : 1
  const scores = count === 2 ? 1 : count
  const clip = (share: number): number => Math.min(Math.max(share, 2 ** -23), 1 - 2 ** -23)
  const baselines = startOf(fields, 'DummyClassifier', scores, (init) => {
    const shares = Array.from(init.vector('class_prior_', count), clip)
    if (count > 2) return shares.map(Math.log)
    const half = Math.log(shares[1]! / (1 - shares[1]!))
    return [factor === 2 ? 2 * (0.5 * half) : half]
  })
  const rate = fields.number('learning_rate')
  return boosted(fields, {
    task: { kind: 'classes', count },
    trees: stageTrees(fields, scores, rate).map((tree) =>
      factor === 1 ? tree : { ...tree, leaves: Array.from(tree.leaves, (leaf) => factor * leaf) },
    ),
    baselines,
    classes,
  })
}

/** Scores before the first tree. */
function startOf(
  fields: ObjectFields,
  known: string,
  scores: number,
  read: (init: ObjectFields) => number[],
): number[] {
  const init = fields.value('init_')
  if (init === 'zero') return Array<number>(scores).fill(0)
  if (!(init instanceof SkopsObject) || init.className !== `sklearn.dummy.${known}`) {
    const expected = `a ${known}, as without the option \`init\``
    throw fields.refuse(
      'init_',
      expected,
      showSkops(init),
      ' Other models have no counterpart here.',
    )
  }
  const start = read(new ObjectFields(init, fields.path, fields.placeOf('init_')))
  if (start.length === scores) return start
  throw fields.refuse('init_', `${scores} numbers to start at`, `${start.length}`)
}

/** Trees of all stages, those of a stage together. */
function stageTrees(fields: ObjectFields, scores: number, rate: number): SplitTree[] {
  const columns = fields.count('n_features_in_', 1)
  const list = fields.list('estimators_')
  if (list.length === 0 || list.length % scores !== 0)
    throw fields.refuse('estimators_', `${scores} trees for each stage`, `${list.length} in all`)
  return list.map((one, i) => {
    const place = `estimators_[${Math.floor(i / scores)}][${i % scores}]`
    const tree = treeFields(fields, one, place)
    const { splits, left, right, leafNodes, valueOf, width } = readSplitTree(tree, columns)
    if (width !== 1) throw tree.refuse('tree_', 'a tree of numbers', 'one of classes')
    return { splits, left, right, leaves: leafNodes.map((node) => rate * valueOf(node, 0)) }
  })
}
