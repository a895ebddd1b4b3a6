/** What scikit-learn's and other libraries' options of learners are called here. */

import { foreignHint } from '../../foreign-options.ts'
import { type OptionNames, requireKnown } from '../../options.ts'

const hint = foreignHint({
  counterparts: {
    lambda: 'alpha',
    reg_lambda: 'alpha',
    penalty: 'alpha',
    l2: 'alpha',
    mixture: 'l1Ratio',
    intercept: 'fitIntercept',
    tolerance: 'tol',
    n_iter: ['maxIter', 'draws'],
    n_candidates: 'draws',
    param_grid: 'params',
    param_distributions: 'params',
    param_dicts: 'params',
    ensemble_size: 'size',
    train_sizes: 'sizes',
    return_estimator: 'returnEstimators',
    max_iterations: 'maxIter',
    k: ['neighbors', 'folds'],
    n_neighbors: 'neighbors',
    radius: 'neighbors',
    n_alphas: 'alphas',
    n_splits: ['folds', 'splits'],
    splits: 'folds',
    folds: 'splits',
    n_folds: ['folds', 'splits'],
    n_fold: ['folds', 'splits'],
    cv: 'folds',
    n_repeats: 'repeats',
    n_partitions: 'partitions',
    test_fold: 'testFold',
    max_train_size: 'window',
    gap: 'lag',
    stratify: 'stratified',
    train_share: 'trainSize',
    test_share: 'testSize',
    holdout: 'testSize',
    random_state: 'seed',
    random_seed: 'seed',
    scoring: ['scorer', 'metric'],
    metric: 'scorer',
    metrics: 'scorer',
    labels: 'classes',
    pos_label: 'positive',
    n_bins: 'bins',
    error_score: 'onError',
    raise_on_exception: 'onError',
    preprocessing: 'preprocess',
    preprocessor: 'preprocess',
    transformers: ['preprocess', 'steps'],
    sample_weight: 'weights',
    weight: 'weights',
    indices: 'rows',
    index: 'rows',
    train_index: 'rows',
    test_index: 'rows',
    mask: 'rows',
    callback: 'onProgress',
    abort_signal: 'signal',
    range: 'featureRange',
    with_scale: 'withStd',
    center: ['withMean', 'withCentering'],
    scale: ['withStd', 'withScaling'],
    missing_values: 'missing',
    n_components: 'components',
    n_quantiles: 'quantiles',
    score_func: 'score',
    smooth: 'smoothing',
  },
})

/** Hints of one class that stand before those of all. */
export type Instead = Readonly<Record<string, string>>

const common: Instead = {
  n_jobs: 'native threads use all cores without it',
  normalize: 'scale the columns by a StandardScaler first',
  copy_X: 'no fit copies or changes `X`',
  copy: 'no fit copies or changes `X`',
  precompute: 'products of columns are always computed once',
  warm_start: 'every fit starts anew',
  order: 'results are in C order',
  sparse: 'results are dense',
  sparse_output: 'results are dense',
  dtype: 'results are float64; pass a float32 `out` to `transform` for another type',
  svd_solver: 'components are always those of the covariance matrix',
}

/**
 * Refuses options that a learner, scaler or splitter does not have. The error names the option that another
 * library's name stands for.
 *
 * @param what - as for {@link requireKnown}
 * @param instead - what to do in place of options that have no counterpart here
 */
export function requireLearnOptions<Options extends object>(
  what: string,
  options: Options,
  known: OptionNames<Options>,
  instead: Instead = {},
): void {
  requireKnown(what, options, known, learnHint(known, instead))
}

/** The hint of {@link requireLearnOptions}. */
export function learnHint(known: object, instead: Instead = {}): ReturnType<typeof hint> {
  const own = foreignHint({ counterparts: {}, instead: { ...common, ...instead } })(known)
  const shared = hint(known)
  return (name) => shared(name) ?? own(name)
}
