/** Models that predict numbers, classes or clusters. */

export { GaussianNB, type GaussianNBOptions } from './bayes/gaussian-nb.ts'
export { KMeans, type KMeansOptions } from './cluster/k-means.ts'
export { BestLearner, type BestLearnerOptions } from './combiners/best-learner.ts'
export {
  CombinedClassifier,
  type CombinedClassifierOptions,
} from './combiners/combined-classifier.ts'
export { GreedySelection, type GreedySelectionOptions } from './combiners/greedy-selection.ts'
export {
  NonNegativeLeastSquares,
  type NonNegativeLeastSquaresOptions,
} from './combiners/non-negative-least-squares.ts'
export {
  ElasticNetCV,
  type ElasticNetCVOptions,
  LassoCV,
  type LassoCVOptions,
} from './cross-validated/elastic-net-cv.ts'
export {
  LogisticRegressionCV,
  type LogisticRegressionCVOptions,
} from './cross-validated/logistic-regression-cv.ts'
export { RidgeCV, type RidgeCVOptions } from './cross-validated/ridge-cv.ts'
export { ElasticNet, type ElasticNetOptions } from './linear/elastic-net.ts'
export { Lasso, type LassoOptions } from './linear/lasso.ts'
export { LinearRegression, type LinearRegressionOptions } from './linear/linear-regression.ts'
export { Ridge, type RidgeOptions } from './linear/ridge.ts'
export {
  LogisticRegression,
  type LogisticRegressionOptions,
} from './logistic/logistic-regression.ts'
export { RidgeClassifier, type RidgeClassifierOptions } from './logistic/ridge-classifier.ts'
export {
  KNeighborsClassifier,
  type KNeighborsClassifierOptions,
} from './neighbors/k-neighbors-classifier.ts'
export {
  KNeighborsRegressor,
  type KNeighborsRegressorOptions,
} from './neighbors/k-neighbors-regressor.ts'
export {
  RadiusNeighborsClassifier,
  type RadiusNeighborsClassifierOptions,
} from './neighbors/radius-neighbors-classifier.ts'
export {
  RadiusNeighborsRegressor,
  type RadiusNeighborsRegressorOptions,
} from './neighbors/radius-neighbors-regressor.ts'
export { MLPClassifier, type MLPClassifierOptions } from './neural/mlp-classifier.ts'
export { MLPRegressor, type MLPRegressorOptions } from './neural/mlp-regressor.ts'
export { HuberRegressor, type HuberRegressorOptions } from './robust/huber-regressor.ts'
export { QuantileRegressor, type QuantileRegressorOptions } from './robust/quantile-regressor.ts'
export { LinearSVC, type LinearSVCOptions } from './svm/linear-svc.ts'
export { LinearSVR, type LinearSVROptions } from './svm/linear-svr.ts'
export { SVC, type SVCOptions } from './svm/svc.ts'
export { SVR, type SVROptions } from './svm/svr.ts'
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
export {
  RandomForestClassifier,
  type RandomForestClassifierOptions,
} from './trees/forests/random-forest-classifier.ts'
export {
  RandomForestRegressor,
  type RandomForestRegressorOptions,
} from './trees/forests/random-forest-regressor.ts'
export {
  GradientBoostingClassifier,
  type GradientBoostingClassifierOptions,
} from './trees/gradient-boosting-classifier.ts'
export {
  GradientBoostingRegressor,
  type GradientBoostingRegressorOptions,
} from './trees/gradient-boosting-regressor.ts'
export { EncodedModel } from './pipelines/encoded-model.ts'
