/** Which rows and predictions the pictures of a fit show. */

import { array, type NDArray, toRowNumbers } from '../../arrays/index.ts'
import { likeliestCodes } from '../../learn/internal.ts'
import type { StackTarget } from '../../learn/internal.ts'
import type { FitReport } from '../fit-report/fit-report.ts'
import type { OutOfFold } from '../fit-report/fitted-ensemble.ts'
import type { FitResult } from '../fit-report/make-report.ts'
import type { Input } from '../input/input.ts'

/** All that the page shows. */
export interface PageData extends FitResult {
  readonly report: FitReport
  readonly target: StackTarget
  /** The rows of `--test`. */
  readonly tested: Input | undefined
  /** Predictions of rows that the model had not seen: of the ensemble, or of the best learner where nothing combines them. */
  readonly shown: OutOfFold
}

/** Chooses what is shown. */
export function pageData(
  report: FitReport,
  result: FitResult & { readonly tested: Input | undefined },
): PageData {
  const { target, combined, learners, best } = result.ensemble
  const shown = combined ?? learners.find(({ name }) => name === best) ?? learners[0]!
  return { ...result, report, target, shown }
}

/** Numbers of the rows with a prediction: a blend predicts only some. */
export function predictedRows({ shown }: Pick<PageData, 'shown'>): ArrayLike<number> {
  return toRowNumbers(shown.rows)
}

/** The code of the class that is predicted of each row. */
export function predictedCodes({ shown }: Pick<PageData, 'shown'>): Uint16Array {
  return likeliestCodes(shown.columns, shown.output)
}

/** Probabilities of each class, shape (n, classes); undefined where there are none. */
export function probabilitiesOf({
  shown: { columns, output },
  target: { labels },
}: PageData): NDArray | undefined {
  if (labels === undefined || output.method !== 'predictProba') return undefined
  if (columns.shape[1] === labels.length) return columns
  const second = columns.column(0)
  const both = Float64Array.from({ length: 2 * second.size }, (_, i) => {
    const one = Number(second.get(i >> 1))
    return i % 2 === 0 ? 1 - one : one
  })
  return array(both, { shape: [second.size, 2] })
}

/** Names of the classes, in their order. */
export function classNames({ labels }: StackTarget): string[] {
  return Array.from<unknown, string>(labels ?? [], String)
}
