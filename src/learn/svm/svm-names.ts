/** What other libraries call the options of support vector machines. */

import { foreignHint } from '../../foreign-options.ts'

const counterparts = {
  c: 'C',
  cost: 'C',
  alpha: 'C',
  lambda: 'C',
  class_weights: 'classWeight',
  epsilon_tube: 'epsilon',
  tolerance: 'tol',
  eps: 'tol',
  max_iterations: 'maxIter',
  n_iter: 'maxIter',
  intercept: 'fitIntercept',
  random_state: 'seed',
  random_seed: 'seed',
  cache_size: 'cacheMiB',
  decision_shape: 'decisionFunctionShape',
  kernel_type: 'kernel',
  sigma: 'gamma',
}

const instead = {
  n_jobs: 'it runs on all cores',
  verbose: 'leave it out',
  shrinking: 'leave it out: the result is the same with and without it',
  break_ties: 'leave it out: of classes with as many votes the first one wins',
  probability: 'leave it out: use `decisionFunction`, or LogisticRegression for probabilities',
  nu: 'there are no nu machines; use `C`',
}

/** Hints of machines with kernels. */
export const kernelHint = foreignHint({
  counterparts,
  instead: { ...instead, random_state: 'the result depends on no random numbers' },
})

/** Hints of linear machines. */
export const linearHint = foreignHint({
  counterparts,
  instead: {
    ...instead,
    dual: 'leave it out: the dual problem is always solved',
    penalty: 'the penalty is always on squared coefficients',
    multi_class: 'each class is always told apart from all others',
    kernel: 'it is linear; SVC and SVR have kernels',
  },
})
