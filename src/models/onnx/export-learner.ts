/** Learners as operators. */

import {
  BestLearner,
  BlendEnsemble,
  CombinedClassifier,
  DecisionTreeClassifier,
  DecisionTreeRegressor,
  ElasticNet,
  ElasticNetCV,
  type Estimator,
  ExtraTreesClassifier,
  ExtraTreesRegressor,
  GradientBoostingClassifier,
  GradientBoostingRegressor,
  GreedySelection,
  HuberRegressor,
  Lasso,
  LassoCV,
  LinearRegression,
  LinearSVC,
  LinearSVR,
  LogisticRegression,
  LogisticRegressionCV,
  NonNegativeLeastSquares,
  Pipeline,
  QuantileRegressor,
  RandomForestClassifier,
  RandomForestRegressor,
  Ridge,
  RidgeClassifier,
  RidgeCV,
  SequentialEnsemble,
  Subsemble,
  SuperLearner,
  TemporalEnsemble,
  type Transformer,
} from '../../learn/index.ts'
import type { Answer } from './answers.ts'
import { fittedStepsOf } from './fitted-steps.ts'
import { exportCombined } from './export-combined.ts'
import { exportEnsemble, type ExportLearner } from './export-ensemble.ts'
import { exportLinear, exportLinearClasses } from './export-linear.ts'
import { type Columns, exportTransformer } from './export-transformer.ts'
import {
  exportBoostedClasses,
  exportBoosting,
  exportClassForest,
  exportForest,
} from './export-trees.ts'
import type { OnnxGraph } from './onnx-graph.ts'
import { refuseExport } from './refuse-export.ts'

/** How a learner of a class is exported. */
type Exporter = (graph: OnnxGraph, learner: never, X: string) => Answer

const groups: readonly (readonly [Exporter, readonly (new () => object)[]])[] = [
  [
    exportLinear,
    [
      LinearRegression,
      Ridge,
      RidgeCV,
      Lasso,
      LassoCV,
      ElasticNet,
      ElasticNetCV,
      HuberRegressor,
      QuantileRegressor,
      LinearSVR,
      NonNegativeLeastSquares,
      GreedySelection,
      BestLearner,
    ],
  ],
  [exportLinearClasses, [LogisticRegression, LogisticRegressionCV, RidgeClassifier, LinearSVC]],
  [exportForest, [DecisionTreeRegressor, RandomForestRegressor, ExtraTreesRegressor]],
  [exportClassForest, [DecisionTreeClassifier, RandomForestClassifier, ExtraTreesClassifier]],
  [exportBoosting, [GradientBoostingRegressor]],
  [exportBoostedClasses, [GradientBoostingClassifier]],
  [exportCombined, [CombinedClassifier]],
]

/** By class: a class that extends one of these may predict in another way. */
const exporters = new Map(
  groups.flatMap(([exporter, classes]) => classes.map((kind) => [kind as unknown, exporter])),
)

const ensembles: readonly unknown[] = [
  SuperLearner,
  BlendEnsemble,
  SequentialEnsemble,
  Subsemble,
  TemporalEnsemble,
]

/**
 * Adds the operators of a fitted learner.
 *
 * @param X - a matrix of float64
 * @param place - of the learner in the model, for errors
 * @throws OneCopyError `ERR_EXPORT` for one that has no counterpart
 */
export const exportLearner: ExportLearner = (graph, learner, X, place) => {
  const { constructor: kind } = learner
  const exporter = exporters.get(kind)
  if (exporter !== undefined) {
    requireTwoClasses(learner, place)
    return exporter(graph, learner as never, X.name)
  }
  if (kind === Pipeline) return exportPipeline(graph, learner as Pipeline, X, place)
  if (ensembles.includes(kind))
    return exportEnsemble(graph, learner as unknown as SuperLearner, X, place, exportLearner)
  throw refuseExport(
    place,
    `the learner ${kind.name}`,
    'Learners that can be exported are linear models, trees, forests, gradient boosting, and ensembles and pipelines of these.',
  )
}

function requireTwoClasses(learner: Estimator, place: string): void {
  const { classes_ } = learner as { readonly classes_?: ArrayLike<unknown> }
  if (classes_ === undefined || classes_.length > 1) return
  throw refuseExport(place, 'a classifier of a single class', 'Fit it on rows of several classes.')
}

function exportPipeline(graph: OnnxGraph, pipeline: Pipeline, X: Columns, place: string): Answer {
  const steps = fittedStepsOf(pipeline)
  let mapped = X
  const isRaw = pipeline.learnerColumns_ === 'raw'
  for (const [name, step] of isRaw ? [] : steps.slice(0, -1))
    mapped = exportTransformer(graph, step as Transformer, mapped, `step \`${name}\` of ${place}`)
  const [name, last] = steps.at(-1)!
  return exportLearner(graph, last as Estimator, mapped, `step \`${name}\` of ${place}`)
}
