/** Fits the learners of an ensemble and what combines them. */

import type { NDArray } from '../../../arrays/index.ts'
import { requireMatrix } from '../../../arrays/internal.ts'
import { CombinedClassifier } from '../../combiners/combined-classifier.ts'
import { isCombiner } from '../../contract/combiner.ts'
import type { Estimator } from '../../contract/estimator.ts'
import type { RowLabels } from '../../contract/splitter.ts'
import { type ArrayInput } from '../../inputs/as-array.ts'
import { columnsOf } from '../../inputs/feature-input.ts'
import type { LabelInput } from '../../inputs/labels.ts'
import type { ColumnSchema } from '../../inputs/table-columns.ts'
import { requireWeights } from '../../inputs/weights.ts'
import { codedClone } from '../../outputs/coded-learners.ts'
import { settleTask } from '../../outputs/ensemble-task.ts'
import { FoldScores } from '../../outputs/fold-scores.ts'
import { columnNames, outputColumns, widthOf } from '../../outputs/member-output.ts'
import { encodeTarget, readNumbers, type StackTarget } from '../../outputs/stack-target.ts'
import { zeroVanishing } from '../../outputs/vanishing-probabilities.ts'
import {
  type ScoreRow,
  scoreRow,
  ScoreTable,
  type SkippedRow,
} from '../../selection/score-table.ts'
import type { EnsembleMember } from '../members/ensemble-member.ts'
import { type EnsembleProgress, FitProgress } from '../calls/ensemble-progress.ts'
import { readersOf, reasonOf } from '../layer/failed-members.ts'
import { foldsOf, type LayerFolds } from '../folds/layer-folds.ts'
import { planMetaFits } from '../folds/meta-folds.ts'
import type { LayerData } from '../folds/layer-data.ts'
import { countCalls, type FittedLayer, fitLayer } from '../layer/fit-layer.ts'
import type { LayerWork } from '../calls/layer-work.ts'
import { planMembers } from '../members/member-plan.ts'
import { type FittedMeta, fitMeta } from './meta-learner.ts'
import type { FittedStage } from '../plan/fitted-layer.ts'
import { firstInput, type LayerInput, nextInput, propagatedColumns } from '../plan/layer-input.ts'
import type { LayerSpec } from '../plan/layer-spec.ts'
import { planLayers } from '../plan/plan-layers.ts'
import {
  type EnsembleFitOptions,
  type SettledOptions,
  settleScorer,
} from './super-learner-options.ts'

/** An ensemble as it was put together. */
export interface EnsembleParts {
  readonly layers: readonly LayerSpec[]
  /** Learners that may combine the others: the best of them is kept. */
  readonly metas: readonly EnsembleMember[]
  readonly options: SettledOptions
}

/** What an ensemble has learned. */
export interface FittedEnsemble {
  /** Columns of `X`. */
  readonly columns: number
  readonly target: Omit<StackTarget, 'y'>
  readonly stages: readonly FittedStage[]
  readonly meta: Estimator | undefined
  /** Out-of-fold predictions of the meta learner. */
  readonly combined: NDArray<'float64'> | undefined
  readonly scores: ScoreTable
}

/** What `fit` is given beside `X` and `y`, with arrays in place of columns. */
export type EnsembleFit = Omit<EnsembleFitOptions, 'weights' | 'groups'> & {
  readonly weights?: ArrayInput
  readonly groups?: RowLabels
}

/**
 * Fits layer by layer all learners on every fold and on the rows of final models, then the meta learners on out-of-fold predictions of
 * the last layer.
 *
 * @throws what `SuperLearner.fit` throws
 */
export async function fitEnsemble(
  parts: EnsembleParts,
  X: NDArray,
  y: LabelInput | undefined,
  fit: EnsembleFit,
): Promise<FittedEnsemble> {
  const { layers, metas, options } = parts
  const { signal } = fit
  const first = await readersOf(layers[0]!.members, schemaOf(X), options.onError)
  const last = layers.length === 1 ? first.readable : layers.at(-1)!.members
  const settled = settleTask(
    options.task,
    metas.map(({ learner }) => learner),
    layers.at(-1)!.members.map(({ learner }) => learner),
  )
  const [n] = requireMatrix(X, '`X`')
  const weights = fit.weights === undefined ? undefined : requireWeights(fit.weights, n)
  const target =
    settled.task === 'regression' ? readNumbers(y, n, settled.cause) : encodeTarget(y, n, weights)
  const scorer = settleScorer(options.scorer, settled.task)
  const scored = new FoldScores(scorer, target, weights)
  const { seed } = options
  const { labels, rowShape } = target
  const planned = await planLayers(layers, options.folds, {
    X,
    y: target.y,
    labels,
    groups: fit.groups,
    seed,
    weights,
  })
  const metaFolds = planMetaFits(planned.at(-1)!, { n, weights, seed })
  const scoredFits = metas.length === 0 ? planned : [...planned, metaFolds]
  scored.requireScorable(scoredFits.flatMap(({ folds, splits }) => folds.slice(0, splits)))
  const dataOf = (input: NDArray, folds: LayerFolds): LayerData => ({
    X: input,
    y: target.y,
    weights,
    ...(labels !== undefined && { classes: labels.length }),
    ...folds,
  })
  const counts = planned.map((folds, l) => {
    const members = l === 0 ? first.readable : layers[l]!.members
    const coded = members.map((member) => codedMember(member, target))
    return countCalls(coded, dataOf(X, folds))
  })
  const lastData = dataOf(X, planned.at(-1)!)
  const lastMembers = last.map((member) => codedMember(member, target))
  const codedMetas = metas.map((meta) =>
    codedMember({ ...meta, learner: combinerOf(meta.learner, lastMembers, lastData) }, target),
  )
  const progress = new FitProgress(fit, {
    learners: counts.reduce((sum, count) => sum + count, 0),
    meta: codedMetas.reduce((sum, meta) => sum + countCalls([meta], dataOf(X, metaFolds)), 0),
  })
  const work = (phase: EnsembleProgress['phase']): LayerWork => ({
    parallel: options.parallel,
    signal,
    step: () => progress.step(phase),
  })
  const stages: FittedStage[] = []
  const rows: ScoreRow[] = []
  const skipped: SkippedRow[] = []
  const made: NDArray[] = []
  let input = firstInput(X)
  try {
    for (const [l, { members, propagateFeatures }] of layers.entries()) {
      const { readable, refused } =
        l === 0 ? first : await readersOf(members, input.schema, options.onError)
      const data = dataOf(input.X, planned[l]!)
      const coded = readable.map((member) => codedMember(member, target))
      const layer = await fitLayer(coded, data, work('learners'), options.onError)
      made.push(layer.outOfFold)
      if (layer.members.length === 0) throw layer.failed[0]!.error
      rows.push(...scoreMembers(layer, data, scored))
      zeroVanishing(
        layer.outOfFold,
        layer.members.map(({ output }) => output),
      )
      for (const one of [...refused, ...layer.failed])
        skipped.push({ name: one.name, reason: reasonOf(one, members, input.X) })
      const stage = stageOf(layer, data, { input, propagateFeatures, target })
      stages.push(stage)
      input = nextInput(input, stage.columns, layer.outOfFold, stage.shown.columns)
      made.push(input.matrix)
    }
    const fitted: FittedMeta[] = []
    for (const meta of codedMetas)
      fitted.push(await fitMeta(meta, dataOf(input.matrix, metaFolds), work('meta'), scored))
    signal?.throwIfAborted()
    progress.end()
    const { greaterIsBetter } = scorer
    const best = bestOf(fitted, greaterIsBetter)
    for (const one of fitted) if (one !== best) one.outOfFold[Symbol.dispose]()
    return {
      columns: X.shape[1]!,
      target: { labels, rowShape },
      stages,
      meta: best?.meta,
      combined: best?.outOfFold,
      scores: new ScoreTable({
        scorer: scorer.name,
        greaterIsBetter,
        learners: rows,
        ensemble: best?.row,
        skipped,
      }),
    }
  } catch (error) {
    for (const one of made) one[Symbol.dispose]()
    throw error
  }
}

/** Scores of each learner of a layer, and of each of its partitions. */
function scoreMembers(
  { members, outOfFold }: FittedLayer,
  data: LayerData,
  scored: FoldScores,
): ScoreRow[] {
  let column = 0
  return members.map(({ name, partition, output, fitSeconds, predictSeconds }) => {
    const own = outputColumns(outOfFold, column, output)
    column += widthOf(output)
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
    shown: {
      learners: Object.fromEntries(members.map(({ name, learner }) => [name, learner])),
      preprocessing: Object.fromEntries(members.map(({ name, preprocess }) => [name, preprocess])),
      outOfFold,
      columns: members.flatMap(({ name, output }) =>
        columnNames(name, output, given.target.labels),
      ),
      propagated: columns.map((column) => schema.names[column]!),
      rows: predicted,
      folds: folds.slice(0, splits),
    },
  }
}

/** The meta learner with the best score; the first of those that are alike. */
function bestOf(fitted: readonly FittedMeta[], greaterIsBetter: boolean): FittedMeta | undefined {
  const sign = greaterIsBetter ? -1 : 1
  return fitted.toSorted((a, b) => sign * (a.row.score - b.row.score))[0]
}

/**
 * What combines the learners: of classes, a combiner weighs their probabilities.
 *
 * @throws TypeError for a learner without probabilities or labels
 */
function combinerOf(
  combiner: Estimator,
  members: readonly EnsembleMember[],
  data: LayerData,
): Estimator {
  const { classes } = data
  if (classes === undefined || !isCombiner(combiner)) return combiner
  const wrong = planMembers(members, data).find(
    ({ output }) => output.method === 'decisionFunction' || output.classes === 0,
  )
  if (wrong === undefined) return new CombinedClassifier({ combiner, classes })
  throw new TypeError(
    `Expected probabilities of every learner for ${combiner.constructor.name}, got ${wrong.output.classes === 0 ? 'numbers' : 'decision values'} of \`${wrong.member.name}\`. ` +
      'Leave it out, or choose a meta learner such as new LogisticRegression().',
  )
}

/** A member that learns from codes of classes; itself for numbers. */
function codedMember(member: EnsembleMember, { labels }: StackTarget): EnsembleMember {
  if (labels === undefined) return member
  // Steps that members have in common stay the same list; here they are only checked.
  for (const step of member.preprocess) codedClone(step, labels)
  return { ...member, learner: codedClone(member.learner, labels) }
}

/** Names and categories of columns; none of an array. */
function schemaOf(X: NDArray): ColumnSchema {
  return columnsOf(X) ?? { names: [], categories: [] }
}
