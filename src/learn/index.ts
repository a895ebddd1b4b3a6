/** Learning: folds, statistics of rows, scalers, linear models, metrics. */

export { BaseEstimator } from './base-estimator.ts'
export {
  checkEstimator,
  type CheckOptions,
  estimatorChecks,
  type NamedCheck,
} from './check-estimator.ts'
export { type EstimatorMaker } from './check-subject.ts'
export { ElasticNet, type ElasticNetOptions } from './elastic-net.ts'
export type { EnsembleProgress } from './ensemble-progress.ts'
export {
  clone,
  type Configurable,
  type Estimator,
  type FitOptions,
  isEstimator,
  isTransformer,
  type Learned,
  learnedState,
  type LearnedState,
  type Params,
  type PredictOptions,
  restore,
  type Transformer,
} from './estimator.ts'
export { type FoldLayout, type FoldLearner, type FoldQuery, isFoldLearner } from './fold-learner.ts'
export { type Fold, KFold, type KFoldOptions } from './folds.ts'
export { KNeighborsRegressor, type KNeighborsRegressorOptions } from './k-neighbors-regressor.ts'
export { Lasso, type LassoOptions } from './lasso.ts'
export { isLinearModel, LinearModel } from './linear-model.ts'
export { LinearRegression, type LinearRegressionOptions } from './linear-regression.ts'
export { mae, makeScorer, r2, rmse, type ScoreOptions, type Scorer } from './metrics.ts'
export { MinMaxScaler, type MinMaxScalerOptions } from './min-max-scaler.ts'
export {
  type AffineTransformer,
  fitStatistics,
  isAffineTransformer,
  isMomentsEstimator,
  type MomentsEstimator,
} from './moments-estimator.ts'
export { type AffineMap, Moments } from './moments.ts'
export {
  type LinearTerms,
  onRawColumns,
  predictLinear,
  type PredictLinearOptions,
} from './predict-linear.ts'
export type { NeighborAlgorithm, NeighborIndex } from './neighbor-index.ts'
export { QrFactor } from './qr-factor.ts'
export type { QrFactorData } from './read-factors.ts'
export type { MomentsData, ReadOptions } from './read-moments.ts'
export { Ridge, type RidgeOptions } from './ridge.ts'
export { StandardScaler, type StandardScalerOptions } from './standard-scaler.ts'
export { ScoreTable, type ScoreRow, type ScoreTableData, type SkippedRow } from './score-table.ts'
export {
  type ArraySource,
  type EnsembleFitOptions,
  SuperLearner,
  type SuperLearnerOptions,
} from './super-learner.ts'
export type { Learners } from './member.ts'
