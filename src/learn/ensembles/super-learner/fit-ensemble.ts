/** Fits the learners of an ensemble and what combines them. */

import type { NDArray, Rows } from '../../../arrays/index.ts'
import type { LabelInput } from '../../inputs/labels.ts'
import { compareScores } from '../../selection/compare-scores.ts'
import { ScoreTable } from '../../selection/score-table.ts'
import { type EnsembleProgress, FitProgress } from '../calls/ensemble-progress.ts'
import type { LayerWork } from '../calls/layer-work.ts'
import { foldOf, MemberAttempts } from '../layer/failed-members.ts'
import { countCalls } from '../layer/fit-layer.ts'
import type { LayerInput } from '../plan/layer-input.ts'
import { fitLayers, newMembers } from './fit-layers.ts'
import type { FittedEnsemble } from './fitted-ensemble.ts'
import { type FittedMeta, fitMeta, metaPrefix } from './meta-learner.ts'
import { scoreNested } from './score-nested.ts'
import { type EnsembleFit, settleFit, type SettledFit } from './settle-fit.ts'
import type { SettledOptions } from './super-learner-options.ts'

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
  const settled = await settleFit(options, X, y, fit, before)
  const { target, record, nestedFolds, scores } = settled
  const { scorer } = record
  const keptMeta = settled.kept.keepsMeta ? before : undefined
  const progress = new FitProgress(fit, countSteps(settled, X))
  const work = (phase: EnsembleProgress['phase']): LayerWork => ({
    parallel: options.parallel,
    signal: fit.signal,
    step: () => progress.step(phase),
  })
  const made: NDArray[] = []
  try {
    const layers = { work: work('learners'), before, made }
    const { stages, input, rows, skipped } = await fitLayers(settled, options, X, layers)
    const attempts = new MemberAttempts(options.onError)
    const best = keptMeta ? undefined : await fitBestMeta(settled, input, work('meta'), attempts)
    if (best !== undefined) made.push(best.outOfFold)
    const skippedMetas = attempts.failed.map((one) => {
      return { name: `${metaPrefix}${one.name}`, reason: one.error.message, ...foldOf(one) }
    })
    fit.signal?.throwIfAborted()
    const nested =
      nestedFolds.length === 0
        ? keptMeta?.scores.nested
        : await scoreNested(nestedFolds, {
            X,
            target,
            scores,
            fit: (train) => fitEnsemble(options, X, y, nestedFit(fit, train)),
            step: () => progress.step('nested'),
          })
    progress.end()
    return {
      columns: X.shape[1]!,
      target: { labels: target.labels, rowShape: target.rowShape },
      stages,
      meta: keptMeta?.meta ?? best?.member,
      combined: keptMeta?.combined ?? best?.outOfFold,
      scores: new ScoreTable({
        scorer: scorer.name,
        greaterIsBetter: scorer.greaterIsBetter,
        learners: rows,
        ensemble: keptMeta?.scores.ensemble ?? best?.row,
        nested,
        skipped: [...skipped, ...skippedMetas],
      }),
      record,
    }
  } catch (error) {
    const ofBefore = new Set(before?.stages.map(({ training }) => training?.outOfFold))
    for (const one of made) if (!ofBefore.has(one as NDArray<'float64'>)) one[Symbol.dispose]()
    throw error
  }
}

/** How many fits there are of each kind. */
function countSteps(
  { coded, kept, record, nestedFolds, dataOf }: SettledFit,
  X: NDArray,
): { learners: number; meta: number; nested: number } {
  const { planned, metas, metaFolds } = record
  const sumOf = (list: readonly number[]): number => list.reduce((sum, count) => sum + count, 0)
  const learners = planned.map((folds, l) =>
    countCalls(newMembers(coded[l]!, kept, l), dataOf(X, folds)),
  )
  const meta = metas.map((meta) => countCalls([meta], dataOf(X, metaFolds)))
  return {
    learners: sumOf(learners),
    meta: kept.keepsMeta ? 0 : sumOf(meta),
    nested: nestedFolds.length,
  }
}

/**
 * Fits all meta learners on the columns of the last layer; the best one stays.
 *
 * @param attempts - collects those of several that fail when they are to be skipped
 */
async function fitBestMeta(
  { record, scores, dataOf }: SettledFit,
  input: LayerInput,
  work: LayerWork,
  attempts: MemberAttempts,
): Promise<FittedMeta | undefined> {
  const { metas, metaFolds, scorer } = record
  const fitted: FittedMeta[] = []
  try {
    for (const meta of metas) {
      const fit = (): Promise<FittedMeta> =>
        fitMeta(meta, dataOf(input.matrix, metaFolds), work, scores)
      const found = metas.length === 1 ? await fit() : await attempts.run(meta, fit)
      if (found !== undefined) fitted.push(found)
    }
    if (fitted.length === 0 && attempts.failed.length > 0) throw attempts.failed[0]!.error
  } catch (error) {
    for (const { outOfFold } of fitted) outOfFold[Symbol.dispose]()
    throw error
  }
  const best = bestOf(fitted, scorer.greaterIsBetter)
  for (const one of fitted) if (one !== best) one.outOfFold[Symbol.dispose]()
  return best
}

/** The meta learner with the best score; the first of those that are alike. One without a score comes last. */
function bestOf(fitted: readonly FittedMeta[], greaterIsBetter: boolean): FittedMeta | undefined {
  return fitted.toSorted((a, b) => compareScores(a.row.score, b.row.score, greaterIsBetter))[0]
}

/** The fit of the whole ensemble on the training rows of a fold. */
function nestedFit(fit: EnsembleFit, rows: Rows): EnsembleFit {
  const { nestedFolds: _folds, onProgress: _progress, refit: _refit, ...others } = fit
  return { ...others, rows }
}
