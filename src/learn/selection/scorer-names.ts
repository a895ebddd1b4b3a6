/** Scorers by name, and what other libraries call them. */

import { refuseChoice } from '../../options.ts'
import { foreignValueAdvice } from '../../foreign-options.ts'
import { mae, r2, rmse, type Scorer } from './metrics.ts'

/** What other libraries call the scorers. */
const foreignScorers = {
  neg_root_mean_squared_error: 'rmse',
  root_mean_squared_error: 'rmse',
  RMSE: 'rmse',
  neg_mean_absolute_error: 'mae',
  mean_absolute_error: 'mae',
  MAE: 'mae',
  r2_score: 'r2',
  R2: 'r2',
}

const scorers: Readonly<Record<string, Scorer>> = { rmse, mae, r2 }

/** The squared error has the order of its root, and other units. */
const squaredErrors: readonly unknown[] = ['neg_mean_squared_error', 'mean_squared_error', 'mse']

/**
 * The scorer of a name, or a scorer itself.
 *
 * @throws OneCopyError `ERR_OPTION` for another name, TypeError for another type
 */
export function requireScorer(scorer: string | Scorer): Scorer {
  const isName = typeof scorer === 'string' && Object.hasOwn(scorers, scorer)
  const found: unknown = isName ? scorers[scorer] : scorer
  if (typeof found === 'function' && typeof (found as Scorer).greaterIsBetter === 'boolean')
    return found as Scorer
  throw refuseChoice(
    '`scorer`',
    scorer,
    "'rmse', 'mae', 'r2' or a function from makeScorer()",
    foreignValueAdvice(foreignScorers, scorer) +
      (squaredErrors.includes(scorer) ? " Its root is 'rmse'." : '') +
      (typeof scorer === 'function' ? ' Pass makeScorer(f, { greaterIsBetter: … }).' : ''),
  )
}
