/** Fits the layers of an ensemble, one after the other. */

import type { NDArray } from '../../../arrays/index.ts'
import type { FoldScores } from '../../outputs/fold-scores.ts'
import { columnNames, outputColumns, widthOf } from '../../outputs/member-output.ts'
import type { StackTarget } from '../../outputs/stack-target.ts'
import { zeroVanishing } from '../../outputs/vanishing-probabilities.ts'
import {
  type LearnerRow,
  type ScoreRow,
  scoreRow,
  type SkippedRow,
} from '../../selection/score-table.ts'
import type { LayerWork } from '../calls/layer-work.ts'
import type { LayerData } from '../folds/layer-data.ts'
import { foldsOf } from '../folds/layer-folds.ts'
import { foldOf, readersOf, reasonOf } from '../layer/failed-members.ts'
import { type FittedLayer, fitLayer } from '../layer/fit-layer.ts'
import type { EnsembleMember } from '../members/ensemble-member.ts'
import type { FittedStage } from '../plan/fitted-layer.ts'
import { firstInput, type LayerInput, nextInput, propagatedColumns } from '../plan/layer-input.ts'
import type { FittedEnsemble } from './fitted-ensemble.ts'
import { joinLayer, type KeptParts } from './kept-members.ts'
import { addCorrelations } from './learner-correlations.ts'
import type { SettledFit } from './settle-fit.ts'
import type { SettledOptions } from './super-learner-options.ts'

/** What the layers have learned. */
export interface FittedLayers {
  readonly stages: readonly FittedStage[]
  /** What the meta learners learn from. */
  readonly input: LayerInput
  readonly rows: readonly LearnerRow[]
  readonly skipped: readonly SkippedRow[]
}

/** What the fit of the layers is given beside the data. */
interface LayersWork {
  readonly work: LayerWork
  /** The fit before, of which members are kept. */
  readonly before: FittedEnsemble | undefined
  /** Receives the arrays that are made, to be disposed of should the fit fail. */
  readonly made: NDArray[]
}

/** The members of a layer that are not kept. */
export function newMembers(
  members: readonly EnsembleMember[],
  { layers }: KeptParts,
  layer: number,
): EnsembleMember[] {
  return members.filter(({ name }) => !layers[layer]!.has(name))
}

/** Fits layer after layer, scores its learners, and makes the columns that the next one learns from. */
export async function fitLayers(
  settled: SettledFit,
  { plan: { layers = [] }, onError }: SettledOptions,
  X: NDArray,
  { work, before, made }: LayersWork,
): Promise<FittedLayers> {
  const { target, scores, added, coded, kept, record, dataOf } = settled
  const { scorer } = record
  const stages: FittedStage[] = []
  const rows: LearnerRow[] = []
  const skipped: SkippedRow[] = []
  let input = firstInput(X)
  for (const [l, { propagateFeatures = [] }] of layers.entries()) {
    const { readable, refused } =
      l === 0
        ? { readable: coded[0]!, refused: settled.refused }
        : await readersOf(coded[l]!, input.schema, onError)
    const data = dataOf(input.X, record.planned[l]!)
    const [own, others] = [kept.layers[l]!, newMembers(readable, kept, l)]
    const isFitted = others.length > 0 || own.size === 0
    const fresh = isFitted ? await fitLayer(others, data, work, onError) : undefined
    const layer = own.size === 0 ? fresh! : joinLayer(readable, own, before!.stages[l]!, fresh)
    made.push(layer.outOfFold)
    if (layer.members.length === 0) throw layer.failed[0]!.error
    const names = new Set([...own.values()].flat().map(({ name }) => name))
    const known = settled.isSameScorer
      ? (before?.scores.learners ?? []).filter(({ name }) => names.has(name))
      : []
    const scored = scoreMembers(layer, data, scores, known)
    rows.push(...(await addCorrelations(scored, layer, data, scorer.greaterIsBetter)))
    zeroVanishing(
      layer.outOfFold,
      layer.members.map(({ output }) => output),
    )
    for (const one of [...refused, ...layer.failed])
      skipped.push({ name: one.name, reason: reasonOf(one, added[l]!, input.X), ...foldOf(one) })
    const stage = stageOf(layer, data, { input, propagateFeatures, target })
    stages.push(stage)
    input = nextInput(input, stage.columns, layer.outOfFold, stage.names)
    made.push(input.matrix)
  }
  return { stages, input, rows, skipped }
}

/**
 * Scores of each learner of a layer, and of each of its partitions.
 *
 * @param known - rows of learners that were scored before
 */
function scoreMembers(
  { members, outOfFold }: FittedLayer,
  data: LayerData,
  scored: FoldScores,
  known: readonly ScoreRow[],
): ScoreRow[] {
  let column = 0
  return members.map(({ name, partition, output, fitSeconds, predictSeconds }) => {
    const own = outputColumns(outOfFold, column, output)
    column += widthOf(output)
    const before = known.find((row) => row.name === name)
    if (before !== undefined) return before
    const folds = scored.ofLearner(name, own, output, foldsOf(data, partition))
    return scoreRow(name, folds, fitSeconds, predictSeconds)
  })
}

/** What a layer has learned, and what of it is shown. */
function stageOf(
  { members, outOfFold }: FittedLayer,
  { folds, splits, predicted }: LayerData,
  given: {
    readonly input: LayerInput
    readonly propagateFeatures: readonly (number | string)[]
    readonly target: StackTarget
  },
): FittedStage {
  const { schema } = given.input
  const columns = propagatedColumns(given.propagateFeatures, schema)
  return {
    members,
    columns,
    propagated: columns.map((column) => schema.names[column]!),
    names: members.flatMap(({ name, output }) => columnNames(name, output, given.target.labels)),
    training: { outOfFold, rows: predicted, folds: folds.slice(0, splits) },
  }
}
