/** Fits a second layer, and keeps it where it is better. */

import type { NDArray } from '../../arrays/index.ts'
import { stopJobsOn } from '../../native/index.ts'
import { outputColumns, widthOf } from '../outputs/member-output.ts'
import type { Scorer } from '../scores/scorer.ts'
import type { LeftOut } from './candidates/fit-candidates.ts'
import type { FittedCandidate } from './candidates/fitted-candidate.ts'
import type { Candidate } from './candidates/portfolio.ts'
import type { AutoRun } from './first-layer.ts'
import type { SecondLayerCheck } from './leaderboard.ts'
import type { ReachedLimit } from './run-limits.ts'
import { CandidateScores, scoreCandidates } from './score-candidates.ts'
import { fitStackLayer, scoreUnseen, takeUnseen } from './stack-layer.ts'
import { joinCandidates, type WeighingData, weighCandidates } from './weigh-candidates.ts'
import { modelOf, type WholeFit } from './whole-fit.ts'

/** How a second layer is fitted. */
export interface Stacking {
  readonly run: AutoRun
  readonly weighing: Omit<WeighingData, 'folds' | 'signal'> & { readonly scorer: Scorer }
  /** None: there is no second layer. */
  readonly stackers: readonly Candidate[]
  /** Milliseconds that weights of the first layer took. */
  readonly weighingMs: number
  /** Takes memory that is freed when the fit fails. */
  readonly keep: (made: NDArray) => void
}

/** What is used, and why. */
export interface Stacked {
  readonly whole: WholeFit
  readonly leftOut: readonly LeftOut[]
  readonly check: SecondLayerCheck | undefined
}

/** The share of the time that is left which a look at the first layer may take: a second layer takes more. */
const lookShare = 0.25

/**
 * Fits a second layer, and keeps it when it is better on rows that no learner has seen. Without time for all of that, the first layer stays.
 *
 * @throws the reason of the caller's signal, and what scorers throw
 */
export async function tryStacking(
  X: NDArray,
  whole: WholeFit,
  { run, weighing, stackers, weighingMs, keep }: Stacking,
): Promise<Stacked> {
  if (stackers.length === 0) return { whole, leftOut: [], check: undefined }
  const { plan, target, weights, settled, limits, paces, tell } = run
  const { scorer } = weighing
  const unseen = takeUnseen(X, target, weights, plan.heldOut!)
  const scoreOf = (one: WholeFit, signal: AbortSignal | undefined): Promise<number> =>
    stopJobsOn(signal, () => scoreUnseen(modelOf(one), unseen, scorer))
  const start = limits.elapsedMs
  const { leftMs } = limits
  const leaveMs = leftMs === Infinity ? 0 : (1 - lookShare) * leftMs
  const look = await limits.run(leaveMs, (signal) => scoreOf(whole, signal))
  if ('reached' in look) return withoutStack(whole, stackers, look.reached)
  const lookMs = limits.elapsedMs - start
  const { fitted } = whole.layer1
  const { parallel, seed } = settled
  const input = { X, Z: whole.Z, target, weights, plan, parallel, fitted, seed }
  const stack = await fitStackLayer(stackers, input, {
    limits,
    paces,
    costs: { ...run.costs, columns: run.costs.columns + whole.Z.shape[1]! },
    // Weights are found among more candidates, and both layers predict the rows that are looked at.
    reserveMs: () => 50 + 3 * weighingMs + 2 * lookMs,
    onProgress: (progress) => tell({ phase: 'layer2', ...progress }),
    needsOne: false,
  })
  for (const one of stack.made) keep(one)
  const { results, folds, propagated } = stack
  const scores = new CandidateScores(weighing.scores, scorer)
  const { scored, leftOut: unscored } = scoreCandidates(results.fitted, folds, scores)
  const leftOut = [...results.leftOut, ...unscored]
  if (scored.length === 0) return { whole, leftOut, check: undefined }
  const Z = joinCandidates([...columnsOf(whole.Z, fitted), ...scored], X.shape[0]!)
  keep(Z)
  for (const one of stack.made) one[Symbol.dispose]()
  const found = await limits.run(0, async (signal) => {
    const data = { ...weighing, folds, signal }
    const weighed = await weighCandidates([...fitted, ...scored], Z, data)
    keep(weighed.combined)
    const stacked: WholeFit = {
      ...whole,
      layer2: { fitted: scored, folds, weighed, propagated },
      Z,
    }
    return { stacked, score: await scoreOf(stacked, signal) }
  })
  if ('reached' in found) {
    Z[Symbol.dispose]()
    const { leftOut: late } = withoutStack(whole, stackers, found.reached)
    const known = new Set(leftOut.map(({ name }) => name))
    return {
      whole,
      leftOut: [...leftOut, ...late.filter(({ name }) => !known.has(name))],
      check: undefined,
    }
  }
  const { stacked, score } = found.result
  const check = { layer1: look.result, layer2: score, isUsed: isBetter(scorer, score, look.result) }
  const [used, unused] = check.isUsed ? [stacked, whole] : [whole, stacked]
  unused.Z[Symbol.dispose]()
  lastOf(unused).weighed.combined[Symbol.dispose]()
  return { whole: used, leftOut, check }
}

function isBetter({ greaterIsBetter }: Scorer, score: number, than: number): boolean {
  return greaterIsBetter ? score > than : score < than
}

function lastOf({ layer1, layer2 }: WholeFit) {
  return layer2 ?? layer1
}

function withoutStack(
  whole: WholeFit,
  stackers: readonly Candidate[],
  reached: ReachedLimit,
): Stacked {
  const leftOut = stackers.map(({ name }) => ({
    name,
    reason: `would exceed the ${reached} limit`,
  }))
  return { whole, leftOut, check: undefined }
}

/** The columns of candidates in predictions that stand side by side. */
function columnsOf(
  Z: NDArray<'float64'>,
  fitted: readonly FittedCandidate[],
): Pick<FittedCandidate, 'output' | 'columns'>[] {
  let first = 0
  return fitted.map(({ output }) => {
    const columns = outputColumns(Z, first, output)
    first += widthOf(output)
    return { output, columns }
  })
}
