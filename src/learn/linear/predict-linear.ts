/** Predictions of linear functions, several in one pass over the rows. */

import type { NDArray, RowSelection } from '../../arrays/index.ts'
import { kernelMatrix, kernelRows, requireMatrix, requireRows } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import { kernelThreads, native } from '../../native/index.ts'
import type { AffineMap } from '../statistics/moments.ts'

/** One linear function of a row: intercept + coefficients · row. */
export interface LinearTerms {
  /** Shape (d). */
  readonly coefficients: Float64Array
  readonly intercept: number
}

/** Which rows linear functions are evaluated at, and which columns they fill. */
export interface PredictLinearOptions {
  /** Rows of `X`; default: all. */
  readonly rows?: RowSelection
  /** For each function, the column of `out` that it fills; default: 0, 1, 2 … */
  readonly columns?: readonly number[]
}

/**
 * Evaluates several linear functions in one native pass over rows of `X`, in place.
 *
 * @param X - values, shape (n, d)
 * @param terms - L functions of d columns
 * @param out - float64 or float32, shape (n) for one function or (n, any) for several: one row for
 *   every row of `X`, of which only the chosen ones are written
 * @throws OneCopyError `ERR_SHAPE`, `ERR_ROWS`
 */
export async function predictLinear(
  X: NDArray,
  terms: readonly LinearTerms[],
  out: NDArray,
  options: PredictLinearOptions = {},
): Promise<void> {
  requireKnown('predictLinear', options, names)
  const [n, d] = requireMatrix(X, '`X`')
  const rows = requireRows(options.rows, n)
  const coefficients = new Float64Array(terms.length * d)
  for (const [l, term] of terms.entries()) {
    if (term.coefficients.length !== d) {
      throw new OneCopyError(
        'ERR_SHAPE',
        `Expected ${d} coefficients, one for each column of \`X\`, got ${term.coefficients.length}.`,
        { details: { columns: d, coefficients: term.coefficients.length } },
      )
    }
    coefficients.set(term.coefficients, l * d)
  }
  await native.affinePredict(
    kernelMatrix(X),
    kernelRows(rows),
    coefficients,
    Float64Array.from(terms, ({ intercept }) => intercept),
    kernelMatrix(out),
    Int32Array.from(options.columns ?? terms.keys()),
    kernelThreads(),
  )
}

const names: OptionNames<PredictLinearOptions> = { rows: true, columns: true }

/**
 * Rewrites a linear function of scaled columns as one of the raw columns, so that no scaled copy of
 * them is needed to predict.
 *
 * @param map - the scaling, x -> (x - shift) / scale
 */
export function onRawColumns(terms: LinearTerms, { shift, scale }: AffineMap): LinearTerms {
  const coefficients = terms.coefficients.map((coefficient, j) => coefficient / scale[j]!)
  const intercept = coefficients.reduce(
    (sum, coefficient, j) => sum - coefficient * shift[j]!,
    terms.intercept,
  )
  return { coefficients, intercept }
}
