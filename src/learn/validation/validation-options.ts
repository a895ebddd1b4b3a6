/** Options that functions of this room have in common, checked and completed. */

import { type OptionNames, requireChoice } from '../../options.ts'
import type { Parallel } from '../../parallel/index.ts'
import { type Instead, requireLearnOptions } from '../contract/foreign-options.ts'
import { requireParallel } from '../ensembles/calls/require-parallel.ts'
import { requireSplitter, type RowLabels, type Splitter } from '../contract/splitter.ts'
import { requireWatch } from '../ensembles/calls/watched-fit.ts'
import type { EnsembleProgress } from '../ensembles/calls/ensemble-progress.ts'
import type { WeightInput } from '../inputs/feature-input.ts'
import type { EnsembleTask } from '../outputs/ensemble-task.ts'
import type { AnyScorer } from '../scores/scorer.ts'
import type { ScorerName } from '../scores/scorer-names.ts'

/** Which folds an estimator is fitted on, and how. */
export interface ValidationOptions {
  /**
   * Number of folds, or a splitter. A number of folds is shuffled by `seed`; for classes they have the same shares of each class, and with `groups`
   * the rows of a group are in one fold. Default: 5.
   */
  readonly folds?: number | Splitter
  /** Seed of the shuffle, a whole number in [0, 2^32); default: 0. */
  readonly seed?: number
  /** Weights of rows, shape (n), in every fit and in the scores; or a column of the table, by its name or itself. Default: 1. */
  readonly weights?: WeightInput
  /**
   * The group of each row, shape (n), for splitters that need it: numbers, or a list of texts; or a column of the table, by its name or
   * itself, which is then not learned from. Default: none.
   */
  readonly groups?: RowLabels | string
  /** Whether `y` holds numbers or labels of classes; default: `'auto'`, what the estimator learns. */
  readonly task?: 'auto' | EnsembleTask
  /** Run the fits on these workers; the caller closes them. Default: none; they run in this thread and in native threads on all cores. */
  readonly parallel?: Parallel | undefined
  /** Aborts the fits. In-process work finishes its current step; work on workers is killed. */
  readonly signal?: AbortSignal
  /** Called after each part of the work; not waited for. What it throws ends the work. */
  readonly onProgress?: (progress: EnsembleProgress) => void
}

/** How predictions are scored, and what happens when an estimator fails. */
export interface ScoredOptions extends ValidationOptions {
  /** A scorer or its name, or a list of them; default: `'rmse'`, for classes `'accuracy'`. */
  readonly scorer?: ScorerChoice | readonly ScorerChoice[]
  /** `'skip'` scores the folds on which an estimator fails as NaN and says why; default: `'stop'`. */
  readonly onError?: 'stop' | 'skip'
}

/** A scorer or its name. */
export type ScorerChoice = ScorerName | AnyScorer

/** Options with nothing left open. */
export interface SettledValidation {
  readonly folds: number | Splitter
  readonly seed: number
  readonly weights: WeightInput | undefined
  readonly groups: RowLabels | string | undefined
  readonly task: 'auto' | EnsembleTask
  readonly parallel: Parallel | undefined
  readonly signal: AbortSignal | undefined
  readonly onProgress: ((progress: EnsembleProgress) => void) | undefined
  readonly scorer: ScoredOptions['scorer']
  readonly onError: 'stop' | 'skip'
}

/** Names of the options. */
export const validationNames: OptionNames<ValidationOptions> = {
  folds: true,
  seed: true,
  weights: true,
  groups: true,
  task: true,
  parallel: true,
  signal: true,
  onProgress: true,
}

/** Names of the options of scored functions. */
export const scoredNames: OptionNames<ScoredOptions> = {
  ...validationNames,
  scorer: true,
  onError: true,
}

/**
 * Checks options and completes them.
 *
 * @param what - the function, for error texts
 * @param known - names of all its options
 * @throws TypeError or OneCopyError `ERR_OPTION`
 */
export function settleValidation<O extends ScoredOptions>(
  what: string,
  options: O,
  known: OptionNames<O>,
): SettledValidation {
  requireLearnOptions(what, options, known, instead)
  const { folds = 5, seed = 0, task = 'auto', onError = 'stop' } = options
  const { weights, groups, parallel, signal, onProgress, scorer } = options
  if (typeof folds !== 'number') requireSplitter(folds)
  requireChoice('`task`', task, ['auto', 'regression', 'classification'])
  requireChoice('`onError`', onError, ['stop', 'skip'])
  if (parallel !== undefined) requireParallel(parallel)
  requireWatch(options)
  const given = { weights, groups, parallel, signal, onProgress, scorer }
  return { folds, seed, task, onError, ...given }
}

/** What to do in place of options of scikit-learn's functions. */
const instead: Instead = {
  n_jobs: 'pass `parallel: new Parallel({ workers: 4 })` to run on workers',
  return_train_score: 'pass `returnEstimators: true` and score the training rows by them',
  fit_params: 'pass `weights`',
  params: 'pass `weights`',
  verbose: 'pass `onProgress`',
  pre_dispatch: 'parts of the work are sent as there is room',
  rows: 'pass these rows as `X` and `y`, such as X.rows(0, 100), which copies nothing',
}
