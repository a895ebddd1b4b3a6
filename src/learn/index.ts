/** Estimators, transformers, folds, metrics and ensembles. */

export { type ArrayInput, asArray } from './inputs/as-array.ts'
export { BaseEstimator } from './contract/base-estimator.ts'
export {
  checkEstimator,
  type CheckOptions,
  estimatorChecks,
  type NamedCheck,
} from './checks/check-estimator.ts'
export type { EstimatorMaker } from './checks/check-subject.ts'
export {
  DecisionTreeClassifier,
  type DecisionTreeClassifierOptions,
} from './trees/forests/decision-tree-classifier.ts'
export {
  DecisionTreeRegressor,
  type DecisionTreeRegressorOptions,
} from './trees/forests/decision-tree-regressor.ts'
export {
  ExtraTreesClassifier,
  type ExtraTreesClassifierOptions,
} from './trees/forests/extra-trees-classifier.ts'
export {
  ExtraTreesRegressor,
  type ExtraTreesRegressorOptions,
} from './trees/forests/extra-trees-regressor.ts'
export { ElasticNet, type ElasticNetOptions } from './linear/elastic-net.ts'
export type { EnsembleProgress } from './ensembles/ensemble-progress.ts'
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
} from './contract/estimator.ts'
export {
  type Fold,
  type FoldData,
  type FoldFit,
  type FoldSharing,
  isSharingEstimator,
  type SharingEstimator,
} from './contract/fold-sharing.ts'
export { GaussianNB, type GaussianNBOptions } from './bayes/gaussian-nb.ts'
export {
  GradientBoostingClassifier,
  type GradientBoostingClassifierOptions,
} from './trees/gradient-boosting-classifier.ts'
export {
  GradientBoostingRegressor,
  type GradientBoostingRegressorOptions,
} from './trees/gradient-boosting-regressor.ts'
export { HuberRegressor, type HuberRegressorOptions } from './robust/huber-regressor.ts'
export { KFold, type KFoldOptions } from './selection/folds.ts'
export {
  KNeighborsClassifier,
  type KNeighborsClassifierOptions,
} from './neighbors/k-neighbors-classifier.ts'
export {
  KNeighborsRegressor,
  type KNeighborsRegressorOptions,
} from './neighbors/k-neighbors-regressor.ts'
export { KMeans, type KMeansOptions } from './cluster/k-means.ts'
export { Lasso, type LassoOptions } from './linear/lasso.ts'
export { LinearSVC, type LinearSVCOptions } from './svm/linear-svc.ts'
export { LinearSVR, type LinearSVROptions } from './svm/linear-svr.ts'
export { LinearRegression, type LinearRegressionOptions } from './linear/linear-regression.ts'
export {
  ElasticNetCV,
  type ElasticNetCVOptions,
  LassoCV,
  type LassoCVOptions,
} from './cross-validated/elastic-net-cv.ts'
export { RidgeClassifier, type RidgeClassifierOptions } from './logistic/ridge-classifier.ts'
export { RidgeCV, type RidgeCVOptions } from './cross-validated/ridge-cv.ts'
export {
  LogisticRegressionCV,
  type LogisticRegressionCVOptions,
} from './cross-validated/logistic-regression-cv.ts'
export {
  LogisticRegression,
  type LogisticRegressionOptions,
} from './logistic/logistic-regression.ts'
export { mae, makeScorer, r2, rmse, type ScoreOptions, type Scorer } from './selection/metrics.ts'
export { MinMaxScaler, type MinMaxScalerOptions } from './preprocessing/min-max-scaler.ts'
export { PCA, type PCAOptions } from './preprocessing/pca.ts'
export type { ColumnPart } from './pipelines/column-parts.ts'
export { ColumnTransformer, type ColumnTransformerOptions } from './pipelines/column-transformer.ts'
export type { Categories } from './encoders/categories.ts'
export {
  OneHotEncoder,
  type OneHotEncoderOptions,
  type UnknownCategory,
} from './encoders/one-hot-encoder.ts'
export { OrdinalEncoder, type OrdinalEncoderOptions } from './encoders/ordinal-encoder.ts'
export { TargetEncoder, type TargetEncoderOptions } from './encoders/target-encoder.ts'
export { Pipeline, type PipelineOptions, type PipelineSteps } from './pipelines/pipeline.ts'
export {
  PolynomialFeatures,
  type PolynomialFeaturesOptions,
} from './preprocessing/polynomial-features.ts'
export {
  RandomForestClassifier,
  type RandomForestClassifierOptions,
} from './trees/forests/random-forest-classifier.ts'
export {
  RandomForestRegressor,
  type RandomForestRegressorOptions,
} from './trees/forests/random-forest-regressor.ts'
export {
  RadiusNeighborsClassifier,
  type RadiusNeighborsClassifierOptions,
} from './neighbors/radius-neighbors-classifier.ts'
export {
  RadiusNeighborsRegressor,
  type RadiusNeighborsRegressorOptions,
} from './neighbors/radius-neighbors-regressor.ts'
export { Ridge, type RidgeOptions } from './linear/ridge.ts'
export { QuantileRegressor, type QuantileRegressorOptions } from './robust/quantile-regressor.ts'
export {
  QuantileTransformer,
  type QuantileTransformerOptions,
} from './preprocessing/quantile-transformer.ts'
export { RobustScaler, type RobustScalerOptions } from './preprocessing/robust-scaler.ts'
export {
  type ImputerStrategy,
  SimpleImputer,
  type SimpleImputerOptions,
} from './preprocessing/simple-imputer.ts'
export { StandardScaler, type StandardScalerOptions } from './preprocessing/standard-scaler.ts'
export { SelectColumns, type SelectColumnsOptions } from './preprocessing/select-columns.ts'
export type { Classifier } from './contract/classifier.ts'
export type { Label } from './inputs/labels.ts'
export {
  type ColumnScoreName,
  SelectKBest,
  type SelectKBestOptions,
} from './preprocessing/select-k-best.ts'
export {
  ScoreTable,
  type ScoreRow,
  type ScoreTableData,
  type SkippedRow,
} from './selection/score-table.ts'
export { SVC, type SVCOptions } from './svm/svc.ts'
export { SVR, type SVROptions } from './svm/svr.ts'
export { type ArraySource, SuperLearner } from './ensembles/super-learner.ts'
export type { EnsembleFitOptions, SuperLearnerOptions } from './ensembles/super-learner-options.ts'
export type { Learners } from './ensembles/ensemble-member.ts'
export {
  partialDependence,
  type PartialDependence,
  type PartialDependenceOptions,
} from './inspection/partial-dependence.ts'
export {
  permutationImportance,
  type PermutationImportance,
  type PermutationOptions,
} from './inspection/permutation-importance.ts'
export { plotTree, type PlotTreeOptions, type PlottedTrees } from './trees/plot-tree.ts'
export type { ShapOptions, ShapValues } from './trees/shap-values.ts'
