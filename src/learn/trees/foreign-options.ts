/** What other libraries' options of trees are called here. */

import { foreignHint } from '../../foreign-options.ts'

/** Names of scikit-learn, LightGBM and XGBoost that differ in more than their spelling, and the options that may be meant. */
const counterparts: Readonly<Record<string, readonly string[]>> = {
  n_estimators: ['maxIter', 'trees'],
  num_iterations: ['maxIter', 'trees'],
  num_boost_round: ['maxIter', 'trees'],
  num_trees: ['trees', 'maxIter'],
  objective: ['loss'],
  criterion: ['criterion', 'loss'],
  alpha: ['quantile', 'l2Regularization'],
  huber_slope: ['delta'],
  tweedie_variance_power: ['power'],
  eta: ['learningRate'],
  shrinkage_rate: ['learningRate'],
  max_leaves: ['maxLeafNodes'],
  num_leaves: ['maxLeafNodes'],
  min_data_in_leaf: ['minSamplesLeaf'],
  min_child_samples: ['minSamplesLeaf'],
  min_sum_hessian_in_leaf: ['minChildWeight'],
  min_gain_to_split: ['minSplitGain'],
  gamma: ['minSplitGain'],
  reg_lambda: ['l2Regularization'],
  lambda: ['l2Regularization'],
  lambda_l2: ['l2Regularization'],
  max_bin: ['maxBins'],
  feature_fraction: ['maxFeatures'],
  feature_fraction_bynode: ['maxFeatures'],
  colsample_bynode: ['maxFeatures'],
  bagging_fraction: ['subsample'],
  monotone_constraints: ['monotonicCst'],
  early_stopping_rounds: ['iterNoChange'],
  early_stopping_round: ['iterNoChange'],
  n_iter_no_change: ['iterNoChange'],
  eval_set: ['validationRows'],
  oob_score: ['oob'],
  random_state: ['seed'],
}

/** A hint that names the option of `known` which another library calls so. */
export const treeHint = foreignHint({ counterparts })
