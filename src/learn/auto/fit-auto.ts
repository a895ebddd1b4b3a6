/** Fits an automatic ensemble: layers of candidates, and their weights. */

import { countRows, type NDArray, type RowSelection } from '../../arrays/index.ts'
import { allRows, requireAttached, requireMatrix } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import type { RowLabels } from '../contract/splitter.ts'
import { tellProgress } from '../ensembles/calls/watched-fit.ts'
import { requireDistinctRows } from '../ensembles/folds/distinct-rows.ts'
import type { LayerFolds } from '../ensembles/folds/layer-folds.ts'
import type { ArrayInput } from '../inputs/as-array.ts'
import type { LabelInput } from '../inputs/labels.ts'
import { requireWeights } from '../inputs/weights.ts'
import { type EnsembleTask, taskOfTarget } from '../outputs/ensemble-task.ts'
import { FoldScores } from '../outputs/fold-scores.ts'
import { columnNames } from '../outputs/member-output.ts'
import type { StackTarget } from '../outputs/stack-target.ts'
import { requireScorer } from '../scores/scorer-names.ts'
import { scoreRow } from '../selection/score-table.ts'
import { requireSomeColumns } from '../statistics/read-moments.ts'
import type { AutoProgress } from './auto-progress.ts'
import { readTarget } from './auto-target.ts'
import type { SettledAuto } from './auto-options.ts'
import { type CostData, Paces } from './candidates/candidate-cost.ts'
import type { LeftOut } from './candidates/fit-candidates.ts'
import { type AutoRun, fitFirstLayer } from './first-layer.ts'
import { Leaderboard, type LeaderboardRow } from './leaderboard.ts'
import { planScorableRows } from './plan-rows.ts'
import { CandidateScores, scoreCandidates } from './score-candidates.ts'
import { listCandidates, listStackers, type PortfolioData } from './candidates/portfolio.ts'
import type { AutoModel } from './predict-auto.ts'
import { presets } from './presets.ts'
import type { RunLimits } from './run-limits.ts'
import { tryStacking } from './try-stacking.ts'
import { joinCandidates, weighCandidates, weighingFits } from './weigh-candidates.ts'
import { candidatesOf, modelOf, type WholeFit } from './whole-fit.ts'

/** What is learned from. */
export interface AutoData {
  readonly X: NDArray
  readonly y: LabelInput | undefined
  readonly weights: ArrayInput | undefined
  readonly groups: RowLabels | undefined
  /** Default: all. */
  readonly rows: RowSelection | undefined
}

/** Who wants to know of a fit, or to end it. */
export interface AutoCaller {
  readonly signal: AbortSignal | undefined
  readonly onProgress: ((progress: AutoProgress) => void) | undefined
}

/** What a fit has learned. */
export interface FittedAuto {
  readonly task: EnsembleTask
  /** Columns of `X`. */
  readonly columns: number
  readonly target: Pick<StackTarget, 'labels' | 'rowShape'>
  /** What candidates were listed for. */
  readonly listedFor: Pick<PortfolioData, 'rows' | 'allowsOutOfBag'>
  readonly model: AutoModel
  readonly leaderboard: Leaderboard
  /** Names of the columns that learners predict. */
  readonly outOfFoldColumns: readonly string[]
  /** How it was fitted; undefined when learned values were restored. */
  readonly training: AutoTraining | undefined
}

/** Out-of-fold predictions and how they came about. */
export interface AutoTraining {
  /** Predictions of all learners of the ensemble, side by side, of rows that their models have not seen. */
  readonly outOfFold: NDArray<'float64'>
  /** Those of the ensemble. */
  readonly combined: NDArray<'float64'>
  readonly folds: readonly Fold[]
}

/**
 * Fits an automatic ensemble.
 *
 * @throws what `AutoEnsemble.fit` throws
 */
export async function fitAuto(
  { X, y, weights: given, groups, rows: selection }: AutoData,
  settled: SettledAuto,
  limits: RunLimits,
  { signal, onProgress }: AutoCaller,
): Promise<FittedAuto> {
  const [n, d] = requireMatrix(X, '`X`')
  requireAttached(X)
  requireSomeColumns(n, d)
  const weights = given === undefined ? undefined : requireWeights(given, n)
  const rows = selection === undefined ? undefined : requireDistinctRows(selection, n)
  const task = settled.task === 'auto' ? taskOfTarget(y) : settled.task
  const target = readTarget(task, y, n, weights, rows ?? allRows(n))
  const wanted = settled.scorer ?? (task === 'classification' ? 'logLoss' : 'rmse')
  const scorer = requireScorer(wanted, { task })
  const preset = presets[settled.preset]
  const { seed, folds } = settled
  const scores = new FoldScores(scorer, target, weights)
  const own = { X, target, rows, groups, weights, seed, stacks: stacks(settled) }
  const plan = await planScorableRows(folds, preset, own, scores)
  limits.requireRoom(8 * n * (target.labels?.length ?? 1))
  const count = countRows(plan.rows)
  const data = { rows: count, columns: d, task, allowsOutOfBag: plan.allowsOutOfBag }
  const run: AutoRun = {
    plan,
    target,
    weights,
    settled,
    limits,
    paces: new Paces(),
    costs: costsOf([count, d], target, plan.refit),
    scored: new CandidateScores(scores, scorer),
    tell: (progress) => tellProgress(onProgress, { ...progress, elapsedMs: limits.elapsedMs }),
  }
  const first = await fitFirstLayer(listCandidates(settled, data), X, run)
  const made: NDArray[] = [...first.made]
  try {
    const { results } = first
    if (results.fitted.length === 0) throw refuseLimits(settled, results.leftOut)
    const { scored, leftOut, failure } = scoreCandidates(results.fitted, plan.refit, run.scored)
    if (scored.length === 0) throw noneScored(failure!, leftOut)
    const Z = joinCandidates(scored, n)
    for (const one of first.made) one[Symbol.dispose]()
    made.splice(0, made.length, Z)
    run.tell({ phase: 'weights', learner: '', done: 0, total: 1 })
    const weighing = {
      target,
      weights,
      groups,
      count,
      scores,
      scorer,
      seed,
      selected: stepsInTime(run, preset.selected),
    }
    const start = limits.elapsedMs
    const weighed = await weighCandidates(scored, Z, { ...weighing, folds: plan.refit, signal })
    const weighingMs = limits.elapsedMs - start
    const whole: WholeFit = {
      layer1: { fitted: scored, folds: plan.refit, weighed },
      layer2: undefined,
      encoder: first.encoder,
      Z,
    }
    const found = await tryStacking(X, whole, {
      run,
      weighing,
      stackers: plan.heldOut === undefined ? [] : listStackers(settled, data),
      weighingMs,
      keep: (one) => made.push(one),
    })
    signal?.throwIfAborted()
    const { layer1, layer2 } = found.whole
    const last = layer2 ?? layer1
    const board = {
      scorer: scorer.name,
      greaterIsBetter: scorer.greaterIsBetter,
      rows: boardRows(found.whole),
      ensemble: last.weighed.row,
      leftOut: [...results.leftOut, ...leftOut, ...found.leftOut],
      secondLayer: found.check,
    }
    return {
      task,
      columns: d,
      target: { labels: target.labels, rowShape: target.rowShape },
      model: modelOf(found.whole),
      leaderboard: new Leaderboard(board),
      listedFor: { rows: count, allowsOutOfBag: plan.allowsOutOfBag },
      outOfFoldColumns: candidatesOf(found.whole).flatMap(({ candidate, output }) =>
        columnNames(candidate.name, output, target.labels),
      ),
      training: {
        outOfFold: found.whole.Z,
        combined: last.weighed.combined,
        folds: last.folds.folds.slice(0, last.folds.splits),
      },
    }
  } catch (error) {
    for (const one of made) one[Symbol.dispose]()
    throw error
  }
}

/** Whether there may be a second layer: not of learners that were given. */
function stacks({ learners }: SettledAuto): boolean {
  return learners === null || Array.isArray(learners)
}

/** The share of the time that is left which a selection may take: it is told by few measurements. */
const selectionShare = 0.5

/** How many steps a selection has time for; at least one, which finds the best candidate. */
function stepsInTime({ limits: { leftMs }, scored, plan }: AutoRun, most: number): number {
  if (leftMs === Infinity) return most
  const stepMs = scored.stepMs(scored.count, weighingFits(plan))
  return Math.max(1, Math.min(most, Math.floor((selectionShare * leftMs) / stepMs)))
}

function boardRows(whole: WholeFit): LeaderboardRow[] {
  const { layer1, layer2 } = whole
  const { weights } = (layer2 ?? layer1).weighed
  return candidatesOf(whole).map(({ candidate, member, scores }, i) => {
    const row = scoreRow(candidate.name, scores, member.fitSeconds, member.predictSeconds)
    return { ...row, layer: i < layer1.fitted.length ? 1 : 2, weight: weights[i]! }
  })
}

function costsOf(
  [rows, columns]: readonly [rows: number, columns: number],
  { labels }: StackTarget,
  { folds, splits }: LayerFolds,
): CostData {
  const scores = labels === undefined || labels.length === 2 ? 1 : labels.length
  const counts = folds.slice(0, splits).map(({ test }) => countRows(test))
  const tested = counts.reduce((sum, count) => sum + count, 0)
  return { rows, columns, scores, folds: splits, tested }
}

function refuseLimits({ memoryLimit }: SettledAuto, leftOut: readonly LeftOut[]): OneCopyError {
  const reasons = leftOut.map(({ name, reason }) => `${name} ${reason}`)
  return new OneCopyError(
    'ERR_OPTION',
    `Expected \`memoryLimit\` to allow at least one learner, got ${memoryLimit}: ${reasons.join(', ')}. Raise it.`,
    { details: { memoryLimit } },
  )
}

/** No learner has predictions that can be scored, such as a Poisson deviance of negative ones. */
function noneScored(cause: OneCopyError, leftOut: readonly LeftOut[]): OneCopyError {
  const names = leftOut.map(({ name }) => name).join(', ')
  return new OneCopyError(
    cause.code,
    `${cause.message} No learner has predictions that the scorer takes: ${names}. Choose another \`scorer\`, or \`learners\` of your own.`,
    { cause, details: cause.details },
  )
}
