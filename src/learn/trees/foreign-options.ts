/** What other libraries' options of trees are called here. */

import type { Hint } from '../../options.ts'

/** Names of scikit-learn, LightGBM and XGBoost, and the options that may be meant, best first. */
const counterparts: Readonly<Record<string, readonly string[]>> = {
  n_estimators: ['maxIter', 'trees'],
  nEstimators: ['maxIter', 'trees'],
  num_iterations: ['maxIter', 'trees'],
  num_boost_round: ['maxIter', 'trees'],
  num_trees: ['trees', 'maxIter'],
  max_iter: ['maxIter'],
  objective: ['loss'],
  criterion: ['loss'],
  alpha: ['quantile', 'l2Regularization'],
  huber_slope: ['delta'],
  learning_rate: ['learningRate'],
  eta: ['learningRate'],
  shrinkage_rate: ['learningRate'],
  max_leaf_nodes: ['maxLeafNodes'],
  max_leaves: ['maxLeafNodes'],
  num_leaves: ['maxLeafNodes'],
  numLeaves: ['maxLeafNodes'],
  max_depth: ['maxDepth'],
  min_samples_leaf: ['minSamplesLeaf'],
  min_data_in_leaf: ['minSamplesLeaf'],
  min_child_samples: ['minSamplesLeaf'],
  min_child_weight: ['minChildWeight'],
  min_sum_hessian_in_leaf: ['minChildWeight'],
  min_split_gain: ['minSplitGain'],
  min_gain_to_split: ['minSplitGain'],
  gamma: ['minSplitGain'],
  l2_regularization: ['l2Regularization'],
  reg_lambda: ['l2Regularization'],
  lambda: ['l2Regularization'],
  lambda_l2: ['l2Regularization'],
  max_bins: ['maxBins'],
  max_bin: ['maxBins'],
  max_features: ['maxFeatures'],
  feature_fraction: ['maxFeatures'],
  feature_fraction_bynode: ['maxFeatures'],
  colsample_bynode: ['maxFeatures'],
  bagging_fraction: ['subsample'],
  monotonic_cst: ['monotonicCst'],
  monotone_constraints: ['monotonicCst'],
  grow_policy: ['growPolicy'],
  early_stopping: ['earlyStopping'],
  early_stopping_rounds: ['iterNoChange'],
  early_stopping_round: ['iterNoChange'],
  n_iter_no_change: ['iterNoChange'],
  validation_fraction: ['validationFraction'],
  oob_score: ['oob'],
  oobScore: ['oob'],
  random_state: ['seed'],
  randomState: ['seed'],
}

/** A hint that names the option of `known` which another library calls so. */
export function treeHint(known: object): Hint {
  return (name) => {
    const own = counterparts[name]?.find((one) => Object.hasOwn(known, one))
    return own === undefined ? undefined : `it is called \`${own}\` here`
  }
}
