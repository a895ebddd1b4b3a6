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
export const treeHint = foreignHint({
  counterparts,
  instead: {
    n_jobs: 'native threads use all cores without it',
    num_threads: 'native threads use all cores without it',
    nthread: 'native threads use all cores without it',
    criterion: 'trees of numbers always minimize squared errors',
    splitter: 'ExtraTreesRegressor and ExtraTreesClassifier cut at random',
    bootstrap: 'forests have it; boosting has `subsample`',
    subsample: 'boosting has it; forests draw rows by `bootstrap`',
    min_samples_split: 'use `minSamplesLeaf`, `maxDepth` or `maxLeafNodes` to grow smaller trees',
    min_weight_fraction_leaf:
      'use `minSamplesLeaf`, `maxDepth` or `maxLeafNodes` to grow smaller trees',
    min_impurity_decrease:
      'use `minSamplesLeaf`, `maxDepth` or `maxLeafNodes` to grow smaller trees',
    ccp_alpha:
      'trees are not pruned; use `minSamplesLeaf`, `maxDepth` or `maxLeafNodes` to grow smaller ones',
    verbose: 'nothing is printed',
    warm_start: 'every fit starts anew',
    categorical_features: 'encode categories by OneHotEncoder or OrdinalEncoder first',
  },
})
