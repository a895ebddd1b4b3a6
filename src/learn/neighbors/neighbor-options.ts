/** Options that all learners by nearest neighbours have. */

import { OneCopyError, show } from '../../errors.ts'
import { foreignValueAdvice } from '../../foreign-options.ts'

/** What to do in place of scikit-learn's options that have no counterpart here. */
export const insteadOfMetrics = {
  metric: 'distances are Euclidean',
  p: 'distances are Euclidean',
  leaf_size: 'leaves of the tree hold up to 64 rows',
}

/** What scikit-learn calls the algorithms. */
const foreignAlgorithms = { kd_tree: 'tree', ball_tree: 'tree' }

/** Checks `weights` and `algorithm`. @throws OneCopyError `ERR_OPTION` */
export function requireChoices(learner: {
  readonly weights: unknown
  readonly algorithm: unknown
}): void {
  requireOneOf(learner, 'weights', ['uniform', 'distance'])
  requireOneOf(learner, 'algorithm', ['auto', 'tree', 'brute'])
}

function requireOneOf<N extends 'weights' | 'algorithm'>(
  learner: { readonly [name in N]: unknown },
  name: N,
  choices: readonly string[],
): void {
  const value: unknown = learner[name]
  if (typeof value === 'string' && choices.includes(value)) return
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`${name}\` of ${learner.constructor.name} to be ${choices.map((one) => `'${one}'`).join(' or ')}, got ${show(value)}.` +
      foreignValueAdvice(foreignAlgorithms, value),
    { details: { name } },
  )
}
