/** How much worse a model predicts when a column is shuffled. */

import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { array, type NDArray, type Rows, type RowSelection } from '../../arrays/index.ts'
import { requireMatrix, requireRows } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import { requireNumber } from '../contract/base-estimator.ts'
import { hasPrediction } from '../contract/classifier.ts'
import { targetOf, weightsOf } from '../features/column-inputs.ts'
import { openInputs } from '../features/open-inputs.ts'
import { withMatrix } from '../features/predict-features.ts'
import { type ArrayInput, toArray } from '../inputs/as-array.ts'
import type { FeatureSource, TargetSource } from '../inputs/data-source.ts'
import type { WeightInput } from '../inputs/feature-input.ts'
import type { LabelInput } from '../inputs/labels.ts'
import { isTexts } from '../inputs/targets.ts'
import { requireWeights } from '../inputs/weights.ts'
import { accuracy } from '../scores/labels/accuracy.ts'
import { r2 } from '../scores/numbers/squared-errors.ts'
import { requireScore } from '../scores/require-score.ts'
import type { ClassList } from '../scores/score-options.ts'
import type { AnyScorer, Scorer } from '../scores/scorer.ts'
import { methodForScorer } from '../scores/scorer-method.ts'
import { requireScorer, type ScorerName } from '../scores/scorer-names.ts'
import {
  type ChangedRows,
  type FittedModel,
  predictChanged,
  takeColumn,
} from './predict-changed.ts'

/** Options of {@link permutationImportance}. */
export interface PermutationOptions {
  /** Rows to predict: row numbers, a mask, or ranges; best those that the model has not learned from. Default: all. */
  readonly rows?: RowSelection
  /** Weights of rows, shape (n), also for rows left out; or a column of numbers of the table. Default: 1. */
  readonly weights?: WeightInput
  /** Name of a metric, or a scorer; default: `'accuracy'` for classifiers, else `'r2'`. */
  readonly scorer?: ScorerName | AnyScorer
  /**
   * Columns that are shuffled together, by their numbers: such as those that one column of texts became. A column that is in no list is never
   * shuffled. Default: each column alone.
   */
  readonly together?: readonly (readonly number[])[]
  /** How often each column is shuffled; default: 5. */
  readonly repeats?: number
  /** Seed of the shuffles, a whole number in [0, 2^32); default: 0. */
  readonly seed?: number
}

/** What {@link permutationImportance} found. */
export interface PermutationImportance {
  /** Score of the model on the rows as they are. */
  readonly score: number
  /** How much worse the score is with each column shuffled, shape (d, repeats); with `together` a row for each of its lists. */
  readonly importances: NDArray<'float64'>
  /** Their means over repeats: one for each row of `importances`. */
  readonly means: Float64Array
  /** Their standard deviations over repeats. */
  readonly deviations: Float64Array
}

/**
 * Measures what a fitted model owes to each column: how much worse it scores when the values of this column are shuffled among
 * the rows. Works for every estimator. Columns that say the same as others look less important than they are.
 *
 * `X` is read in place, in blocks of a few megabytes; `d * repeats + 1` predictions of all rows are made.
 *
 * @param model - fitted, of one target
 * @param X - values, shape (n, d); or a table with the columns of the model, which becomes one matrix; or a path, as for `crossValidate`
 * @param y - target, shape (n) or (n, 1), or a column of the table; for a classifier a list of texts, too, of which a scorer gets lists
 * @throws OneCopyError `ERR_OPTION`, `ERR_ROWS`, `ERR_SHAPE`; `ERR_VALUE` when `y` and the predictions are labels of different
 *   types
 *
 * @example
 * ```ts
 * const { means } = await permutationImportance(model, X, y, { rows: fold.test })
 * ```
 *
 * @see scikit-learn's `sklearn.inspection.permutation_importance`; Breiman, Random forests, 2001
 */
export async function permutationImportance(
  model: FittedModel,
  X: FeatureSource,
  y: TargetSource,
  options: PermutationOptions = {},
): Promise<PermutationImportance> {
  requireKnown('permutationImportance', options, names)
  const { rows } = options
  return openInputs('permutationImportance', { X, y, options }, (X, y) => {
    const truth = targetOf(X, y, rows === undefined ? {} : { rows })
    const { weights: given, ...others } = options
    const weights = given === undefined ? {} : { weights: weightsOf(X, given) }
    return withMatrix(model, X, (matrix) =>
      measure(model, matrix, truth, { ...others, ...weights }),
    )
  })
}

async function measure(
  model: FittedModel,
  matrix: NDArray,
  y: LabelInput | undefined,
  options: Omit<PermutationOptions, 'weights'> & { readonly weights?: ArrayInput },
): Promise<PermutationImportance> {
  const { target, codeOf, textsOf } = readTruth(y, model)
  const [n, d] = requireMatrix(matrix, '`X`')
  const checked = new CheckedNumbers(options)
  const repeats = requireNumber(checked, 'repeats', { min: 1, integer: true })
  const seed = requireNumber(checked, 'seed', { min: 0, max: 2 ** 32 - 1, integer: true })
  const groups = requireTogether(options.together, d)
  const rows = requireRows(options.rows, n)
  const truth = takeColumn(requireTarget(target, n), rows)
  if (truth.length === 0) throw noRows()
  const scorer = scorerOf(options.scorer, model)
  const method = methodForScorer(model, scorer)
  const { weights } = options
  const weighed = weights === undefined ? {} : { weights: takeWeights(weights, rows, n) }
  // A scorer of texts gets lists of them.
  const asScored = (numbers: Float64Array): NDArray =>
    textsOf === undefined ? array(numbers) : (textsOf(numbers) as unknown as NDArray)
  const truths = asScored(truth)
  const classes = classesOf(model, textsOf !== undefined)
  const scoreOf = async (changes: ChangedRows['changes']): Promise<number> => {
    const changed = { X: matrix, rows, changes }
    if (method !== 'predict') {
      const { data, width } = await predictChanged(model, changed, { method })
      const scores = array(data, { shape: [data.length / width, width] })
      return requireScore(scorer, scorer(truths, scores, { ...weighed, classes }), 'these rows')
    }
    const { data } = await predictChanged(model, changed, codeOf ? { codeOf } : {})
    return requireScore(scorer, scorer(truths, asScored(data), weighed), 'these rows')
  }
  const score = await scoreOf([])
  const importances = new Float64Array(groups.length * repeats)
  const sign = scorer.greaterIsBetter ? 1 : -1
  for (const [j, columns] of groups.entries()) {
    const own = columns.map((column) => takeColumn(matrix.column(column), rows))
    for (let k = 0; k < repeats; k++) {
      const order = shuffledOrder(truth.length, seed, j * repeats + k)
      const changes = columns.map((column, c) => {
        const values = own[c]!
        return { column, values: Float64Array.from(order, (row) => values[row]!) }
      })
      importances[j * repeats + k] = sign * (score - (await scoreOf(changes)))
    }
  }
  const means = new Float64Array(groups.length)
  const deviations = new Float64Array(groups.length)
  for (let j = 0; j < groups.length; j++) {
    const own = importances.subarray(j * repeats, (j + 1) * repeats)
    const mean = own.reduce((sum, value) => sum + value, 0) / repeats
    means[j] = mean
    deviations[j] = Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / repeats)
  }
  return {
    score,
    importances: array(importances, { shape: [groups.length, repeats] }),
    means,
    deviations,
  }
}

/** Numbers that are checked like those of estimators, so that errors read alike. */
class CheckedNumbers {
  static readonly name = 'permutationImportance'
  readonly repeats: number
  readonly seed: number

  constructor({ repeats = 5, seed = 0 }: PermutationOptions) {
    this.repeats = repeats
    this.seed = seed
  }
}

const names: OptionNames<PermutationOptions> = {
  rows: true,
  weights: true,
  scorer: true,
  together: true,
  repeats: true,
  seed: true,
}

function scorerOf(scorer: PermutationOptions['scorer'], model: FittedModel): Scorer {
  if (isClassifier(model)) return requireScorer(scorer ?? accuracy)
  return requireScorer(scorer ?? r2, { task: 'regression' })
}

/** Labels of the columns of probabilities, as `y` has them. */
function classesOf(model: FittedModel, areTexts: boolean): ClassList {
  const { classes_: classes = [] } = model as { readonly classes_?: ArrayLike<unknown> }
  return areTexts ? (classes as readonly string[]) : Float64Array.from(classes, Number)
}

/** Whether a fitted model predicts classes; a classifier of your own may not name them. */
function isClassifier(model: FittedModel): boolean {
  return 'classes_' in model ? model.classes_ !== undefined : hasPrediction(model, 'predictProba')
}

/** The target as numbers. Texts become their positions among the model's classes; others follow as they come. */
function readTruth(
  y: LabelInput | undefined,
  model: FittedModel,
): { target: NDArray; codeOf?: (label: string) => number; textsOf?: TextsOf } {
  if (!isTexts(y) || !isClassifier(model)) return { target: toArray(y, '`y`') }
  const { classes_: classes = [] } = model as { readonly classes_?: ArrayLike<unknown> }
  const codes = new Map<unknown, number>(Array.from(classes, (label, code) => [label, code]))
  const codeOf = (label: string): number => {
    if (!codes.has(label)) codes.set(label, codes.size)
    return codes.get(label)!
  }
  const target = array(Float64Array.from(y, codeOf))
  const textsOf: TextsOf = (numbers) => {
    const texts = [...codes.keys()] as string[]
    return Array.from(numbers, (code) => texts[code]!)
  }
  return { target, codeOf, textsOf }
}

/** Turns positions of texts back into these. */
type TextsOf = (numbers: Float64Array) => string[]

function requireTarget(y: NDArray, n: number): NDArray {
  const isOne = y.ndim === 1 || (y.ndim === 2 && y.shape[1] === 1)
  if (isOne && y.shape[0] === n) return y.ndim === 1 ? y : y.column(0)
  throw new OneCopyError(
    'ERR_SHAPE',
    `Expected \`y\` to have shape (${n}), one target for every row of \`X\`, got (${y.shape.join(', ')}).`,
    { details: { expected: [n], shape: [...y.shape] } },
  )
}

function takeWeights(weights: ArrayInput, rows: Rows, n: number): Float64Array {
  return takeColumn(array(requireWeights(weights, n)), rows)
}

function noRows(): OneCopyError {
  return new OneCopyError(
    'ERR_ROWS',
    'Expected at least one row with a weight above 0 to score, got none.',
  )
}

/** The numbers of rows in an order that depends on the seed and `index` only (Fisher and Yates). */
function shuffledOrder(rows: number, seed: number, index: number): Uint32Array {
  const random = xoroshiro128plus((seed ^ Math.imul(index + 1, 0x9e3779b1)) | 0)
  const order = Uint32Array.from({ length: rows }, (_, row) => row)
  for (let i = rows - 1; i > 0; i--) {
    const j = Math.floor(uniformFloat64(random) * (i + 1))
    const row = order[i]!
    order[i] = order[j]!
    order[j] = row
  }
  return order
}

/** Lists of numbers of columns. */
function requireTogether(
  together: PermutationOptions['together'],
  d: number,
): readonly (readonly number[])[] {
  if (together === undefined) return Array.from({ length: d }, (_, column) => [column])
  const isColumn = (one: unknown): boolean => Number.isInteger(one) && Number(one) >= 0
  const isList =
    Array.isArray(together) &&
    together.every((columns: unknown) => Array.isArray(columns) && columns.every(isColumn))
  if (!isList)
    throw new TypeError(
      `Expected \`together\` to hold lists of numbers of columns, such as [[0], [1, 2]], got ${show(together)}.`,
    )
  const wrong = together.flat().find((column) => column >= d)
  if (wrong === undefined) return together
  throw new OneCopyError(
    'ERR_INDEX',
    `Expected \`together\` to hold numbers of columns from 0 to ${d - 1}, got ${wrong}.`,
    { details: { column: wrong } },
  )
}
