/** Warns once of all fits of a member that did not converge. */

import { type NotConverged, warnOfFolds } from '../../contract/not-converged.ts'
import { isSplit, type LayerData } from '../folds/layer-data.ts'

/** Notes of one fit. */
export interface FoldNotes {
  readonly fold: number | null
  readonly notes: readonly NotConverged[]
}

/** Emits one warning for all fits of a member. */
export function warnOfFits(name: string, noted: readonly FoldNotes[], data: LayerData): void {
  const folds = noted.filter(({ fold }) => isSplit(fold, data)).map(({ notes }) => notes)
  const others = noted.filter(({ fold }) => !isSplit(fold, data)).flatMap(({ notes }) => notes)
  warnOfFolds(name, [...folds, others], data.fitsAll ? 'all rows' : 'the rows of final models')
}
