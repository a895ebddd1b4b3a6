/** Fits estimators on folds by one layer, and scores each fold. */

import type { NDArray } from '../../arrays/index.ts'
import { isOneCopyError, type OneCopyError } from '../../errors.ts'
import type { Estimator } from '../contract/estimator.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import {
  type AnyLearner,
  type EnsembleMember,
  type FittedEnsembleMember,
  makeMembers,
  requireEstimator,
} from '../ensembles/members/ensemble-member.ts'
import { FitProgress } from '../ensembles/calls/ensemble-progress.ts'
import { readersOf, reasonOf } from '../ensembles/layer/failed-members.ts'
import { foldsOf, type LayerFolds } from '../ensembles/folds/layer-folds.ts'
import { countCalls, type FittedLayer, fitLayer } from '../ensembles/layer/fit-layer.ts'
import { groupsOf } from '../features/column-inputs.ts'
import { fitInputs } from '../features/fit-inputs.ts'
import { columnsOf, type FeatureInput, type TargetInput } from '../inputs/feature-input.ts'
import { codedClone } from '../outputs/coded-learners.ts'
import type { EnsembleTask } from '../outputs/ensemble-task.ts'
import { FoldScores } from '../outputs/fold-scores.ts'
import { type MemberOutput, outputColumns, widthOf } from '../outputs/member-output.ts'
import type { Scorer } from '../scores/scorer.ts'
import { readValidation, type ValidationData } from './validation-data.ts'
import type { SettledValidation } from './validation-options.ts'
import { needPredictions, settleScorers } from './validation-scorers.ts'

/** What a layer has found, before it is freed. */
export interface ValidatedLayer extends ValidationData {
  readonly layer: FittedLayer
  /** Estimators that failed, and why, by their names. */
  readonly failures: ReadonlyMap<string, string>
}

/** What is validated. */
export interface Validation {
  readonly members: readonly EnsembleMember[]
  readonly X: FeatureInput
  readonly y: TargetInput
  readonly settled: SettledValidation
  /** Makes fits of the folds. */
  readonly plan: (splits: readonly Fold[], n: number) => LayerFolds
  /** Whether fitted models are handed out, which may keep rows. */
  readonly keepsModels: boolean
  /**
   * Whether probabilities of classes are predicted, or labels; undefined: probabilities where there are any. It is asked before the first fit,
   * and may refuse options.
   */
  readonly probaFor: (task: EnsembleTask) => boolean | undefined
  /** Refuses folds before the first fit. */
  readonly check?: (given: ValidationData) => void
}

/**
 * The one member of a validation.
 *
 * @throws TypeError when it is no learner
 */
export function validatedMembers(estimator: AnyLearner): EnsembleMember[] {
  return makeMembers(requireEstimator(estimator), {}, [])
}

/** Learners take columns of texts, or refuse them; memory of a table's matrix stays where models are handed out. */
class Validator {
  readonly takesCategories = true
  declare readonly hasSteps?: true

  constructor(keepsModels: boolean) {
    if (keepsModels) Object.assign(this, { hasSteps: true })
  }
}

/**
 * Fits members on all folds and uses the out-of-fold predictions.
 *
 * @param use - reads what was found; predictions are freed afterwards, unless it hands them out
 * @throws OneCopyError `ERR_LEARNER` naming learner and fold, unless members that fail are skipped
 */
export async function validateLayer<T>(
  { members: added, X, y, settled, plan, keepsModels, probaFor, check }: Validation,
  use: (found: ValidatedLayer) => T,
): Promise<T> {
  const { weights, groups, onError, parallel, signal, onProgress } = settled
  const inputs = {
    X,
    y,
    options: weights === undefined ? {} : { weights },
    groups,
  }
  const given = X
  return fitInputs(new Validator(keepsModels), inputs, async (X, y, { weights }) => {
    const schema = columnsOf(X) ?? { names: [], categories: [] }
    const { readable, refused } = await readersOf(added, schema, onError)
    const rows = { X, y, weights, groups: groupsOf(given, groups) }
    const read = await readValidation(readable, rows, settled, plan)
    const { labels } = read.target
    const proba = probaFor(read.task)
    const members = readable.map((member) =>
      labels === undefined
        ? member
        : { ...member, proba, learner: codedClone(member.learner, labels) },
    )
    const told = onProgress === undefined ? {} : { onProgress }
    const progress = new FitProgress(told, { learners: countCalls(members, read.data), meta: 0 })
    const step = (): void => progress.step('learners')
    let layer: FittedLayer | undefined
    try {
      check?.(read)
      layer = await fitLayer(members, read.data, { parallel, signal, step }, onError)
      signal?.throwIfAborted()
      progress.end()
      const failed = [...refused, ...layer.failed]
      const failures = new Map(failed.map((one) => [one.name, reasonOf(one, added, X)]))
      return use({ ...read, layer, failures })
    } catch (error) {
      layer?.outOfFold[Symbol.dispose]()
      throw error
    } finally {
      if (labels !== undefined) read.target.y[Symbol.dispose]()
    }
  })
}

/** What was measured of one member. */
export interface MeasuredMember {
  readonly name: string
  /** For each scorer the scores of the folds in their order; NaN when it failed. */
  readonly scores: readonly (readonly number[])[]
  readonly fitSeconds: readonly number[]
  readonly predictSeconds: readonly number[]
  readonly failure: string | undefined
  /** The model of each fold when models are kept. */
  readonly estimators: readonly Estimator[]
}

/** Members and scorers that measured them. */
export interface MeasuredMembers {
  readonly scorers: readonly Scorer[]
  readonly members: readonly MeasuredMember[]
  /** The folds. */
  readonly folds: readonly Fold[]
}

/**
 * Fits members on all folds and scores each fold.
 *
 * @throws as {@link validateLayer} does; TypeError when a scorer of your own returns no number
 */
export function measureMembers(
  validation: Omit<Validation, 'probaFor' | 'check'>,
): Promise<MeasuredMembers> {
  const { members: added, settled } = validation
  const { onError } = settled
  let scorers: Scorer[] = []
  const probaFor = (task: EnsembleTask): boolean | undefined => {
    scorers = settleScorers(settled.scorer, task)
    // Labels are scored as classifiers predict them, where nothing else is scored.
    return needPredictions(scorers) ? false : undefined
  }
  let scored: FoldScores[] = []
  const check = ({ target, data }: ValidationData): void => {
    scored = scorers.map((scorer) => new FoldScores(scorer, target, data.weights))
    for (const one of scored) one.requireScorable(data.folds.slice(0, data.splits))
  }
  return validateLayer({ ...validation, probaFor, check }, (found) => {
    const { data, layer, failures } = found
    const places = columnsOfMembers(layer)
    const measured = added.map(({ name }): MeasuredMember => {
      const parts = places.filter(({ part }) => part.member.name === name)
      const count = data.splits
      const fill = (): number[] => Array.from({ length: count }, () => Number.NaN)
      const scores = scorers.map(fill)
      const [fitSeconds, predictSeconds] = [fill(), fill()]
      const estimators: Estimator[] = []
      let failure = failures.get(name)
      for (const { part, columns } of parts) {
        const folds = foldsOf(data, part.partition)
        const numbers = [...folds.keys()]
        for (const [s, one] of scored.entries()) {
          const found = scoresOf(one, name, { columns, output: part.output, folds }, onError)
          if (isOneCopyError(found)) failure ??= found.message
          else for (const [i, score] of found.entries()) scores[s]![numbers[i]!] = score
        }
        for (const [i, k] of numbers.entries()) {
          fitSeconds[k] = part.fitSeconds[i]!
          predictSeconds[k] = part.predictSeconds[i]!
        }
        estimators.push(part.predictor)
      }
      const models = validation.keepsModels ? estimators : []
      return { name, scores, fitSeconds, predictSeconds, failure, estimators: models }
    })
    layer.outOfFold[Symbol.dispose]()
    return { scorers, members: measured, folds: data.folds }
  })
}

/** The columns of `Z` that each part of a layer has filled. */
function columnsOfMembers({
  members,
  outOfFold,
}: FittedLayer): { readonly part: FittedEnsembleMember; readonly columns: NDArray }[] {
  let first = 0
  return members.map((part) => {
    const columns = outputColumns(outOfFold, first, part.output)
    first += widthOf(part.output)
    return { part, columns }
  })
}

/** Scores of an estimator, or why its predictions have none where such estimators are skipped. */
function scoresOf(
  scores: FoldScores,
  name: string,
  given: {
    readonly columns: NDArray
    readonly output: MemberOutput
    readonly folds: ReadonlyMap<number, Fold>
  },
  onError: 'stop' | 'skip',
): readonly number[] | OneCopyError {
  try {
    return scores.ofLearner(name, given.columns, given.output, given.folds)
  } catch (error) {
    if (onError === 'stop' || !isOneCopyError(error) || error.code !== 'ERR_VALUE') throw error
    return error
  }
}
