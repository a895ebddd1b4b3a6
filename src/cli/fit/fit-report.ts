/** The report of `onecopy fit`, as plain data. */

import type { ScoreRow, SuperLearner } from '../../learn/index.ts'
import type { MemoryReport } from '../../monitor/index.ts'
import type { FitRequest, FitWorkers } from './fit-request.ts'
import type { Input, InputTask } from '../input/input.ts'
import { packageVersion } from '../output/package-version.ts'
import type { TargetFacts } from './require-learnable.ts'

/** How fast one learner was on rows that it had not seen, and how it did on each fold. */
interface FoldReport {
  readonly name: string
  /** Standard deviation of the score over the folds. */
  readonly spread: number
  /** The score of each fold. */
  readonly folds: readonly number[]
  /** Mean seconds of a fold. */
  readonly fitSeconds: number
  readonly predictSeconds: number
}

/** How well and how fast one learner predicted numbers. */
export interface LearnerReport extends FoldReport {
  /** Root mean squared error in the target's unit: mean over the folds. */
  readonly rmse: number
  /** Share of the target's variance that is explained, over all rows. */
  readonly r2: number
}

/** How well and how fast one learner predicted classes. */
export interface ClassifierReport extends FoldReport {
  /** Share of rows whose class was predicted right: mean over the folds. */
  readonly accuracy: number
  /** Mean of -log(probability of the true class), over all rows. */
  readonly logLoss: number
}

/** The contents of `report.json`, and of stdout with `--json`. */
export interface FitReport {
  readonly version: string
  readonly input: {
    readonly file: string
    readonly rows: number
    readonly target: string
    /** Columns of the matrix that was learned from; a text column gives one per text. */
    readonly features: readonly string[]
    /** Labels of the classes, ascending; none for numbers. */
    readonly classes?: readonly (string | number)[]
    /** What was left out, and which values differ from the file, in sentences. */
    readonly notes: readonly string[]
  }
  /** `table` is how a text file was read, as far as it was said. */
  readonly options: Omit<FitRequest, 'file' | 'target' | 'task' | 'workers' | 'backend'> &
    FitWorkers
  readonly task: InputTask
  /** Of classes with `accuracy` and `logLoss` in place of `rmse` and `r2`. */
  readonly learners: readonly (LearnerReport | ClassifierReport)[]
  readonly ensemble: LearnerReport | ClassifierReport | null
  /** Name of the one with the least `rmse`, or the greatest `accuracy`. */
  readonly best: string
  /** Learners that were left out, and why. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[]
  /** Largest bytes over the process tree; null where they could not be read. */
  readonly memory: {
    readonly anonymous: number | null
    readonly shmem: number | null
    readonly fileBacked: number | null
    readonly hard: number | null
    readonly processes: number
  }
  /** `total` is from the start of the process on. */
  readonly seconds: { readonly read: number; readonly fit: number; readonly total: number }
  /**
   * Where the files are: `out-of-fold.npy` has a row for each row and columns for each learner, which `columns` names.
   * `predictions.csv` has the class that the ensemble predicts of each row, and the probability of each. Where rows of the file were left out, `out-of-fold-rows.npy` has the numbers of the others, from 0. There are none
   * when they could not be written.
   */
  readonly folder: string
  readonly files: readonly string[]
  /** Names of the columns of `out-of-fold.npy`. */
  readonly columns: readonly string[]
  /** Whether the folder had the results of an earlier run, which these have replaced. */
  readonly replaced: boolean
}

/** What a fit was made of and gave. */
export interface FitResult {
  readonly input: Input
  readonly where: FitWorkers
  readonly facts: TargetFacts
  readonly ensemble: Pick<SuperLearner, 'scores' | 'outOfFoldColumns'>
  /** Log losses of the learners of a classification and of the ensemble, by name. */
  readonly losses: ReadonlyMap<string, number>
  readonly memory: MemoryReport
  readonly seconds: FitReport['seconds']
}

/** Puts a report together. */
export function makeReport(
  request: FitRequest,
  { input, where, facts, ensemble, losses, memory, seconds }: FitResult,
  { folder, files, replaced }: Pick<FitReport, 'folder' | 'files' | 'replaced'>,
): FitReport {
  const { file, folds, seed, table } = request
  const { features, target, notes, task, X } = input
  const { scores } = ensemble
  const rows = X.shape[0]!
  const report = (row: ScoreRow): LearnerReport | ClassifierReport =>
    task === 'regression'
      ? learnerReport(row, rows, facts.deviation ** 2)
      : classifierReport(row, losses.get(row.name)!)
  const { classes } = facts
  const { anonymous, shmem, fileBacked, hard } = memory.peak
  return {
    version: packageVersion(),
    input: { file, rows, target, features, ...(classes.length > 0 && { classes }), notes },
    options: { folds, ...where, seed, table },
    task,
    learners: scores.learners.map(report),
    ensemble: scores.ensemble === undefined ? null : report(scores.ensemble),
    best: scores.best,
    skipped: scores.skipped,
    memory: {
      anonymous: anonymous ?? null,
      shmem: shmem ?? null,
      fileBacked: fileBacked ?? null,
      hard: hard ?? null,
      processes: memory.processes,
    },
    seconds,
    folder,
    files,
    columns: ensemble.outOfFoldColumns,
    replaced,
  }
}

function classifierReport(row: ScoreRow, logLoss: number): ClassifierReport {
  const { name, score, spread, folds, fitSeconds, predictSeconds } = row
  return { name, accuracy: score, spread, logLoss, folds, fitSeconds, predictSeconds }
}

/** The squared errors of all rows come back from the root of each fold's mean. */
function learnerReport(row: ScoreRow, rows: number, variance: number): LearnerReport {
  const { name, score, spread, folds, fitSeconds, predictSeconds } = row
  const size = (fold: number): number =>
    Math.floor(rows / folds.length) + (fold < rows % folds.length ? 1 : 0)
  const squares = folds.reduce((sum, rmse, fold) => sum + size(fold) * rmse ** 2, 0)
  const r2 = 1 - squares / rows / variance
  return { name, rmse: score, spread, r2, folds, fitSeconds, predictSeconds }
}
