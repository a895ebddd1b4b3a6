/** Options of an automatic ensemble, checked and completed. */

import type { RowSelection } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import { byteCount, milliseconds, type OptionNames, requireChoice } from '../../options.ts'
import type { Parallel } from '../../parallel/index.ts'
import { requireNumber } from '../contract/base-estimator.ts'
import { requireParallel } from '../ensembles/calls/require-parallel.ts'
import { requireSplitter, type RowLabels, type Splitter } from '../contract/splitter.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { isEstimator } from '../contract/estimator.ts'
import { requireWatch } from '../ensembles/calls/watched-fit.ts'
import type { AnyLearner } from '../ensembles/members/ensemble-member.ts'
import type { WeightInput } from '../inputs/feature-input.ts'
import type { EnsembleTask } from '../outputs/ensemble-task.ts'
import type { AnyScorer } from '../scores/scorer.ts'
import { requireScorer, type ScorerName } from '../scores/scorer-names.ts'
import type { AutoProgress } from './auto-progress.ts'

/** How much an {@link AutoEnsemble} tries. */
export type AutoPreset = 'quick' | 'good' | 'best'

/** Kinds of learners that an {@link AutoEnsemble} tries. */
export type AutoLearner =
  'linear' | 'neighbors' | 'randomForest' | 'extraTrees' | 'boosting' | 'network'

/** Options of {@link AutoEnsemble}. */
export interface AutoEnsembleOptions {
  /**
   * `'quick'` fits few learners on few folds, for a first answer; `'good'` more of them; `'best'` all, on more folds. From 20,000 rows on, with
   * `'best'` from 2,000, a second layer learns from predictions of the first one. Default: `'good'`.
   */
  readonly preset?: AutoPreset
  /** Milliseconds that `fit` may take, or Infinity; default: Infinity. The first learner is never stopped; one of trees ends with fewer of them. */
  readonly timeLimitMs?: number
  /**
   * Bytes that the process may hold during `fit`, or Infinity: its private memory and shared arrays, without files that it has mapped. Default: Infinity.
   */
  readonly memoryLimit?: number
  /** Whether `y` holds numbers or labels of classes; default: `'auto'`, classes for texts and for true and false, else numbers. */
  readonly task?: 'auto' | EnsembleTask
  /** What is made best: a scorer or its name. Default: null, which is `'rmse'` for numbers and `'logLoss'` for classes. */
  readonly scorer?: ScorerName | AnyScorer | null
  /**
   * What is tried: kinds of learners in a list, or learners of your own by name. Those that take categories or missing values get the
   * columns as they are; others get numbers only. Default: null, all kinds of the preset.
   */
  readonly learners?: readonly AutoLearner[] | Readonly<Record<string, AnyLearner>> | null
  /** Number of folds, or a splitter; default: null, as the preset and the number of rows demand. */
  readonly folds?: number | Splitter | null
  /** Seed of folds and learners, a whole number in [0, 2^32); default: 0. */
  readonly seed?: number
  /**
   * Fit on these workers; the caller closes them. A fit whose worker is lost runs again, up to twice; then its learner is left out. Default: null;
   * fits run in this thread and in native threads on all cores.
   */
  readonly parallel?: Parallel | null
}

/** Options of {@link AutoEnsemble.fit}. */
export interface AutoFitOptions {
  /**
   * Rows of `X` and `y` to learn from, each once: row numbers, a mask, or ranges. They are split by their positions in this order, so that the
   * result is that of a copy of these rows; no other row is read, and `X` is not copied. Default: all.
   */
  readonly rows?: RowSelection
  /** Weights of rows, shape (n), in every fit and in the scores; or a column of the table, by its name or itself. Default: 1. */
  readonly weights?: WeightInput
  /**
   * The group of each row, shape (n), whose rows are in one fold: numbers or a list of texts; or a column of the table, which is then not learned from.
   * Default: none.
   */
  readonly groups?: RowLabels | string
  /** Aborts the fit, which then rejects with the signal's reason; the ensemble keeps what it has learned before. */
  readonly signal?: AbortSignal
  /** Called after each part of the work; not waited for. What it throws ends the fit. */
  readonly onProgress?: (progress: AutoProgress) => void
}

/** Options with nothing left open. */
export interface SettledAuto {
  readonly preset: AutoPreset
  readonly timeLimitMs: number
  readonly memoryLimit: number
  readonly task: 'auto' | EnsembleTask
  readonly scorer: ScorerName | AnyScorer | null
  readonly learners: AutoEnsembleOptions['learners'] & (object | null)
  readonly folds: number | Splitter | null
  readonly seed: number
  readonly parallel: Parallel | undefined
}

const kinds: readonly AutoLearner[] = [
  'linear',
  'neighbors',
  'randomForest',
  'extraTrees',
  'boosting',
  'network',
]

/**
 * Checks options and completes them.
 *
 * @param given - the ensemble: errors name its class
 *
 * @throws TypeError or OneCopyError `ERR_OPTION`
 */
export function settleAuto(given: Required<AutoEnsembleOptions>): SettledAuto {
  const { preset, timeLimitMs, memoryLimit, task, scorer, learners, folds, seed, parallel } = given
  requireChoice('`preset`', preset, ['quick', 'good', 'best'])
  milliseconds(1)('timeLimitMs', timeLimitMs)
  byteCount(1)('memoryLimit', memoryLimit)
  requireChoice('`task`', task, ['auto', 'regression', 'classification'])
  if (scorer !== null) requireScorer(scorer)
  if (learners !== null) requireLearners(learners)
  if (typeof folds === 'number')
    requireNumber(given as { folds: number }, 'folds', { min: 2, integer: true })
  else if (folds !== null) requireSplitter(folds)
  requireNumber(given, 'seed', { min: 0, max: 2 ** 32 - 1, integer: true })
  if (parallel !== null) requireParallel(parallel)
  const limits = { timeLimitMs, memoryLimit }
  return { preset, ...limits, task, scorer, learners, folds, seed, parallel: parallel ?? undefined }
}

function requireLearners(learners: unknown): void {
  const isRecord = typeof learners === 'object' && learners !== null && !isEstimator(learners)
  const values: readonly unknown[] = isRecord ? Object.values(learners) : []
  if (isRecord && values.length === 0)
    throw new OneCopyError('ERR_OPTION', 'Expected at least one of `learners`, got none.')
  if (Array.isArray(learners)) {
    for (const one of learners) requireChoice('each of `learners`', one, kinds)
    return
  }
  const wrong = values.find((one) => !isEstimator(one))
  if (isRecord && wrong === undefined) return
  throw new TypeError(
    "Expected `learners` to be a list of kinds, such as ['linear', 'boosting'], or learners by name, such as { ridge: new Ridge() }, " +
      `got ${show(isRecord ? wrong : learners)}.`,
  )
}

/** Refuses unknown options of the constructor. */
export function requireAutoNames(options: AutoEnsembleOptions): void {
  requireLearnOptions('AutoEnsemble', options, names, instead)
}

/** Refuses unknown options of `fit`, and a signal that is none. */
export function requireAutoFitOptions(options: AutoFitOptions): void {
  requireLearnOptions('AutoEnsemble.fit', options, fitNames, fitInstead)
  requireWatch(options)
}

const names: OptionNames<AutoEnsembleOptions> = {
  preset: true,
  timeLimitMs: true,
  memoryLimit: true,
  task: true,
  scorer: true,
  learners: true,
  folds: true,
  seed: true,
  parallel: true,
}

/** What to do in place of options of AutoGluon, auto-sklearn and scikit-learn. */
const instead = {
  time_limit: 'pass milliseconds as `timeLimitMs`: 30 seconds are timeLimitMs: 30e3',
  timeout: 'pass milliseconds as `timeLimitMs`: 30 seconds are timeLimitMs: 30e3',
  timeoutMs: 'onecopy calls it `timeLimitMs`',
  time_left_for_this_task: 'pass milliseconds as `timeLimitMs`: 30 seconds are timeLimitMs: 30e3',
  memoryLimitBytes: 'onecopy calls it `memoryLimit`',
  maxMemory: 'onecopy calls it `memoryLimit`',
  presets: 'onecopy calls it `preset`',
  eval_metric: 'onecopy calls it `scorer`',
  problem_type: 'onecopy calls it `task`',
  hyperparameters: 'pass learners by name as `learners`',
  estimators: 'pass learners by name as `learners`',
  num_bag_folds: 'onecopy calls it `folds`',
  workers: 'pass `parallel: new Parallel({ workers: 4 })` to run on workers',
  n_jobs: 'pass `parallel: new Parallel({ workers: 4 })` to run on workers',
  weights: 'pass it to `fit()`',
  groups: 'pass it to `fit()`',
  signal: 'pass it to `fit()`',
  onProgress: 'pass it to `fit()`',
  verbose: 'pass `onProgress` to `fit()`',
}

const fitNames: OptionNames<AutoFitOptions> = {
  rows: true,
  weights: true,
  groups: true,
  signal: true,
  onProgress: true,
}

const fitInstead = {
  timeLimitMs: 'pass it to `new AutoEnsemble()`',
  timeLimit: 'pass `timeLimitMs` to `new AutoEnsemble()`',
  preset: 'pass it to `new AutoEnsemble()`',
  verbose: 'pass `onProgress`',
}
