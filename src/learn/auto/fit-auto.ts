/** Fits an automatic ensemble: layers of candidates, and their weights. */

import { countRows, type NDArray } from '../../arrays/index.ts'
import { requireMatrix } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import type { RowLabels } from '../contract/splitter.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import { foldsOf } from '../ensembles/folds/layer-folds.ts'
import type { ArrayInput } from '../inputs/as-array.ts'
import { toArray } from '../inputs/as-array.ts'
import type { LabelInput } from '../inputs/labels.ts'
import { requireWeights } from '../inputs/weights.ts'
import type { EnsembleTask } from '../outputs/ensemble-task.ts'
import { FoldScores } from '../outputs/fold-scores.ts'
import { columnNames } from '../outputs/member-output.ts'
import { encodeTarget, readNumbers, type StackTarget } from '../outputs/stack-target.ts'
import { requireScorer } from '../scores/scorer-names.ts'

import { scoreRow } from '../selection/score-table.ts'
import type { AutoProgress } from './auto-progress.ts'
import type { SettledAuto } from './auto-options.ts'
import { type CostData, Paces } from './candidate-cost.ts'
import { CandidateLayer, type FittedCandidate } from './candidate-layer.ts'
import { encodeColumns, encodedBytes, type EncodedColumns } from './encode-columns.ts'
import { type CandidateResults, fitCandidates } from './fit-candidates.ts'
import { Leaderboard, type LeaderboardRow } from './leaderboard.ts'
import { planRows, type RowPlan } from './plan-rows.ts'
import { type Candidate, listCandidates } from './portfolio.ts'
import { type AutoMember, type AutoModel, modelsOf } from './predict-auto.ts'
import { presets } from './presets.ts'
import type { RunLimits } from './run-limits.ts'
import { joinCandidates, type WeighedCandidates, weighCandidates } from './weigh-candidates.ts'

/** What is learned from. */
export interface AutoData {
  readonly X: NDArray
  readonly y: LabelInput | undefined
  readonly weights: ArrayInput | undefined
  readonly groups: RowLabels | undefined
}

/** What a fit has learned. */
export interface FittedAuto {
  readonly task: EnsembleTask
  readonly columns: number
  readonly target: Pick<StackTarget, 'labels' | 'rowShape'>
  readonly model: AutoModel
  readonly leaderboard: Leaderboard
  /** Predictions of all learners that were fitted, side by side, of rows that their models have not seen. */
  readonly outOfFold: NDArray<'float64'>
  readonly outOfFoldColumns: readonly string[]
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
  data: AutoData,
  settled: SettledAuto,
  limits: RunLimits,
  {
    signal,
    onProgress,
  }: {
    readonly signal: AbortSignal | undefined
    readonly onProgress: ((progress: AutoProgress) => void) | undefined
  },
): Promise<FittedAuto> {
  const { X } = data
  const [n, d] = requireMatrix(X, '`X`')
  const weights = data.weights === undefined ? undefined : requireWeights(data.weights, n)
  const task = chooseTask(settled.task, data.y)
  const target = readTarget(task, data.y, n, weights)
  const scorer = requireScorer(settled.scorer ?? (task === 'classification' ? 'logLoss' : 'rmse'), {
    task,
  })
  const preset = presets[settled.preset]
  const rows = { X, target, groups: data.groups, weights, seed: settled.seed }
  const plan = await planRows(settled.folds, preset, rows)
  const { refit } = plan
  const scores = new FoldScores(scorer, target, weights)
  scores.requireScorable(refit.folds.slice(0, refit.splits))
  const candidates = listCandidates(settled, {
    rows: n,
    columns: d,
    task,
    allowsOutOfBag: plan.allowsOutOfBag,
  })
  const run: AutoRun = {
    candidates,
    plan,
    target,
    weights,
    settled,
    limits,
    costs: costsOf(n, d, target, plan),
    tell: (progress) => onProgress?.({ ...progress, elapsedMs: limits.elapsedMs }),
  }
  limits.requireRoom(8 * n * (target.labels?.length ?? 1))
  const layer1 = await fitFirstLayer(X, run)
  const made: NDArray[] = [...layer1.made]
  try {
    if (layer1.results.fitted.length === 0) throw refuseLimits(settled, layer1.results)
    const Z = joinCandidates(layer1.results.fitted, n)
    made.push(Z)
    for (const one of layer1.made) one[Symbol.dispose]()
    run.tell({ phase: 'weights', learner: '', done: 0, total: 1 })
    const weighing = { target, weights, folds: refit, scores, scorer, seed: settled.seed }
    const weighed = await weighCandidates(layer1.results.fitted, Z, {
      ...weighing,
      selected: preset.selected,
      signal,
    })
    signal?.throwIfAborted()
    const fitted = layer1.results.fitted
    const board = (one: FittedCandidate, i: number): LeaderboardRow =>
      boardRow(one, { Z: zColumns(Z, fitted, i), weighed, i, layer: 1, plan, scores })
    return {
      task,
      columns: d,
      target: { labels: target.labels, rowShape: target.rowShape },
      model: {
        encoder: layer1.encoder,
        layer1: fitted.map((one, i) => autoMember(one, weighed.weights[i]!)),
        layer2: [],
        propagated: [],
        meta: weighed.meta,
      },
      leaderboard: new Leaderboard({
        scorer: scorer.name,
        greaterIsBetter: scorer.greaterIsBetter,
        rows: fitted.map(board),
        ensemble: weighed.row,
        leftOut: layer1.results.leftOut,
        secondLayer: undefined,
      }),
      outOfFold: Z,
      outOfFoldColumns: fitted.flatMap(({ candidate, output }) =>
        columnNames(candidate.name, output, target.labels),
      ),
      combined: weighed.combined,
      folds: refit.folds.slice(0, refit.splits),
    }
  } catch (error) {
    for (const one of made) one[Symbol.dispose]()
    throw error
  }
}

/** What a fit of candidates needs. */
interface AutoRun {
  readonly candidates: readonly Candidate[]
  readonly plan: RowPlan
  readonly target: StackTarget
  readonly weights: Float64Array | undefined
  readonly settled: SettledAuto
  readonly limits: RunLimits
  readonly costs: CostData
  readonly tell: (progress: Omit<AutoProgress, 'elapsedMs'>) => void
}

interface FirstLayer {
  readonly results: CandidateResults
  readonly encoder: EncodedColumns['encoder'] | undefined
  /** Predictions, to be freed. */
  readonly made: readonly NDArray[]
}

/** Fits candidates on columns as they are and on encoded ones, in one order. */
async function fitFirstLayer(X: NDArray, run: AutoRun): Promise<FirstLayer> {
  const { candidates, plan, target, weights, settled, limits, costs, tell } = run
  const input = { X, target, weights, plan, parallel: settled.parallel }
  const raw = candidates.filter((one) => one.input === 'raw')
  const others = candidates.filter((one) => one.input === 'encoded')
  const layers: CandidateLayer[] = []
  const open = (some: readonly Candidate[], matrix: NDArray): CandidateLayer => {
    const layer = new CandidateLayer(some, { ...input, X: matrix })
    layers.push(layer)
    return layer
  }
  let encoded: Promise<EncodedColumns> | undefined
  let ofNumbers: CandidateLayer | undefined
  const trees = raw.length === 0 ? undefined : open(raw, X)
  let encoder: EncodedColumns['encoder'] | undefined
  const layerOf = async ({ input: kind }: Candidate): Promise<CandidateLayer> => {
    if (kind === 'raw') return trees!
    if (encoded === undefined && encodedBytes(X) > limits.leftBytes)
      throw new Error('its columns of 0 and 1 would exceed the memory limit')
    encoded ??= encodeColumns(X, weights)
    const made = await encoded
    encoder = made.encoder
    return (ofNumbers ??= open(others, made.X))
  }
  try {
    const results = await fitCandidates(candidates, {
      limits,
      paces: new Paces(),
      costs,
      reserveMs: () => 20 + costs.rows * 2e-4,
      fit: async (candidate, signal, onStep) => {
        const layer = await layerOf(candidate).catch((error: unknown) => {
          throw new OneCopyError(
            'ERR_LEARNER',
            `Learner \`${candidate.name}\` failed: ${error instanceof Error ? error.message : show(error)}`,
            { cause: error },
          )
        })
        return layer.fit(candidate, signal, onStep)
      },
      onProgress: (progress) => tell({ phase: 'layer1', ...progress }),
      needsOne: true,
    })
    return { results, encoder, made: layers.map(({ Z }) => Z) }
  } catch (error) {
    for (const { Z } of layers) Z[Symbol.dispose]()
    throw error
  } finally {
    for (const layer of layers) await layer.close()
  }
}

/** The kind of a target: texts, and true and false, are classes. */
function chooseTask(task: SettledAuto['task'], y: LabelInput | undefined): EnsembleTask {
  if (task !== 'auto') return task
  const first: unknown = Array.isArray(y) ? y[0] : undefined
  if (typeof first === 'string' || typeof first === 'boolean') return 'classification'
  const { dtype } = (y ?? {}) as { readonly dtype?: string }
  return dtype === 'bool' ? 'classification' : 'regression'
}

function readTarget(
  task: EnsembleTask,
  y: LabelInput | undefined,
  n: number,
  weights: Float64Array | undefined,
): StackTarget {
  if (task === 'classification') return encodeTarget(y, n, weights)
  const first: unknown = Array.isArray(y) ? y[0] : undefined
  if (typeof first === 'string' || typeof first === 'boolean')
    throw new TypeError(
      `Expected \`y\` of AutoEnsemble to hold numbers, got ${show(first)} in row 0. Leave out \`task\` to learn classes.`,
    )
  const target = readNumbers(y === undefined ? y : toArray(y, '`y`'), n, '')
  if (target.y.ndim === 2 && target.y.shape[1] !== 1)
    throw new OneCopyError(
      'ERR_SHAPE',
      `Expected one target in \`y\`, shape (n) or (n, 1), got (${target.y.shape.join(', ')}). Fit an ensemble for each target.`,
      { details: { shape: [...target.y.shape] } },
    )
  const values = target.y.ndim === 1 ? target.y : target.y.column(0)
  for (let row = 0; row < n; row++) {
    const value = Number(values.get(row))
    if (Number.isFinite(value) || weights?.[row] === 0) continue
    throw new OneCopyError(
      'ERR_VALUE',
      `Expected finite numbers in \`y\`, got ${value} in row ${row} (counted from 0). Leave such rows out, or give them the weight 0.`,
      { details: { row, value } },
    )
  }
  return { ...target, y: values }
}

function costsOf(n: number, d: number, { labels }: StackTarget, { refit }: RowPlan): CostData {
  const scores = labels === undefined || labels.length === 2 ? 1 : labels.length
  const tested = refit.folds
    .slice(0, refit.splits)
    .reduce((sum, { test }) => sum + countRows(test), 0)
  return { rows: n, columns: d, scores, folds: refit.splits, tested }
}

function autoMember({ candidate, output, member }: FittedCandidate, weight: number): AutoMember {
  const { name, input } = candidate
  return { name, input, output, models: modelsOf(member), weight }
}

/** The columns of a candidate in those of all. */
function zColumns(
  Z: NDArray<'float64'>,
  fitted: readonly FittedCandidate[],
  i: number,
): NDArray<'float64'> {
  const width = ({ output }: FittedCandidate): number => output.rowShape[0] ?? 1
  const first = fitted.slice(0, i).reduce((sum, one) => sum + width(one), 0)
  const { rowShape } = fitted[i]!.output
  return rowShape.length === 0 ? Z.column(first) : Z.slice(null, [first, first + rowShape[0]!])
}

function boardRow(
  { candidate, output, member }: FittedCandidate,
  given: {
    readonly Z: NDArray<'float64'>
    readonly weighed: WeighedCandidates
    readonly i: number
    readonly layer: 1 | 2
    readonly plan: RowPlan
    readonly scores: FoldScores
  },
): LeaderboardRow {
  const { Z, weighed, i, layer, plan, scores } = given
  const folds = scores.of(Z, output, foldsOf(plan.refit, 0))
  const row = scoreRow(candidate.name, folds, member.fitSeconds, member.predictSeconds)
  return { ...row, layer, weight: weighed.weights[i]! }
}

function refuseLimits(settled: SettledAuto, { leftOut }: CandidateResults): OneCopyError {
  return new OneCopyError(
    'ERR_OPTION',
    `Expected \`memoryLimit\` to allow at least one learner, got ${settled.memoryLimit}: ${leftOut
      .map(({ name, reason }) => `${name} ${reason}`)
      .join(', ')}. Raise it.`,
    { details: { memoryLimit: settled.memoryLimit } },
  )
}
