/** Completes the options of a fit, before anything is read and after. */

import { Parallel } from '../../parallel/index.ts'
import { requireScorer } from '../../learn/internal.ts'
import { isOneCopyError } from '../../errors.ts'
import { type EnsembleFile, readEnsembleFile } from '../ensemble-file/read-ensemble-file.ts'
import { requireKnownLearners } from '../ensemble-file/learner-names.ts'
import type { FitRequest, FitSettings } from '../fit-report/fit-request.ts'
import { type Input, type InputTask, shapeOf } from '../input/input.ts'
import { UsageError } from '../output/failure.ts'

/** A request with its configuration read. */
export interface SettledRequest extends FitRequest {
  /** Undefined: as many as the preset has. */
  readonly folds: number | undefined
  readonly seed: number
  readonly described: { readonly file: string; readonly ensemble: EnsembleFile } | undefined
}

/**
 * Checks what can be checked before the input is read, and completes it by the configuration.
 *
 * @throws UsageError
 */
export function settleRequest(request: FitRequest): SettledRequest {
  const { config, learners } = request
  if (config !== undefined) requireOnlyConfig(request)
  requireKnownLearners(learners)
  const ensemble = config === undefined ? undefined : readEnsembleFile(config)
  // A limit says that time or memory is scarce, and so is the choice of learners for it.
  const isLimited = request.timeLimitMs !== undefined || request.memoryLimit !== undefined
  const preset = request.preset ?? (isLimited ? 'good' : undefined)
  const { folds = preset === undefined ? 5 : undefined, seed = 0, task, scorer } = ensemble ?? {}
  if (request.scorer !== undefined) requireScorerName(request.scorer)
  return {
    ...request,
    preset,
    task: request.task ?? task,
    folds: request.folds ?? folds,
    seed: request.seed ?? seed,
    scorer: request.scorer ?? scorer,
    described: ensemble && { file: config!, ensemble },
  }
}

/** Refuses options that choose learners, too. */
function requireOnlyConfig(request: FitRequest): void {
  const others = {
    '--learners': request.learners,
    '--preset': request.preset,
    '--time-limit': request.timeLimitMs,
    '--memory-limit': request.memoryLimit,
  }
  const other = Object.entries(others).find(([, value]) => value !== undefined)?.[0]
  if (other === undefined) return
  throw new UsageError(
    `Expected one of --config and ${other}: a configuration says which learners are fitted.`,
  )
}

/**
 * Completes the options by what was read. The number of folds is 0 where the preset chooses it.
 *
 * @throws UsageError for a scorer of another kind than the target
 */
export function settleOptions(
  { folds = 0, seed, scorer, preset, workers, backend, described }: SettledRequest,
  input: Input,
): FitSettings {
  const ofClasses = preset === undefined ? 'accuracy' : 'logLoss'
  const found = scorer ?? (input.task === 'regression' ? 'rmse' : ofClasses)
  requireScorerName(found, input.task, scorerOption({ scorer, described }))
  return { folds, seed, scorer: found, ...settleWorkers({ workers, backend }, input) }
}

/**
 * Refuses a scorer of one class where it is not clear which one that is.
 *
 * @param classes - labels of the target; none for numbers
 * @throws UsageError
 */
export function requireOneClass(
  request: Pick<SettledRequest, 'scorer' | 'described'>,
  { scorer }: FitSettings,
  classes: readonly (string | number)[],
): void {
  if (!['precision', 'recall', 'f1'].includes(scorer) || classes.length === 0) return
  const isClear = [-1, 0].some((first) =>
    classes.every((label) => [1, first].includes(label as number)),
  )
  if (isClear) return
  const shown = classes.slice(0, 3).map((label) => `'${label}'`)
  const labels = `${shown.join(', ')}${classes.length > 3 ? ', …' : ''}`
  throw new UsageError(
    `Expected ${scorerOption(request)} to be a measure of all classes, got ${scorer}, which scores the class 1 of 0 and 1, for ${labels}. ` +
      `Use ${scorer}Macro, the mean over classes, ${scorer}Weighted or ${scorer}Micro.`,
  )
}

/** Where a scorer was named. */
function scorerOption({ scorer, described }: Pick<SettledRequest, 'scorer' | 'described'>): string {
  const isNamed = scorer !== undefined && described?.ensemble.scorer === scorer
  return isNamed ? `scorer of ${described.file}` : '--scorer'
}

function requireScorerName(name: string, task?: InputTask, option = '--scorer'): void {
  try {
    requireScorer(name, task === undefined ? {} : { task })
  } catch (error) {
    if (!isOneCopyError(error)) throw error
    const text = error.message
      .replace('`scorer`', option)
      .replace('Expected a scorer', `Expected ${option} to be a scorer`)
      .replace(' or a function from makeScorer()', '')
    throw new UsageError(text, { cause: error })
  }
}

/** Values up to which a table is fitted sooner than workers have started. */
const fewValues = 100_000

/** Columns up to which that holds: the work grows with their square. */
const fewFeatures = 100

function settleWorkers(
  { workers, backend }: Pick<FitRequest, 'workers' | 'backend'>,
  { X }: Input,
): Pick<FitSettings, 'workers' | 'backend'> {
  const [rows, columns] = shapeOf(X)
  const isSmall = rows * columns <= fewValues && columns <= fewFeatures
  if (isSmall && workers === undefined && backend === undefined)
    return { workers: 1, backend: 'serial' }
  const count = new Parallel({ workers: workers ?? -1 }).workers
  return { workers: count, backend: backend ?? 'threads' }
}
