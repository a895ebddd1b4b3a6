/** One layer of an ensemble: out-of-fold predictions and full models. */

import { type NDArray, shared } from '../../arrays/index.ts'
import { isOneCopyError, type OneCopyError } from '../../errors.ts'
import { FoldStatistics, type LayerData } from './fold-statistics.ts'
import { isFoldLearner } from '../contract/fold-learner.ts'
import type { Fold } from '../selection/folds.ts'
import { requireFinitePredictions } from './finite-predictions.ts'
import { fitAlone } from './fit-each-fold.ts'
import {
  isLinearMember,
  linearRowsPerCall,
  type LinearSolution,
  predictLinearFolds,
  solveLinear,
} from './layer-linear.ts'
import { fitPrepared, preparedRowsPerCall } from './layer-prepared.ts'
import { explainFailure, transformAll } from './layer-tasks.ts'
import { foldParts, type LayerWork } from './layer-work.ts'
import { affineSteps, type FittedEnsembleMember, type EnsembleMember } from './ensemble-member.ts'
import { predictLinear } from '../linear/predict-linear.ts'
import { takePredictions } from './take-predictions.ts'

/** A member that could not be fitted. */
export interface FailedEnsembleMember {
  readonly name: string
  readonly error: OneCopyError
}

/** A fitted layer. */
export interface FittedLayer {
  readonly members: readonly FittedEnsembleMember[]
  readonly failed: readonly FailedEnsembleMember[]
  /** Out-of-fold predictions, one column for each of `members`: (n, L) in scratch memory. */
  readonly outOfFold: NDArray<'float64'>
}

/**
 * Fits all members of a layer on every fold and on all rows, without copying a row of `X`.
 *
 * Linear models are solved from one pass over the data and predict a fold in one pass over its rows;
 * learners with an index share it over all folds; any other learner is fitted fold by fold.
 *
 * @param onError - `'skip'` leaves a member that fails out of the result, and reports it
 */
export async function fitLayer(
  members: readonly EnsembleMember[],
  data: LayerData,
  work: LayerWork,
  onError: 'stop' | 'skip',
): Promise<FittedLayer> {
  const Z = shared([data.X.shape[0]!, members.length], 'float64')
  const failed: FailedEnsembleMember[] = []
  const attempt = async <T>(
    { name }: EnsembleMember,
    fit: () => Promise<T>,
  ): Promise<T | undefined> => {
    try {
      return await fit()
    } catch (error) {
      if (onError === 'stop' || !isOneCopyError(error) || error.code !== 'ERR_LEARNER') throw error
      failed.push({ name, error })
      return undefined
    }
  }
  const statistics = members.some(needsStatistics) ? await FoldStatistics.read(data) : undefined
  const others = members.filter((member) => !isLinearMember(member))
  const jobs = (own: LayerWork): Job[] => [
    () => fitLinear(members, { data, statistics, Z, work: own, attempt }),
    ...others.map((member) => async () => {
      const column = Z.column(members.indexOf(member))
      const fitted = await attempt(member, async () => {
        const done = await fitOther(member, data, statistics, column, own)
        await requireFinitePredictions(member.name, data, column)
        return done
      })
      return fitted === undefined ? [] : [fitted]
    }),
  ]
  const fitted = work.parallel === undefined ? await inTurn(jobs(work)) : await atOnce(jobs, work)
  const byMember = new Map(fitted.flat().map((one) => [one.member, one]))
  const kept = members.filter((member) => byMember.has(member))
  return {
    members: kept.map((member) => byMember.get(member)!),
    failed,
    outOfFold: keepColumns(
      Z,
      kept.map((member) => members.indexOf(member)),
    ),
  }
}

/** Fits some members of a layer. */
type Job = () => Promise<FittedEnsembleMember[]>

/** Runs jobs one after the other. Without workers they share this thread, and each is timed alone. */
async function inTurn(jobs: readonly Job[]): Promise<FittedEnsembleMember[][]> {
  const results = []
  for (const job of jobs) results.push(await job())
  return results
}

/** The first failure aborts the other jobs; it is thrown when all of them have ended. */
async function atOnce(
  jobs: (work: LayerWork) => Job[],
  work: LayerWork,
): Promise<FittedEnsembleMember[][]> {
  const stop = new AbortController()
  const signals = work.signal === undefined ? [stop.signal] : [stop.signal, work.signal]
  const started = jobs({ ...work, signal: AbortSignal.any(signals) }).map((job) => job())
  for (const one of started) one.catch((error: unknown) => stop.abort(error))
  const settled = await Promise.allSettled(started)
  const broken = settled.find((one) => one.status === 'rejected')
  if (broken !== undefined) throw broken.reason
  return Promise.all(started)
}

/** Number of calls that `fitLayer` makes when none fails. */
export function countCalls(members: readonly EnsembleMember[], { folds }: LayerData): number {
  const linear = members.some(isLinearMember) ? foldParts(folds, linearRowsPerCall).length : 0
  const others = members
    .filter((member) => !isLinearMember(member))
    .map((member) =>
      isPreparedMember(member, folds)
        ? foldParts(folds, preparedRowsPerCall).length
        : folds.length + 1,
    )
  return others.reduce((sum, calls) => sum + calls, linear)
}

/**
 * Predicts new rows by the models of all rows: linear ones together in one pass.
 *
 * @returns shape (n, L), float64 in scratch memory
 * @throws OneCopyError `ERR_LEARNER` when a learner returns no predictions; what a learner throws
 */
export async function predictLayer(
  members: readonly FittedEnsembleMember[],
  X: NDArray,
): Promise<NDArray<'float64'>> {
  const Z = shared([X.shape[0]!, members.length], 'float64')
  const linear = [...members.entries()].filter(([, { terms }]) => terms !== undefined)
  if (linear.length > 0) {
    const columns = linear.map(([column]) => column)
    await predictLinear(
      X,
      linear.map(([, { terms }]) => terms!),
      Z,
      { columns },
    )
  }
  for (const [column, { member, terms, learner, preprocess }] of members.entries()) {
    if (terms !== undefined) continue
    const out = Z.column(column)
    const returned = await learner.predict(await transformAll(X, preprocess), { out })
    await explainFailure(member.name, 'new rows', () => takePredictions(returned, out))
  }
  return Z
}

interface LinearParts {
  readonly data: LayerData
  readonly statistics: FoldStatistics | undefined
  readonly Z: NDArray<'float64'>
  readonly work: LayerWork
  readonly attempt: <T>(member: EnsembleMember, fit: () => Promise<T>) => Promise<T | undefined>
}

async function fitLinear(
  members: readonly EnsembleMember[],
  { data, statistics, Z, work, attempt }: LinearParts,
): Promise<FittedEnsembleMember[]> {
  const solutions: LinearSolution[] = []
  for (const member of members.filter(isLinearMember)) {
    const solution = await attempt(member, () => solveLinear(member, statistics!))
    if (solution !== undefined) solutions.push(solution)
  }
  const columns = solutions.map(({ member }) => members.indexOf(member))
  const foldSeconds = await predictLinearFolds(solutions, columns, data, Z, work)
  // Each member is charged an equal part of the shared passes.
  const passShare = (statistics?.seconds ?? 0) / solutions.length / data.folds.length
  const fitted = solutions.map(({ member, learner, preprocess, terms, fitSeconds }, l) =>
    attempt(member, async () => {
      await requireFinitePredictions(member.name, data, Z.column(columns[l]!))
      return {
        member,
        learner,
        preprocess,
        terms,
        fitSeconds: fitSeconds.map((seconds) => seconds + passShare),
        predictSeconds: foldSeconds.map((seconds) => seconds / solutions.length),
      }
    }),
  )
  return (await Promise.all(fitted)).filter((one) => one !== undefined)
}

/** Most folds that a 16-bit label can number. */
const mostLabels = 2 ** 16

function isPreparedMember(member: EnsembleMember, folds: readonly Fold[]): boolean {
  const labelled = folds.length <= mostLabels
  return labelled && isFoldLearner(member.learner) && affineSteps(member) !== undefined
}

function fitOther(
  member: EnsembleMember,
  data: LayerData,
  statistics: FoldStatistics | undefined,
  out: NDArray,
  work: LayerWork,
): Promise<FittedEnsembleMember> {
  return isPreparedMember(member, data.folds)
    ? fitPrepared(member, data, statistics, out, work)
    : fitAlone(member, data, out, work)
}

function needsStatistics(member: EnsembleMember): boolean {
  const scales = isFoldLearner(member.learner) && (affineSteps(member)?.length ?? 0) > 0
  return scales || isLinearMember(member)
}

/** The chosen columns; `Z` itself when they are all of them. */
function keepColumns(Z: NDArray<'float64'>, columns: readonly number[]): NDArray<'float64'> {
  if (columns.length === Z.shape[1]) return Z
  const [n] = Z.shape as [number, number]
  const kept = shared([n, columns.length], 'float64')
  for (const [to, from] of columns.entries())
    for (let row = 0; row < n; row++) kept.set(Z.get(row, from), row, to)
  Z[Symbol.dispose]()
  return kept
}
