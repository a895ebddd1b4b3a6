/** What other libraries call the options of logistic models. */

import { foreignHint } from '../../foreign-options.ts'

/** Hints about names of scikit-learn, LIBLINEAR and glmnet. */
export const logisticHint = foreignHint({
  counterparts: {
    c: 'C',
    alpha: ['alpha', 'C', 'l1Ratio'],
    lambda: ['C', 'alpha'],
    reg_lambda: ['C', 'alpha'],
    reg_alpha: ['C', 'alpha'],
    l1_wt: 'l1Ratio',
    class_weights: 'classWeight',
    eps: 'tol',
    tolerance: 'tol',
    max_iterations: 'maxIter',
    intercept: 'fitIntercept',
    cv: 'folds',
    cs: 'Cs',
  },
  instead: {
    solver: 'the solver is chosen by the number of coefficients; `solver_` tells which',
    multi_class: 'several classes are always fitted together, by softmax',
    n_jobs: 'it runs on all cores',
    random_state: 'the result depends on no random numbers',
    warm_start: 'leave it out',
    dual: 'leave it out',
    intercept_scaling: 'leave it out: the intercept is not penalized',
    verbose: 'leave it out',
  },
})
