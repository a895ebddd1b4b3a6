/** Fits logistic models of all folds for an ensemble. */

import type { FoldData } from '../contract/fold-sharing.ts'
import { fitFolds, foldData } from './fit-folds.ts'
import { fitLogistic, type LogisticFit, type LogisticSettings } from './fit-logistic.ts'
import { type LogisticData, readLogisticData } from './logistic-data.ts'

/** A fitted model, and what it was fitted on. */
interface FittedFold {
  readonly data: LogisticData
  readonly fit: LogisticFit
}

/** Models of all rows and of each fold. */
export interface LogisticFolds {
  /** Undefined when no model of all rows is needed. */
  readonly all: FittedFold | undefined
  /** Undefined for a fold that must be fitted by itself. */
  readonly folds: readonly (FittedFold | undefined)[]
}

/** Fits the models of all rows and of all folds that train on rows of every class. */
export async function fitLogisticFolds(
  { X, y, folds, parts, fitsAll, weights, map, mapOf }: FoldData,
  fitIntercept: boolean,
  settingsOf: (data: LogisticData) => LogisticSettings,
): Promise<LogisticFolds> {
  // Only when each row is held out once are the other folds' rows what a fold trains on.
  const areParts = parts?.areHeldOutOnce === true
  const alone = folds.map(() => undefined)
  if (!areParts && !fitsAll) return { all: undefined, folds: alone }
  const data = await readLogisticData(X, y, {
    fitIntercept,
    weights,
    map,
    ...(areParts && { parts: folds.map(({ test }) => test) }),
  })
  const all = { data, fit: await fitLogistic(data, settingsOf(data)) }
  // Without an intercept, scores of folds with other means are not scores of the same columns.
  const areAlike = fitIntercept || map === undefined
  if (!areParts || !areAlike || data.classes.length === 1) return { all, folds: alone }
  const maps = await Promise.all(folds.map((_, k) => mapOf(k)))
  const ownData = foldData(data, folds, maps)
  const fits = await fitFolds(ownData, all.fit.theta, ownData.map(settingsOf))
  return { all, folds: fits.map((fit, k) => fit && { data: ownData[k]!, fit }) }
}
