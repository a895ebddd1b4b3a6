/** Learners, combiners and steps by the names that users give them. */

import {
  BestLearner,
  type Combiner,
  DecisionTreeClassifier,
  DecisionTreeRegressor,
  ElasticNet,
  ElasticNetCV,
  type Estimator,
  ExtraTreesClassifier,
  ExtraTreesRegressor,
  GaussianNB,
  GradientBoostingClassifier,
  GradientBoostingRegressor,
  GreedySelection,
  HuberRegressor,
  KNeighborsClassifier,
  KNeighborsRegressor,
  Lasso,
  LassoCV,
  LinearRegression,
  LinearSVC,
  LinearSVR,
  LogisticRegression,
  LogisticRegressionCV,
  MinMaxScaler,
  MLPClassifier,
  MLPRegressor,
  NonNegativeLeastSquares,
  PCA,
  PolynomialFeatures,
  QuantileRegressor,
  QuantileTransformer,
  RadiusNeighborsClassifier,
  RadiusNeighborsRegressor,
  RandomForestClassifier,
  RandomForestRegressor,
  Ridge,
  RidgeClassifier,
  RidgeCV,
  RobustScaler,
  SelectColumns,
  SelectKBest,
  SimpleImputer,
  StandardScaler,
  SVC,
  SVR,
  type Transformer,
} from '../../learn/index.ts'

/** Something with options, made by a name. */
export type Made = Estimator | Combiner | Transformer

/** Makes one with some options. */
export type Maker = new (options?: never) => Made

/** Learners of numbers. */
export const regressors: Readonly<Record<string, Maker>> = {
  'linear-regression': LinearRegression,
  ridge: Ridge,
  'ridge-cv': RidgeCV,
  lasso: Lasso,
  'lasso-cv': LassoCV,
  'elastic-net': ElasticNet,
  'elastic-net-cv': ElasticNetCV,
  'huber-regressor': HuberRegressor,
  'quantile-regressor': QuantileRegressor,
  'k-neighbors-regressor': KNeighborsRegressor,
  'radius-neighbors-regressor': RadiusNeighborsRegressor,
  svr: SVR,
  'linear-svr': LinearSVR,
  'mlp-regressor': MLPRegressor,
  'decision-tree-regressor': DecisionTreeRegressor,
  'random-forest-regressor': RandomForestRegressor,
  'extra-trees-regressor': ExtraTreesRegressor,
  'gradient-boosting-regressor': GradientBoostingRegressor,
}

/** Learners of classes. */
export const classifiers: Readonly<Record<string, Maker>> = {
  'logistic-regression': LogisticRegression,
  'logistic-regression-cv': LogisticRegressionCV,
  'ridge-classifier': RidgeClassifier,
  'gaussian-nb': GaussianNB,
  'k-neighbors-classifier': KNeighborsClassifier,
  'radius-neighbors-classifier': RadiusNeighborsClassifier,
  svc: SVC,
  'linear-svc': LinearSVC,
  'mlp-classifier': MLPClassifier,
  'decision-tree-classifier': DecisionTreeClassifier,
  'random-forest-classifier': RandomForestClassifier,
  'extra-trees-classifier': ExtraTreesClassifier,
  'gradient-boosting-classifier': GradientBoostingClassifier,
}

/** What only combines predictions. */
export const combiners: Readonly<Record<string, Maker>> = {
  'non-negative-least-squares': NonNegativeLeastSquares,
  'greedy-selection': GreedySelection,
  'best-learner': BestLearner,
}

/** Steps before learners. */
export const transformers: Readonly<Record<string, Maker>> = {
  'standard-scaler': StandardScaler,
  'min-max-scaler': MinMaxScaler,
  'robust-scaler': RobustScaler,
  'quantile-transformer': QuantileTransformer,
  'simple-imputer': SimpleImputer,
  pca: PCA,
  'polynomial-features': PolynomialFeatures,
  'select-columns': SelectColumns,
  'select-k-best': SelectKBest,
}

/** Learners that compare values of different columns only through splits or densities. */
const scaleFree = /tree|forest|boosting|gaussian-nb/

/** Whether a learner does better on standardized columns. */
export function wantsScaling(name: string): boolean {
  return !scaleFree.test(name)
}
