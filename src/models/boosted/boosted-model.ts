/** Makes our boosted models of trees that other libraries have grown. */

import { OneCopyError, show } from '../../errors.ts'
import {
  GradientBoostingClassifier,
  GradientBoostingRegressor,
  type LearnedState,
  restore,
} from '../../learn/index.ts'
import { packTrees, type RegressionLoss, type SplitTree } from '../../learn/internal.ts'
import type { BoostedFileOptions } from './boosted-options.ts'

/** What scores become. */
export type BoostedTask =
  | {
      readonly kind: 'numbers'
      readonly loss: RegressionLoss
      /** Its quantile, delta or power; 0 for a loss without one. */
      readonly parameter: number
      /** How a score becomes a prediction. */
      readonly map: 'score' | 'exp'
    }
  | { readonly kind: 'classes'; readonly count: number }

/** A boosted model of another library. */
export interface BoostedParts {
  readonly path: string
  readonly task: BoostedTask
  /** Whole trees, those of a round together: tree t adds to score t modulo their number. */
  readonly trees: readonly SplitTree[]
  /** Scores before the first tree: one, or one for each of several classes. */
  readonly baselines: readonly number[]
  readonly rounds: number
  /** Names of the columns, where the file has them. */
  readonly names: readonly string[] | undefined
  /** What the splits of each column have gained, shape (d). */
  readonly gains: Float64Array
}

/** Leaves beyond are no result of training, and their sum would not be finite. */
export const mostLeaf = 1e300

/** As many columns as trees can ask for. */
export const mostColumns = 2 ** 22

/** Makes a fitted model. @throws OneCopyError `ERR_OPTION` for labels that don't fit */
export function makeBoosted(
  parts: BoostedParts,
  options: BoostedFileOptions,
): GradientBoostingRegressor | GradientBoostingClassifier {
  const { task, baselines, rounds } = parts
  const common = learnedOfTrees(parts)
  if (task.kind === 'classes') {
    const model = new GradientBoostingClassifier({ maxIter: rounds })
    return restore(model, {
      ...common,
      className_: 'GradientBoostingClassifier',
      classes_: classesOf(task.count, options),
      baselines_: Float64Array.from(baselines),
    })
  }
  if (options.classes !== undefined) {
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected no \`classes\` for ${parts.path}, which predicts numbers.`,
      { details: { name: 'classes' } },
    )
  }
  const { loss, parameter, map } = task
  const model = new GradientBoostingRegressor({
    maxIter: rounds,
    loss,
    ...(loss === 'quantile' && { quantile: parameter }),
    ...(loss === 'tweedie' && { power: parameter }),
    ...(loss === 'huber' && { delta: parameter }),
  })
  return restore(model, {
    ...common,
    className_: 'GradientBoostingRegressor',
    baseline_: baselines[0]!,
    map_: map,
    loss_: loss,
    lossParameter_: parameter,
  })
}

function learnedOfTrees({ trees, gains, names, rounds }: BoostedParts): LearnedState {
  const columns = gains.length
  const total = gains.reduce((sum, gain) => sum + gain, 0)
  return {
    ...packTrees(trees, columns),
    featureGains_: gains,
    featureImportances_: gains.map((gain) => (total > 0 ? gain / total : 0)),
    targetShape_: [],
    bestIteration_: rounds,
    validationLosses_: new Float64Array(),
    monotonicSigns_: new Int32Array(columns),
    interactions_: 'any',
    ...(names !== undefined && {
      featureNamesIn_: names,
      featureCategoriesIn_: names.map(() => null),
      copiedBytes_: 0,
    }),
  }
}

/** Labels of classes: numbers in a Float64Array, others in a list. */
function classesOf(
  count: number,
  { classes }: BoostedFileOptions,
): Float64Array | (string | boolean)[] {
  if (classes === undefined) return Float64Array.from({ length: count }, (_, k) => k)
  const kind = typeof classes[0]
  const isKnown = ['number', 'string', 'boolean'].includes(kind)
  const ascend = classes.every((label, k) => k === 0 || label > classes[k - 1]!)
  const isFinite = classes.every((label) => typeof label !== 'number' || Number.isFinite(label))
  const fits = isKnown && ascend && isFinite && classes.every((label) => typeof label === kind)
  if (!fits || classes.length !== count) {
    const found = classes.length === count ? classes.map(show).join(', ') : `${classes.length}`
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected \`classes\` to be ${count} labels of one type that ascend, got ${found}.`,
      { details: { name: 'classes', count } },
    )
  }
  return kind === 'number' ? Float64Array.from(classes as number[]) : (classes as string[])
}
