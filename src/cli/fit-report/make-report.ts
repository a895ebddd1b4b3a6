/** Puts the report of `onecopy fit` together. */

import type { MemoryReport } from '../../monitor/index.ts'
import { type Input, shapeOf } from '../input/input.ts'
import { packageVersion } from '../output/package-version.ts'
import type { FitReport, LearnerReport, TestReport } from './fit-report.ts'
import type { FitRequest, FitSettings } from './fit-request.ts'
import {
  type FittedEnsemble,
  type OutOfFold,
  type Predictions,
  stackTarget,
} from './fitted-ensemble.ts'
import { Measure, orNull, TestMeasure } from './measure.ts'
import { scoreHeading } from './score-cells.ts'

/** What a fit was made of and gave. */
export interface FitResult {
  readonly input: Input
  readonly settings: FitSettings
  /** Labels of the classes; none for numbers. */
  readonly classes: readonly (string | number)[]
  readonly ensemble: FittedEnsemble
  readonly test: TestReport | null
  readonly memory: MemoryReport
  readonly seconds: FitReport['seconds']
}

/** Puts a report together. */
export function makeReport(
  request: FitRequest,
  { input, settings, classes, ensemble, test, memory, seconds }: FitResult,
  { folder, files, replaced }: Pick<FitReport, 'folder' | 'files' | 'replaced'>,
): FitReport {
  const { file, target: _target, task: _task, folds: _folds, seed: _seed, ...options } = request
  const { scorer: _scorer, workers: _workers, backend: _backend, table, ...others } = options
  const { features, target, notes, task, X } = input
  const { anonymous, shmem, fileBacked, hard } = memory.peak
  return {
    version: packageVersion(),
    input: {
      file,
      rows: shapeOf(X)[0],
      target,
      features,
      ...(classes.length > 0 && { classes }),
      notes,
    },
    options: { ...settings, ...definedOf(others), table },
    task,
    greaterIsBetter: ensemble.greaterIsBetter,
    ...describeLearners(ensemble, input),
    combiner: ensemble.combined?.combiner ?? null,
    best: ensemble.best,
    skipped: ensemble.skipped,
    test,
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

/** Without what was left out. */
function definedOf<T extends object>(options: T): T {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given) as T
}

function describeLearners(
  { learners, combined, target }: FittedEnsemble,
  { weights }: Input,
): Pick<FitReport, 'learners' | 'ensemble'> {
  const measure = new Measure(target, weights)
  const report = (
    found: OutOfFold,
    own: Pick<LearnerReport, 'layer' | 'weight'>,
  ): LearnerReport => {
    const { row } = found
    return {
      name: row.name,
      layer: own.layer,
      score: orNull(row.score),
      spread: orNull(row.spread),
      ...measure.describe(found),
      folds: row.folds.map(orNull),
      fitSeconds: row.fitSeconds,
      predictSeconds: row.predictSeconds,
      weight: own.weight,
    }
  }
  return {
    learners: learners.map((one) => report(one, one)),
    ensemble: combined === undefined ? null : report(combined, { layer: null, weight: null }),
  }
}

/**
 * Scores predictions of the rows of another file.
 *
 * @param input - its rows
 */
export function scoreTest(
  file: string,
  input: Input,
  { target: { labels }, scorer }: FittedEnsemble,
  predictions: readonly Predictions[],
): TestReport {
  const measure = new TestMeasure(stackTarget(input, labels), input.weights)
  const n = shapeOf(input.X)[0]
  const rows = { ranges: [[0, n]] } as const
  const folds = [{ test: rows }]
  const learners = predictions.map(({ name, columns, output }) => ({
    name,
    score: orNull(measure.of(scorer, columns, output, folds)[0]!),
    ...measure.describe({ columns, output, rows, folds }),
  }))
  const refused = measure.refused.map(
    ([scorer, reason]) => `No ${scoreHeading(scorer)} of ${file}: ${reason}`,
  )
  return { file, rows: n, notes: [...input.notes, ...refused], learners }
}
