/** Fitted layers of an ensemble, and predictions through them. */

import { type NDArray, type Rows, shared } from '../../../arrays/index.ts'
import { OneCopyError } from '../../../errors.ts'
import type { Estimator, Transformer } from '../../contract/estimator.ts'
import type { Fold } from '../../contract/fold-sharing.ts'
import type { FittedEnsembleMember } from '../members/ensemble-member.ts'
import { predictLayer } from '../layer/predict-layer.ts'
import { countColumns } from '../members/member-plan.ts'
import { joinColumns } from './layer-input.ts'

/** A fitted layer of an ensemble. */
export interface EnsembleLayer {
  /** The fitted learners by name; with several partitions each has its number: `ridge/0`. */
  readonly learners: Readonly<Record<string, Estimator>>
  /** The fitted transformers before each learner, by its name. */
  readonly preprocessing: Readonly<Record<string, readonly Transformer[]>>
  /** Out-of-fold predictions, shape (n, columns); rows without one hold NaN. Shared memory that the ensemble keeps. */
  readonly outOfFold: NDArray<'float64'>
  /** Names of the columns of `outOfFold`. */
  readonly columns: readonly string[]
  /** Names of the columns that the layer hands on to the left of its predictions. */
  readonly propagated: readonly string[]
  /** The rows that have predictions. */
  readonly rows: Rows
  /** The folds that were predicted. */
  readonly folds: readonly Fold[]
}

/** What a layer has learned. */
export interface FittedStage {
  readonly members: readonly FittedEnsembleMember[]
  /** Numbers of the columns of its input that it hands on. */
  readonly columns: readonly number[]
  /** Names of these columns. */
  readonly propagated: readonly string[]
  /** Names of the columns of its predictions. */
  readonly names: readonly string[]
  /** How it was fitted; undefined when learned values were restored. */
  readonly training: StageTraining | undefined
}

/** Out-of-fold predictions of a layer and how they came about. */
export type StageTraining = Pick<EnsembleLayer, 'outOfFold' | 'rows' | 'folds'>

/** A fitted layer as it is shown. What restored values don't hold throws when it is read. */
export function showLayer({ members, propagated, names, training }: FittedStage): EnsembleLayer {
  const shown = {
    learners: Object.fromEntries(members.map(({ name, learner }) => [name, learner])),
    preprocessing: Object.fromEntries(members.map(({ name, preprocess }) => [name, preprocess])),
    columns: names,
    propagated,
  }
  if (training !== undefined) return { ...shown, ...training }
  const refuse = (): never => {
    throw noTraining()
  }
  const getter = { get: refuse, enumerable: false }
  return Object.defineProperties(shown, {
    outOfFold: getter,
    rows: getter,
    folds: getter,
  }) as EnsembleLayer
}

/** The error for what only the ensemble knows that was fitted itself. */
export function noTraining(): OneCopyError {
  return new OneCopyError(
    'ERR_NOT_FITTED',
    'The learned values of this ensemble were restored. They hold its models and scores, without out-of-fold predictions and folds. Call fit() for these.',
  )
}

/** Values of all layers that a block of rows is predicted with at most: 16 MB. */
const mostValues = 1 << 21

/**
 * Predicts rows layer by layer, in blocks of rows when there are several layers.
 *
 * @returns what the meta learner reads, in scratch memory: the columns that the last layer hands on, and its predictions
 * @throws what `predictLayer` throws
 */
export async function predictLayers(
  stages: readonly FittedStage[],
  X: NDArray,
  valuesPerBlock = mostValues,
): Promise<NDArray<'float64'>> {
  const [n] = X.shape as [number, number]
  if (stages.length === 1) return predictStages(stages, X)
  const widths = stages.map(({ members, columns }) => countColumns(members) + columns.length)
  const values = widths.reduce((sum, width) => sum + width, 0)
  const rows = Math.max(1, Math.floor(valuesPerBlock / values))
  const out = shared([n, widths.at(-1)!], 'float64')
  try {
    for (let from = 0; from < n; from += rows) {
      const block = await predictStages(stages, X.rows(from, Math.min(n, from + rows)))
      out.data.set(block.toTypedArray(), out.offset + from * widths.at(-1)!)
      block[Symbol.dispose]()
    }
    return out
  } catch (error) {
    out[Symbol.dispose]()
    throw error
  }
}

async function predictStages(
  stages: readonly FittedStage[],
  X: NDArray,
): Promise<NDArray<'float64'>> {
  let input: NDArray = X
  let made: NDArray<'float64'> | undefined
  for (const { members, columns } of stages) {
    let Z: NDArray<'float64'>
    try {
      Z = await predictLayer(members, input)
      if (columns.length > 0) {
        const joined = joinColumns(input, columns, Z)
        Z[Symbol.dispose]()
        Z = joined
      }
    } finally {
      made?.[Symbol.dispose]()
    }
    input = made = Z
  }
  return made!
}
