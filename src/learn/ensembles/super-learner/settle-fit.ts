/** Settles what a fit of an ensemble needs before it fits. */

import type { NDArray, Rows } from '../../../arrays/index.ts'
import { requireMatrix } from '../../../arrays/internal.ts'
import { OneCopyError, show } from '../../../errors.ts'
import type { Fold } from '../../contract/fold-sharing.ts'
import type { RowLabels } from '../../contract/splitter.ts'
import type { ArrayInput } from '../../inputs/as-array.ts'
import { columnsOf } from '../../inputs/feature-input.ts'
import type { LabelInput } from '../../inputs/labels.ts'
import type { ColumnSchema } from '../../inputs/table-columns.ts'
import { requireWeights } from '../../inputs/weights.ts'
import { type EnsembleTask, settleTask } from '../../outputs/ensemble-task.ts'
import { FoldScores } from '../../outputs/fold-scores.ts'
import { encodeTarget, readNumbers, type StackTarget } from '../../outputs/stack-target.ts'
import { untilAborted } from '../calls/until-aborted.ts'
import { modelName } from '../fits/fitted-members.ts'
import { requireDistinctRows } from '../folds/distinct-rows.ts'
import type { LayerData } from '../folds/layer-data.ts'
import type { LayerFolds } from '../folds/layer-folds.ts'
import { planMetaFits } from '../folds/meta-folds.ts'
import { ownOrder, type SplitInputs } from '../folds/split-layer.ts'
import { readersOf } from '../layer/failed-members.ts'
import type { EnsembleMember } from '../members/ensemble-member.ts'
import { membersOf, metasOf } from '../plan/layer-spec.ts'
import { planLayers } from '../plan/plan-layers.ts'
import { codedMember, codedMembers, combinerOf, requireCombinable } from './coded-members.ts'
import type { FittedEnsemble } from './fitted-ensemble.ts'
import { type FitRecord, printOf, requireSameData } from './fit-record.ts'
import { findKept, type KeptParts } from './kept-members.ts'
import { metaPrefix } from './meta-learner.ts'
import { splitNested } from './score-nested.ts'
import {
  type EnsembleFitOptions,
  type SettledOptions,
  settleScorer,
} from './super-learner-options.ts'

/** What `fit` is given beside `X` and `y`, with arrays in place of columns. */
export type EnsembleFit = Omit<EnsembleFitOptions, 'weights' | 'groups'> & {
  readonly weights?: ArrayInput
  readonly groups?: RowLabels
}

/** Data, folds and members of a fit. */
export interface SettledFit {
  readonly target: StackTarget
  readonly scores: FoldScores
  /** Members of each layer as they were added, and as they learn from codes of classes. */
  readonly added: readonly (readonly EnsembleMember[])[]
  readonly coded: readonly (readonly EnsembleMember[])[]
  /** Members of the first layer that can't read the columns. */
  readonly refused: Awaited<ReturnType<typeof readersOf>>['refused']
  readonly nestedFolds: readonly Fold[]
  /** What a later fit compares itself with. */
  readonly record: FitRecord
  readonly kept: KeptParts
  /** Whether scores of the fit before are those of this one. */
  readonly isSameScorer: boolean
  /** What a layer learns from. */
  readonly dataOf: (input: NDArray, folds: LayerFolds) => LayerData
}

/**
 * Reads the target, splits the rows, and finds what is kept of an earlier fit.
 *
 * @throws what `SuperLearner.fit` throws before it fits
 */
export async function settleFit(
  options: SettledOptions,
  X: NDArray,
  y: LabelInput | undefined,
  fit: EnsembleFit,
  before: FittedEnsemble | undefined,
): Promise<SettledFit> {
  const { layers = [] } = options.plan
  const added = layers.map((layer) => membersOf([layer]))
  const metas = metasOf(options.plan)
  const { readable, refused } = await readersOf(added[0]!, schemaOf(X), options.onError)
  const { task, cause } = settleTask(
    options.task,
    metas.map(({ learner }) => learner),
    added.at(-1)!.map(({ learner }) => learner),
  )
  const [n] = requireMatrix(X, '`X`')
  const weights = fit.weights === undefined ? undefined : requireWeights(fit.weights, n)
  const rows = fit.rows === undefined ? undefined : requireDistinctRows(fit.rows, n)
  const target =
    task === 'regression' ? readNumbers(y, n, cause) : encodeTarget(y, n, weights, rows)
  const { labels } = target
  const scorer = settleScorer(options.scorer, task)
  const scores = new FoldScores(scorer, target, weights)
  const folds = await splitRows(options, { X, y: target.y, labels, task, weights, rows, fit })
  const { planned, metaFolds, nestedFolds } = folds
  requireDistinctModels(added, planned)
  const scoredFits = metas.length === 0 ? planned : [...planned, metaFolds]
  const scoredFolds = scoredFits.flatMap(({ folds, splits }) => folds.slice(0, splits))
  scores.requireScorable([...scoredFolds, ...nestedFolds])
  const order = ownOrder(rows)
  const classes = labels === undefined ? {} : { classes: labels.length }
  const dataOf = (input: NDArray, folds: LayerFolds): LayerData => {
    return { X: input, y: target.y, weights, ...classes, order, ...folds }
  }
  const coded = [readable, ...added.slice(1)].map((members) => codedMembers(members, labels))
  const lastData = dataOf(X, planned.at(-1)!)
  for (const { learner } of metas) requireCombinable(learner, coded.at(-1)!, lastData)
  const codedMetas = metas.map((meta) =>
    codedMember({ ...meta, learner: combinerOf(meta.learner, labels?.length) }, labels),
  )
  const data = printOf(X, task === 'regression' ? target.y : y!, weights)
  if (before?.record !== undefined) requireSameData(before.record.data, data)
  const propagated = layers.map(({ propagateFeatures = [] }) => propagateFeatures)
  const record = { data, planned, propagated, metaFolds, metas: codedMetas, scorer }
  const found = findKept({ ...record, members: coded }, before)
  const isSameScorer = before?.record?.scorer === scorer
  const hasAllMetas = !before?.scores.skipped.some(({ name }) => name.startsWith(metaPrefix))
  const kept = { ...found, keepsMeta: found.keepsMeta && isSameScorer && hasAllMetas }
  return { target, scores, added, coded, refused, nestedFolds, record, kept, isSameScorer, dataOf }
}

/** Refuses a learner that has the name of another one's model of a partition: results are found by name. */
function requireDistinctModels(
  added: readonly (readonly EnsembleMember[])[],
  planned: readonly LayerFolds[],
): void {
  const names = new Set<string>()
  for (const [l, { partitions }] of planned.entries())
    for (const member of added[l]!)
      for (let partition = 0; partition < partitions; partition++) {
        const name = modelName(member, partition, partitions)
        if (names.has(name))
          throw new OneCopyError(
            'ERR_OPTION',
            `Expected another name for a learner than ${show(name)}, which the model of a partition of another learner gets. Rename one of them.`,
            { details: { name } },
          )
        names.add(name)
      }
}

/** Plans the folds of all layers, of the meta learners, and those that the whole ensemble is scored on. */
async function splitRows(
  { plan, folds, seed }: SettledOptions,
  given: Omit<SplitInputs, 'seed' | 'groups'> & {
    readonly task: EnsembleTask
    readonly weights: Float64Array | undefined
    readonly rows: Rows | undefined
    readonly fit: EnsembleFit
  },
): Promise<{
  readonly planned: readonly LayerFolds[]
  readonly metaFolds: LayerFolds
  readonly nestedFolds: readonly Fold[]
}> {
  const { task, rows, weights, fit, ...data } = given
  const { layers = [] } = plan
  const inputs = { ...data, groups: fit.groups, seed, weights }
  const planned = await untilAborted(fit.signal, () => planLayers(layers, folds, inputs, rows))
  const n = data.y.shape[0]!
  const metaFolds = planMetaFits(planned.at(-1)!, { ...inputs, n, order: rows })
  if (fit.nestedFolds === undefined) return { planned, metaFolds, nestedFolds: [] }
  const hasMeta = metasOf(plan).length > 0
  const nestedFolds = await splitNested(fit.nestedFolds, { ...inputs, task, rows, hasMeta })
  return { planned, metaFolds, nestedFolds }
}

/** Names and categories of columns; none of an array. */
function schemaOf(X: NDArray): ColumnSchema {
  return columnsOf(X) ?? { names: [], categories: [] }
}
