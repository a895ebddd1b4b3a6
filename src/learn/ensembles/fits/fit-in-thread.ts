/** Fits a member in this thread by what it shares over folds. */

import { rowRanges } from '../../../arrays/index.ts'
import { clone } from '../../contract/estimator.ts'
import type { FoldFit, SharingEstimator } from '../../contract/fold-sharing.ts'
import { collectNotConverged } from '../../contract/not-converged.ts'
import { fitsOf, placeOf } from '../folds/layer-folds.ts'
import { type LayerData, trainingRows } from '../folds/layer-data.ts'
import { explainFailure, secondsSince } from '../calls/layer-tasks.ts'
import { makeShared, type MemberFit } from './member-fit.ts'
import type { FoldModel, FoldModels } from './fold-models.ts'
import { type FoldNotes, warnOfFits } from './fold-notes.ts'

/**
 * Fits a member in this thread by the object that it shares.
 *
 * @param signal - ends it before the next fold
 * @throws OneCopyError `ERR_LEARNER`; the signal's reason
 */
export async function fitInThread(
  fit: MemberFit,
  data: LayerData,
  signal?: AbortSignal,
): Promise<FoldModels> {
  const { X, y, folds, finals, keepsModels = true, weights } = data
  const { member, learner } = fit.plan
  const { name } = member
  const shared = await makeShared(fit)
  const models = new Map<number | null, FoldModel>()
  const fitSeconds: number[] = []
  const notes: FoldNotes[] = []
  for (const fold of fitsOf(data)) {
    signal?.throwIfAborted()
    const start = performance.now()
    const before = fit.sharedMilliseconds
    const { result, notes: own } = await collectNotConverged(() =>
      explainFailure(name, placeOf(fold, data), async () => {
        const scalers = await fit.scalers(fold)
        const training: FoldFit = {
          fold,
          isKept: fold !== null && keepsModels && finals.includes(fold),
          weights,
          map: scalers.map,
          test: fold === null ? rowRanges([]) : folds[fold]!.test,
          // Listed only for a learner that asks: of shuffled folds they are long.
          get rows() {
            return trainingRows(data, fold)
          },
        }
        const fitted = await clone(learner as SharingEstimator).fitFold(shared, X, y, training)
        return { learner: fitted, scalers }
      }),
    )
    models.set(fold, result)
    notes.push({ fold, notes: own })
    // Other members may have asked for work on the same objects meanwhile.
    const sharedSeconds = (fit.sharedMilliseconds - before) / 1000
    fitSeconds.push(Math.max(0, secondsSince(start) - sharedSeconds))
  }
  warnOfFits(name, notes, data)
  return {
    fit,
    folds: folds.map((_, fold) => models.get(fold)!),
    finals: finals.map((fold) => models.get(fold)!),
    fitSeconds,
  }
}
