/** The options of a super learner, checked and completed. */

import type { RowSelection } from '../../../arrays/index.ts'
import { requireChoice } from '../../../options.ts'
import { show } from '../../../errors.ts'
import type { OptionNames } from '../../../options.ts'
import type { Parallel } from '../../../parallel/index.ts'
import { requireLearnOptions } from '../../contract/foreign-options.ts'
import { requireParallel } from '../calls/require-parallel.ts'
import type { WeightInput } from '../../inputs/feature-input.ts'
import { requireSplitter, type RowLabels, type Splitter } from '../../contract/splitter.ts'
import { requireWatch } from '../calls/watched-fit.ts'
import type { EnsembleTask } from '../../outputs/ensemble-task.ts'
import type { AnyScorer, Scorer } from '../../scores/scorer.ts'
import { requireScorer, type ScorerName } from '../../scores/scorer-names.ts'
import type { AddOptions } from '../members/ensemble-member.ts'
import type { EnsembleProgress } from '../calls/ensemble-progress.ts'
import { requirePlan } from '../plan/check-plan.ts'
import type { EnsemblePlan, LayerOptions } from '../plan/layer-spec.ts'

/** Options of {@link SuperLearner}. */
export interface SuperLearnerOptions {
  /**
   * Number of folds, shuffled by `seed` and stratified by class in a classification; with `groups` of `fit`, the rows of a group are in one fold. Or
   * a splitter, such as contiguous folds, `new KFold({ folds: 5 })`, or one of your own; default: 5.
   */
  readonly folds?: number | Splitter
  /**
   * The measure in the score table: a name or a scorer; default: `'rmse'`, or `'accuracy'` in a classification. There, a scorer of your
   * own gets labels and what it `needs`.
   */
  readonly scorer?: ScorerName | AnyScorer
  /**
   * Whether `y` holds numbers or labels of classes. Default, `'auto'`: a classification when the meta learner is a classifier, or, without
   * one, when all learners are.
   */
  readonly task?: 'auto' | EnsembleTask
  /** Seed of the folds' shuffle, a whole number in [0, 2^32); default: 0. */
  readonly seed?: number
  /**
   * Run the fit on these workers; the caller closes them. On 100,000 rows and more, at most as many learners are fitted at once as there are
   * cores, since each takes memory. Default: none; the fit runs in this thread and in native threads on all cores.
   */
  readonly parallel?: Parallel | undefined
  /** `'skip'` leaves out a learner that fails, and reports it in the scores; default: `'stop'`. */
  readonly onError?: 'stop' | 'skip'
  /** What `add`, `addLayer` and `addMeta` put together, for copies: the `plan` of another ensemble. It is kept, not copied. Default: nothing. */
  readonly plan?: EnsemblePlan
}

/** Options of {@link SuperLearner.fit}. */
export interface EnsembleFitOptions {
  /**
   * Rows of `X` and `y` to learn from, each once: row numbers, a mask, or ranges. Splitters see their positions in this order, so that the
   * result is that of a copy of these rows, and no other row is read. None is copied, unless a splitter reads values, as `ClusteredSubsets`
   * does, of rows that don't follow each other. Default: all.
   */
  readonly rows?: RowSelection
  /**
   * Weights of rows, shape (n), in every fit and in the scores; or a column of numbers of the table, by its name or itself, which
   * is then not learned from. Default: 1.
   */
  readonly weights?: WeightInput
  /**
   * The group of each row, shape (n), for a number of folds, and for splitters that need it, such as {@link GroupKFold}: numbers, a list of texts or of true and false,
   * or a column; with a table also the name of one of its columns, which is then not learned from. Default: none.
   */
  readonly groups?: RowLabels | string
  /**
   * Whether learners are fitted again that have been fitted on these data; default: true. With `false`, a learner is kept when nothing that
   * it has learned from has changed: its options and steps, the folds and rows, and the layers before. Others are fitted, and meta
   * learners when a column has changed. The result is that of fitting everything.
   */
  readonly refit?: boolean
  /**
   * Folds to score the whole ensemble on: it is fitted once more on the training rows of each, and `scores.nested` is its score on the rows
   * that the fold holds out. A number is shuffled by `seed`; for classes the folds have the same shares of each class, and with `groups` the rows of a
   * group are in one fold. Or a splitter. Default: none.
   */
  readonly nestedFolds?: number | Splitter
  /**
   * Aborts the fit; the ensemble keeps its earlier state. In-process work finishes its current step, unless it takes more than a quarter of a
   * second, as a `fit` of your own that never settles does: then it is left to itself. Work on workers is killed.
   */
  readonly signal?: AbortSignal
  /** Called after each part of the work, such as a learner's fit on one fold; not waited for. What it throws ends the fit. */
  readonly onProgress?: (progress: EnsembleProgress) => void
}

/** Options with nothing left open. */
export type SettledOptions = Required<Omit<SuperLearnerOptions, 'parallel' | 'scorer'>> &
  Pick<SuperLearnerOptions, 'parallel'> & {
    /** Undefined: that of the task. */
    readonly scorer: SuperLearnerOptions['scorer'] | undefined
  }

/** Options of which some are not given. */
type GivenOptions = {
  readonly [Name in keyof SuperLearnerOptions]?: SuperLearnerOptions[Name] | undefined
}

/**
 * Checks values of options and completes them.
 *
 * @throws TypeError or OneCopyError `ERR_OPTION`
 */
export function settleOptions(options: GivenOptions): SettledOptions {
  const { folds = 5, scorer, seed = 0, task = 'auto', onError = 'stop', parallel } = options
  const { plan = { layers: [], metas: {} } } = options
  requirePlan(plan)
  if (typeof folds !== 'number') requireSplitter(folds)
  if (scorer !== undefined) requireScorer(scorer)
  requireChoice('`task`', task, ['auto', 'regression', 'classification'])
  requireChoice('`onError`', onError, ['stop', 'skip'])
  if (parallel !== undefined) requireParallel(parallel)
  return { folds, scorer, seed, task, onError, parallel, plan }
}

/** Refuses unknown options of the constructor. */
export function requireNames(options: SuperLearnerOptions): void {
  requireLearnOptions('SuperLearner', options, names, instead)
}

/**
 * The scorer of an ensemble.
 *
 * @throws OneCopyError `ERR_OPTION` for one of numbers in a classification, or of classes in a regression
 */
export function settleScorer(scorer: SuperLearnerOptions['scorer'], task: EnsembleTask): Scorer {
  return requireScorer(scorer ?? (task === 'classification' ? 'accuracy' : 'rmse'), { task })
}

/** Refuses unknown options of `add` and wrong values. */
export function requireAddOptions(owner: object, options: AddOptions): void {
  requireLearnOptions(`${nameOf(owner)}.add`, options, addNames, addInstead)
  requireProba(options)
}

/** Refuses unknown options of `addLayer` and wrong values; those of its own are checked where the layer is made. */
export function requireLayerOptions(owner: object, options: LayerOptions): void {
  requireLearnOptions(`${nameOf(owner)}.addLayer`, options, layerNames, layerInstead)
  requireProba(options)
}

function requireProba(options: AddOptions): void {
  const { proba } = options as { readonly proba?: unknown }
  if (proba !== undefined && typeof proba !== 'boolean')
    throw new TypeError(`Expected \`proba\` to be true or false, got ${show(proba)}.`)
}

/** Refuses unknown options of `fit`, and wrong values. */
export function requireEnsembleFitOptions(owner: object, options: EnsembleFitOptions): void {
  requireLearnOptions(`${nameOf(owner)}.fit`, options, fitNames, fitInstead)
  const { refit, nestedFolds } = options
  if (refit !== undefined && typeof refit !== 'boolean')
    throw new TypeError(`Expected \`refit\` to be true or false, got ${show(refit)}.`)
  if (nestedFolds !== undefined && typeof nestedFolds !== 'number') requireSplitter(nestedFolds)
  requireWatch(options)
}

function nameOf({ constructor }: object): string {
  return constructor.name
}

const addNames: OptionNames<AddOptions> = { preprocess: true, proba: true }

const layerNames: OptionNames<LayerOptions> = { ...addNames, propagateFeatures: true, folds: true }

const names: OptionNames<SuperLearnerOptions> = {
  folds: true,
  scorer: true,
  task: true,
  seed: true,
  parallel: true,
  onError: true,
  plan: true,
}

/** What to do in place of options of scikit-learn's StackingRegressor and of ML-Ensemble. */
const instead = {
  n_jobs: 'pass `parallel: new Parallel({ workers: 4 })` to run on workers',
  workers: 'pass `parallel: new Parallel({ workers: 4 })` to run on workers',
  backend: "pass `parallel: new Parallel({ backend: 'processes' })` to run on workers",
  estimators: 'pass the learners to `add()`',
  learners: 'pass the learners to `add()`',
  layers: 'pass the learners to `add()`',
  final_estimator: 'pass the learner that combines the others to `addMeta()`',
  meta: 'pass the learner that combines the others to `addMeta()`',
  meta_learner: 'pass the learner that combines the others to `addMeta()`',
  shuffle: 'pass `folds: new KFold({ folds: 5, shuffle: false })` for contiguous folds',
  verbose: 'pass `onProgress` to `fit()`',
  array_check: 'arrays are always checked',
  stack_method: 'pass `proba: false` to `add()` to stack labels',
  classifier: "pass `task: 'classification'`",
}

const addInstead = {
  stack_method: 'pass `proba: false` to stack labels',
  meta: 'pass the learner that combines the others to `addMeta()`',
  folds: 'pass it to `addLayer()`, or for all layers to `new SuperLearner()`',
  cv: 'pass `folds` to `addLayer()`, or for all layers to `new SuperLearner()`',
  propagateFeatures: 'pass it to `addLayer()`',
  propagate_features: 'pass `propagateFeatures` to `addLayer()`',
}

const layerInstead = {
  stack_method: addInstead.stack_method,
  meta: addInstead.meta,
  cv: 'onecopy calls it `folds`',
  propagate_features: 'onecopy calls it `propagateFeatures`',
}

const fitInstead = {
  warm_start: 'pass `refit: false` to keep learners that have been fitted',
  nested: 'onecopy calls it `nestedFolds`',
  verbose: 'pass `onProgress`',
}

const fitNames: OptionNames<EnsembleFitOptions> = {
  rows: true,
  weights: true,
  groups: true,
  refit: true,
  nestedFolds: true,
  signal: true,
  onProgress: true,
}
