/** Fits the learners of an ensemble and what combines them. */

import type { NDArray, Rows } from '../../../arrays/index.ts'
import { requireMatrix } from '../../../arrays/internal.ts'
import type { RowLabels } from '../../contract/splitter.ts'
import { type ArrayInput } from '../../inputs/as-array.ts'
import { columnsOf } from '../../inputs/feature-input.ts'
import type { LabelInput } from '../../inputs/labels.ts'
import type { ColumnSchema } from '../../inputs/table-columns.ts'
import { requireWeights } from '../../inputs/weights.ts'
import { settleTask } from '../../outputs/ensemble-task.ts'
import { FoldScores } from '../../outputs/fold-scores.ts'
import { columnNames, outputColumns, widthOf } from '../../outputs/member-output.ts'
import { encodeTarget, readNumbers, type StackTarget } from '../../outputs/stack-target.ts'
import { zeroVanishing } from '../../outputs/vanishing-probabilities.ts'
import {
  type LearnerRow,
  type ScoreRow,
  scoreRow,
  ScoreTable,
  type SkippedRow,
} from '../../selection/score-table.ts'
import { type EnsembleProgress, FitProgress } from '../calls/ensemble-progress.ts'
import type { LayerWork } from '../calls/layer-work.ts'
import { untilAborted } from '../calls/until-aborted.ts'
import { requireDistinctRows } from '../folds/distinct-rows.ts'
import type { LayerData } from '../folds/layer-data.ts'
import { ownOrder } from '../folds/split-layer.ts'
import { foldsOf, type LayerFolds } from '../folds/layer-folds.ts'
import { planMetaFits } from '../folds/meta-folds.ts'
import { foldOf, readersOf, reasonOf } from '../layer/failed-members.ts'
import { countCalls, type FittedLayer, fitLayer } from '../layer/fit-layer.ts'
import type { FittedStage } from '../plan/fitted-layer.ts'
import { firstInput, type LayerInput, nextInput, propagatedColumns } from '../plan/layer-input.ts'
import type { EnsembleMember } from '../members/ensemble-member.ts'
import { membersOf, metasOf } from '../plan/layer-spec.ts'
import { planLayers } from '../plan/plan-layers.ts'
import { codedMember, codedMembers, combinerOf, requireCombinable } from './coded-members.ts'
import type { FittedEnsemble } from './fitted-ensemble.ts'
import { printOf, requireSameData } from './fit-record.ts'
import { findKept, joinLayer } from './kept-members.ts'
import { addCorrelations } from './learner-correlations.ts'
import { type FittedMeta, fitMeta } from './meta-learner.ts'
import { scoreNested, splitNested } from './score-nested.ts'
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

/**
 * Fits layer by layer all learners on every fold and on the rows of final models, then the meta learners on out-of-fold predictions of
 * the last layer.
 *
 * @param before - an earlier fit on the same data, of which members are kept that nothing has changed; default: all are fitted
 * @throws what `SuperLearner.fit` throws
 */
export async function fitEnsemble(
  options: SettledOptions,
  X: NDArray,
  y: LabelInput | undefined,
  fit: EnsembleFit,
  before?: FittedEnsemble,
): Promise<FittedEnsemble> {
  const { layers = [] } = options.plan
  const { signal } = fit
  const added = layers.map((layer) => membersOf([layer]))
  const metas = metasOf(options.plan)
  const first = await readersOf(added[0]!, schemaOf(X), options.onError)
  const last = layers.length === 1 ? first.readable : added.at(-1)!
  const settled = settleTask(
    options.task,
    metas.map(({ learner }) => learner),
    added.at(-1)!.map(({ learner }) => learner),
  )
  const [n] = requireMatrix(X, '`X`')
  const weights = fit.weights === undefined ? undefined : requireWeights(fit.weights, n)
  const rows = fit.rows === undefined ? undefined : requireDistinctRows(fit.rows, n)
  const target =
    settled.task === 'regression'
      ? readNumbers(y, n, settled.cause)
      : encodeTarget(y, n, weights, rows)
  const scorer = settleScorer(options.scorer, settled.task)
  const scored = new FoldScores(scorer, target, weights)
  const { seed } = options
  const { labels, rowShape } = target
  const given = { X, y: target.y, labels, groups: fit.groups, seed, weights }
  const planned = await untilAborted(signal, () => planLayers(layers, options.folds, given, rows))
  const metaFolds = planMetaFits(planned.at(-1)!, { n, weights, seed, order: rows })
  const scoredFits = metas.length === 0 ? planned : [...planned, metaFolds]
  const nestedFolds =
    fit.nestedFolds === undefined
      ? []
      : await splitNested(fit.nestedFolds, {
          ...given,
          task: settled.task,
          rows,
          hasMeta: metas.length > 0,
        })
  const scoredFolds = scoredFits.flatMap(({ folds, splits }) => folds.slice(0, splits))
  scored.requireScorable([...scoredFolds, ...nestedFolds])
  const order = ownOrder(rows)
  const dataOf = (input: NDArray, folds: LayerFolds): LayerData => ({
    X: input,
    y: target.y,
    weights,
    ...(labels !== undefined && { classes: labels.length }),
    order,
    ...folds,
  })
  const coded = [first.readable, ...added.slice(1)].map((members) => codedMembers(members, labels))
  const lastData = dataOf(X, planned.at(-1)!)
  const lastMembers = codedMembers(last, labels)
  for (const { learner } of metas) requireCombinable(learner, lastMembers, lastData)
  const codedMetas = metas.map((meta) =>
    codedMember({ ...meta, learner: combinerOf(meta.learner, labels?.length) }, labels),
  )
  const data = printOf(X, settled.task === 'regression' ? target.y : y!, weights)
  if (before?.record !== undefined) requireSameData(before.record.data, data)
  const propagated = layers.map(({ propagateFeatures = [] }) => propagateFeatures)
  const record = { data, planned, propagated, metaFolds, metas: codedMetas, scorer }
  const kept = findKept({ ...record, members: coded }, before)
  const isSameScorer = before?.record?.scorer === scorer
  const keepsMeta = kept.keepsMeta && isSameScorer
  const isNew = (l: number): ((member: EnsembleMember) => boolean) => {
    return ({ name }) => !kept.layers[l]!.has(name)
  }
  const counts = planned.map((folds, l) => countCalls(coded[l]!.filter(isNew(l)), dataOf(X, folds)))
  const metaCounts = codedMetas.map((meta) => countCalls([meta], dataOf(X, metaFolds)))
  const sumOf = (list: readonly number[]): number => list.reduce((sum, count) => sum + count, 0)
  const progress = new FitProgress(fit, {
    learners: sumOf(counts),
    meta: keepsMeta ? 0 : sumOf(metaCounts),
    nested: nestedFolds.length,
  })
  const work = (phase: EnsembleProgress['phase']): LayerWork => ({
    parallel: options.parallel,
    signal,
    step: () => progress.step(phase),
  })
  const stages: FittedStage[] = []
  const scoreRows: LearnerRow[] = []
  const skipped: SkippedRow[] = []
  const made: NDArray[] = []
  let input = firstInput(X)
  try {
    for (const [l, { propagateFeatures = [] }] of layers.entries()) {
      const { readable, refused } =
        l === 0
          ? { ...first, readable: coded[0]! }
          : await readersOf(coded[l]!, input.schema, options.onError)
      const data = dataOf(input.X, planned[l]!)
      const [own, others] = [kept.layers[l]!, readable.filter(isNew(l))]
      const isFitted = others.length > 0 || own.size === 0
      const fresh = isFitted
        ? await fitLayer(others, data, work('learners'), options.onError)
        : undefined
      const earlier = before?.stages[l]
      const layer = own.size === 0 ? fresh! : joinLayer(readable, own, earlier!, fresh)
      made.push(layer.outOfFold)
      if (layer.members.length === 0) throw layer.failed[0]!.error
      const names = new Set([...own.values()].flat().map(({ name }) => name))
      const known = isSameScorer
        ? (before?.scores.learners ?? []).filter(({ name }) => names.has(name))
        : []
      const rowsOfLayer = scoreMembers(layer, data, scored, known)
      scoreRows.push(...(await addCorrelations(rowsOfLayer, layer, data, scorer.greaterIsBetter)))
      zeroVanishing(
        layer.outOfFold,
        layer.members.map(({ output }) => output),
      )
      for (const one of [...refused, ...layer.failed])
        skipped.push({
          name: one.name,
          reason: reasonOf(one, added[l]!, input.X),
          ...foldOf(one),
        })
      const stage = stageOf(layer, data, { input, propagateFeatures, target })
      stages.push(stage)
      input = nextInput(input, stage.columns, layer.outOfFold, stage.names)
      made.push(input.matrix)
    }
    const fitted: FittedMeta[] = []
    for (const meta of keepsMeta ? [] : codedMetas)
      fitted.push(await fitMeta(meta, dataOf(input.matrix, metaFolds), work('meta'), scored))
    signal?.throwIfAborted()
    const { greaterIsBetter } = scorer
    const best = bestOf(fitted, greaterIsBetter)
    for (const one of fitted) if (one !== best) one.outOfFold[Symbol.dispose]()
    if (best !== undefined) made.push(best.outOfFold)
    let nested = keepsMeta ? before.scores.nested : undefined
    if (nestedFolds.length > 0)
      nested = await scoreNested(nestedFolds, {
        X,
        target,
        scores: scored,
        fit: (train) => fitEnsemble(options, X, y, nestedFit(fit, train)),
        step: () => progress.step('nested'),
      })
    progress.end()
    return {
      columns: X.shape[1]!,
      target: { labels, rowShape },
      stages,
      meta: keepsMeta ? before.meta : best?.member,
      combined: keepsMeta ? before.combined : best?.outOfFold,
      scores: new ScoreTable({
        scorer: scorer.name,
        greaterIsBetter,
        learners: scoreRows,
        ensemble: keepsMeta ? before.scores.ensemble : best?.row,
        nested,
        skipped,
      }),
      record,
    }
  } catch (error) {
    const ofBefore = new Set(before?.stages.map(({ training }) => training?.outOfFold))
    for (const one of made) if (!ofBefore.has(one as NDArray<'float64'>)) one[Symbol.dispose]()
    throw error
  }
}

/** The fit of the whole ensemble on the training rows of a fold. */
function nestedFit(fit: EnsembleFit, rows: Rows): EnsembleFit {
  const { nestedFolds: _folds, onProgress: _progress, refit: _refit, ...others } = fit
  return { ...others, rows }
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
    const folds = scored.of(own, output, foldsOf(data, partition))
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

/** The meta learner with the best score; the first of those that are alike. */
function bestOf(fitted: readonly FittedMeta[], greaterIsBetter: boolean): FittedMeta | undefined {
  const sign = greaterIsBetter ? -1 : 1
  return fitted.toSorted((a, b) => sign * (a.row.score - b.row.score))[0]
}

/** Names and categories of columns; none of an array. */
function schemaOf(X: NDArray): ColumnSchema {
  return columnsOf(X) ?? { names: [], categories: [] }
}
