/** What scikit-learn's options of transformers are called here. */

import { foreignHint } from '../../foreign-options.ts'

/** Names of scikit-learn that differ in more than their spelling. */
const counterparts = {
  missing_values: 'missing',
  n_components: 'components',
  n_quantiles: 'quantiles',
  score_func: 'score',
  sample_weight: 'weights',
  random_state: 'seed',
  cv: 'folds',
  smooth: 'smoothing',
}

const noCopy = '`X` is read in place and never changed, so leave it out'
const dense = 'results are dense, so leave it out'

const instead = {
  copy: noCopy,
  order: 'results are in C order, so leave it out',
  sparse: dense,
  sparse_output: dense,
  accept_sparse: dense,
  ignore_implicit_zeros: dense,
  dtype: 'results are float64; pass a float32 `out` to transform() for another type',
  svd_solver: 'components are always those of the covariance matrix, so leave it out',
  n_jobs: 'leave it out',
}

/** A hint that names the option of `known` which another library calls so. */
export const preprocessingHint = foreignHint({ counterparts, instead })
