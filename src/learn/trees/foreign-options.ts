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
  alpha: ['quantile', 'l1Regularization'],
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
  reg_alpha: ['l1Regularization'],
  lambda_l1: ['l1Regularization'],
  max_delta_step: ['maxLeafValue'],
  max_output: ['maxLeafValue'],
  cat_features: ['categoricalFeatures'],
  categorical_feature: ['categoricalFeatures'],
  categorical_column: ['categoricalFeatures'],
  enable_categorical: ['categoricalFeatures'],
  feature_types: ['categoricalFeatures'],
  cat_smooth: ['categorySmoothing'],
  min_data_per_group: ['categorySmoothing'],
  interaction_cst: ['interactionConstraints'],
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
    loss: 'boosting learns classes by log loss; forests of classes have `criterion`, those of numbers minimize squared errors',
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
    warm_start: 'continue boosting with `fit(X, y, { continueFrom: model })`',
    init_model: 'continue boosting with `fit(X, y, { continueFrom: model })`',
    xgb_model: 'continue boosting with `fit(X, y, { continueFrom: model })`',
    cat_l2: 'use `l2Regularization` or `categorySmoothing`',
    max_cat_threshold: 'all categories of a node are put in order and cut once',
    max_cat_to_onehot: 'all categories of a node are put in order and cut once',
  },
})

/** What other libraries call the losses of boosting. */
export const foreignLosses = {
  squared_error: 'squared',
  mean_squared_error: 'squared',
  ls: 'squared',
  mse: 'squared',
  l2: 'squared',
  regression: 'squared',
  'reg:squarederror': 'squared',
  absolute_error: 'absolute',
  mean_absolute_error: 'absolute',
  lad: 'absolute',
  mae: 'absolute',
  l1: 'absolute',
  regression_l1: 'absolute',
  'reg:absoluteerror': 'absolute',
  'count:poisson': 'poisson',
  'reg:gamma': 'gamma',
  'reg:tweedie': 'tweedie',
}

/** What other libraries call the ways to grow a tree. */
export const foreignPolicies = {
  lossguide: 'leafwise',
  Lossguide: 'leafwise',
  'leaf-wise': 'leafwise',
  SymmetricTree: 'depthwise',
  Depthwise: 'depthwise',
  'depth-wise': 'depthwise',
}
