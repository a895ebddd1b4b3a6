/** Fits the learners of an ensemble and what combines them. */

import type { NDArray } from '../../arrays/index.ts'
import { requireMatrix } from '../../arrays/internal.ts'
import { CombinedClassifier } from '../combiners/combined-classifier.ts'
import { isCombiner } from '../contract/combiner.ts'
import type { Estimator } from '../contract/estimator.ts'
import type { RowLabels } from '../contract/splitter.ts'
import { type ArrayInput } from '../inputs/as-array.ts'
import { columnsOf } from '../inputs/feature-input.ts'
import type { LabelInput } from '../inputs/labels.ts'
import type { ColumnSchema } from '../inputs/table-columns.ts'
import { requireWeights } from '../inputs/weights.ts'
import { labelsOfCodes } from '../outputs/class-predictions.ts'
import { codedClone } from '../outputs/coded-learners.ts'
import { type SettledTask, settleTask } from '../outputs/ensemble-task.ts'
import { FoldScores } from '../outputs/fold-scores.ts'
import { outputColumns, widthOf } from '../outputs/member-output.ts'
import { encodeTarget, readNumbers, type StackTarget } from '../outputs/stack-target.ts'
import { ScoreTable, scoreRow } from '../selection/score-table.ts'
import type { EnsembleMember, FittedEnsembleMember } from './ensemble-member.ts'
import { type EnsembleProgress, FitProgress } from './ensemble-progress.ts'
import { readersOf, reasonOf } from './failed-members.ts'
import { foldsOf } from './folds/layer-folds.ts'
import { planMetaFits } from './folds/meta-folds.ts'
import { splitLayer } from './folds/split-layer.ts'
import { type LayerData, requireWeighedFolds } from './layer-data.ts'
import { countCalls, fitLayer } from './layer.ts'
import type { LayerWork } from './layer-work.ts'
import { planMembers } from './member-plan.ts'
import { fitMeta, metaMember } from './meta-learner.ts'
import {
  type EnsembleFitOptions,
  type SettledOptions,
  settleScorer,
} from './super-learner-options.ts'

/** An ensemble as it was put together. */
export interface EnsembleParts {
  readonly members: readonly EnsembleMember[]
  readonly meta: Estimator | undefined
  readonly options: SettledOptions
}

/** What an ensemble has learned. */
export interface FittedEnsemble {
  /** Columns of `X`. */
  readonly columns: number
  readonly target: Omit<StackTarget, 'y'>
  readonly members: readonly FittedEnsembleMember[]
  readonly meta: Estimator | undefined
  readonly outOfFold: NDArray<'float64'>
  /** Out-of-fold predictions of the meta learner. */
  readonly combined: NDArray<'float64'> | undefined
  readonly scores: ScoreTable
}

/** What an ensemble learns from, checked. */
interface EnsembleData {
  readonly target: StackTarget
  readonly data: LayerData
}

/**
 * Fits all learners on every fold and on all rows, then the meta learner on their out-of-fold predictions.
 *
 * @throws what `SuperLearner.fit` throws
 */
export async function fitEnsemble(
  { members: added, meta: combiner, options }: EnsembleParts,
  X: NDArray,
  y: LabelInput | undefined,
  fit: Omit<EnsembleFitOptions, 'weights' | 'groups'> & {
    readonly weights?: ArrayInput
    readonly groups?: RowLabels
  },
): Promise<FittedEnsemble> {
  const { signal } = fit
  const { onError } = options
  const { readable, refused } = await readersOf(added, schemaOf(X), onError)
  const settled = settleTask(
    options.task,
    combiner,
    readable.map(({ learner }) => learner),
  )
  const { weights, groups } = fit
  const { target, data } = await readData(X, y, { weights, groups, settled, options })
  const scorer = settleScorer(options.scorer, settled.task)
  const scored = new FoldScores(scorer, target, data.weights)
  const known = readable.map((member) => codedMember(member, target))
  const meta = combiner && codedMember(metaMember(combinerOf(combiner, known, data)), target)
  const n = X.shape[0]!
  const metaData: LayerData = {
    ...data,
    ...planMetaFits(data, { n, weights: data.weights, seed: options.seed }),
  }
  const progress = new FitProgress(fit, {
    learners: countCalls(known, data),
    meta: meta === undefined ? 0 : countCalls([meta], metaData),
  })
  const work = (phase: EnsembleProgress['phase']): LayerWork => ({
    parallel: options.parallel,
    signal,
    step: () => progress.step(phase),
  })
  const { members, failed, outOfFold } = await fitLayer(known, data, work('learners'), onError)
  if (members.length === 0) throw failed[0]!.error
  let column = 0
  const learners = members.map(({ name, partition, output, fitSeconds, predictSeconds }) => {
    const own = outputColumns(outOfFold, column, output)
    column += widthOf(output)
    const scores = scored.of(own, output, foldsOf(data, partition))
    return scoreRow(name, scores, fitSeconds, predictSeconds)
  })
  const stacked = { ...metaData, X: outOfFold }
  const fitted = meta && (await fitMeta(meta, stacked, work('meta'), scored))
  signal?.throwIfAborted()
  progress.end()
  const { labels, rowShape } = target
  const scores = new ScoreTable({
    scorer: scorer.name,
    greaterIsBetter: scorer.greaterIsBetter,
    learners,
    ensemble: fitted?.row,
    skipped: [...refused, ...failed].map((one) => ({
      name: one.name,
      reason: reasonOf(one, added, X),
    })),
  })
  return {
    columns: X.shape[1]!,
    target: { labels, rowShape },
    members,
    meta: fitted?.meta,
    outOfFold,
    combined: fitted?.outOfFold,
    scores,
  }
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

async function readData(
  X: NDArray,
  y: LabelInput | undefined,
  given: {
    readonly weights: ArrayInput | undefined
    readonly groups: RowLabels | undefined
    readonly settled: SettledTask
    readonly options: SettledOptions
  },
): Promise<EnsembleData> {
  const { groups, settled, options } = given
  const [n] = requireMatrix(X, '`X`')
  const weights = given.weights === undefined ? undefined : requireWeights(given.weights, n)
  const target =
    settled.task === 'regression' ? readNumbers(y, n, settled.cause) : encodeTarget(y, n, weights)
  const { labels } = target
  const { folds, seed } = options
  const isNumber = typeof folds === 'number'
  const split = await splitLayer(folds, {
    X,
    y: labels === undefined || isNumber ? target.y : labelsOfCodes(target.y.toTypedArray(), labels),
    codes: labels && target.y,
    groups,
    seed,
  })
  requireWeighedFolds(split.folds.slice(0, split.splits), weights)
  const classes = labels === undefined ? {} : { classes: labels.length }
  return { target, data: { X, y: target.y, weights, ...classes, ...split } }
}

/** Names and categories of columns; none of an array. */
function schemaOf(X: NDArray): ColumnSchema {
  return columnsOf(X) ?? { names: [], categories: [] }
}
