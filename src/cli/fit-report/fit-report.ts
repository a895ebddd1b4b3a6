/** The report of `onecopy fit`, as plain data. */

import type { LearnerWeight } from '../../learn/index.ts'
import type { InputTask } from '../input/input.ts'
import type { FitRequest, FitSettings } from './fit-request.ts'

/** What is measured of predictions of numbers, beside the score. */
export interface NumberScores {
  /** Root mean squared error in the target's unit: mean over the folds. */
  readonly rmse: number
  /** Share of the target's variance that is explained, over all rows; null for a single row. */
  readonly r2: number | null
}

/** What is measured of predictions of classes, beside the score. */
export interface ClassScores {
  /** Share of rows whose class was predicted right: mean over the folds. */
  readonly accuracy: number
  /** Mean of -log(probability of the true class), over all rows; null without probabilities. */
  readonly logLoss: number | null
}

/** How well and how fast one learner predicted rows that it had not seen. */
export type LearnerReport = FoldReport & (NumberScores | ClassScores)

interface FoldReport {
  readonly name: string
  /** Number of its layer, from 0; null for the ensemble. */
  readonly layer: number | null
  /** Mean of the scorer over the folds; null where a learner doesn't predict what the scorer needs. */
  readonly score: number | null
  /** Standard deviation of the score over the folds. */
  readonly spread: number | null
  /** The score of each fold. */
  readonly folds: readonly (number | null)[]
  /** Mean seconds of a fold. */
  readonly fitSeconds: number
  readonly predictSeconds: number
  /** What the ensemble multiplies its predictions by; several for several columns or classes, null where there is no such number. */
  readonly weight: LearnerWeight | null
}

/** How well rows of another file were predicted. */
export interface TestReport {
  readonly file: string
  readonly rows: number
  /** What was left out, in sentences. */
  readonly notes: readonly string[]
  /** Of each learner, the ensemble last. */
  readonly learners: readonly ({ readonly name: string; readonly score: number | null } & (
    NumberScores | ClassScores
  ))[]
}

/** The contents of `report.json`, and of stdout with `--json`. */
export interface FitReport {
  readonly version: string
  readonly input: {
    readonly file: string
    readonly rows: number
    readonly target: string
    /** Columns that were learned from; without a preset, a text column gives one per text. */
    readonly features: readonly string[]
    /** Labels of the classes, ascending; none for numbers. */
    readonly classes?: readonly (string | number)[]
    /** What was left out, and which values differ from the file, in sentences. */
    readonly notes: readonly string[]
  }
  /** `table` is how a text file was read, as far as it was said. */
  readonly options: Omit<FitRequest, 'file' | 'target' | 'task' | keyof FitSettings> & FitSettings
  readonly task: InputTask
  /** Whether a greater score of the scorer is a better one. */
  readonly greaterIsBetter: boolean
  readonly learners: readonly LearnerReport[]
  readonly ensemble: LearnerReport | null
  /** What combines the learners, such as `ridge`; null for nothing. */
  readonly combiner: string | null
  /** Name of the one with the best score. */
  readonly best: string
  /** Learners that were left out, and why. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[]
  /** Scores on the rows of `--test`. */
  readonly test: TestReport | null
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
   * Where the files are: `out-of-fold.npy` has a row for each row and columns for each learner of the last layer, which `columns` names.
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
