/** Fits the first layer of an automatic ensemble. */

import type { NDArray } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import { untilAborted } from '../ensembles/calls/until-aborted.ts'
import type { StackTarget } from '../outputs/stack-target.ts'
import type { AutoProgress } from './auto-progress.ts'
import type { SettledAuto } from './auto-options.ts'
import { type CostData, Paces } from './candidates/candidate-cost.ts'
import { CandidateLayer } from './candidates/candidate-layer.ts'
import { encodeColumns, encodedBytes, type EncodedColumns } from './encode-columns.ts'
import { type CandidateResults, fitCandidates } from './candidates/fit-candidates.ts'
import type { RowPlan } from './plan-rows.ts'
import type { Candidate } from './candidates/portfolio.ts'
import type { RunLimits } from './run-limits.ts'
import type { CandidateScores } from './score-candidates.ts'
import { weighingFits } from './weigh-candidates.ts'

/** What fits of candidates need. */
export interface AutoRun {
  readonly plan: RowPlan
  readonly target: StackTarget
  readonly weights: Float64Array | undefined
  readonly settled: SettledAuto
  readonly limits: RunLimits
  readonly paces: Paces
  readonly costs: CostData
  /** Scores of candidates of this layer. */
  readonly scored: CandidateScores
  readonly tell: (progress: Omit<AutoProgress, 'elapsedMs'>) => void
}

/** A fitted first layer. */
export interface FirstLayer {
  readonly results: CandidateResults
  readonly encoder: EncodedColumns['encoder'] | undefined
  /** Predictions, to be freed. */
  readonly made: readonly NDArray[]
}

/** Fits candidates on columns as they are and on encoded ones, in one order. @throws what {@link fitCandidates} throws */
export async function fitFirstLayer(
  candidates: readonly Candidate[],
  X: NDArray,
  run: AutoRun,
): Promise<FirstLayer> {
  const { plan, target, weights, settled, limits, paces, costs, scored, tell } = run
  /** What a selection of some steps will take; at least the first one, which finds the best candidate, whatever it takes. */
  const selectionMs = (): number => {
    const stepMs = scored.stepMs(scored.count + 1, weighingFits(plan))
    const { timeLimitMs } = limits
    return Math.max(
      Math.min(0.1 * timeLimitMs, 20 * stepMs),
      Math.min(0.5 * timeLimitMs, 2 * stepMs),
    )
  }
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
    encoded ??= encodeColumns(X, weights, plan.rows)
    const made = await encoded
    encoder = made.encoder
    return (ofNumbers ??= open(others, made.X))
  }
  try {
    const results = await fitCandidates(candidates, {
      limits,
      paces,
      costs,
      // Weights are found on all rows; on a busy machine they take longer.
      reserveMs: () =>
        Math.max(
          Math.min(0.05 * limits.timeLimitMs, (20 + costs.rows * 1e-3) * paces.slowdown),
          selectionMs(),
        ),
      fit: async (candidate, how) => {
        const opened = untilAborted(how.signal, () => layerOf(candidate))
        const layer = await opened.catch((error: unknown) => {
          how.signal?.throwIfAborted()
          throw new OneCopyError(
            'ERR_LEARNER',
            `Learner \`${candidate.name}\` failed: ${error instanceof Error ? error.message : show(error)}`,
            { cause: error },
          )
        })
        const one = await layer.fit(candidate, how)
        scored.of(one, plan.refit, () => limits.elapsedMs)
        return one
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
