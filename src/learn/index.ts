/** Estimators, transformers, folds, metrics and ensembles. */

export * from './estimators.ts'
export * from './metrics.ts'
export * from './splitters.ts'
export * from './transformers.ts'
export * from './evaluation.ts'
export { AutoEnsemble } from './auto/auto-ensemble.ts'
export type {
  AutoEnsembleOptions,
  AutoFitOptions,
  AutoLearner,
  AutoPreset,
} from './auto/auto-options.ts'
export type { AutoProgress } from './auto/auto-progress.ts'
export type { LeftOut } from './auto/candidates/fit-candidates.ts'
export type {
  Leaderboard,
  LeaderboardData,
  LeaderboardRow,
  SecondLayerCheck,
} from './auto/leaderboard.ts'
export {
  checkEstimator,
  type CheckOptions,
  estimatorChecks,
  type NamedCheck,
} from './checks/check-estimator.ts'
export type { EstimatorMaker } from './checks/check-subject.ts'
export { BaseEstimator } from './contract/base-estimator.ts'
export type { Classifier } from './contract/classifier.ts'
export type { ClassColumns, ClassRows, Combiner, FoundWeights } from './contract/combiner.ts'
export {
  clone,
  type Configurable,
  type Estimator,
  type FitOptions,
  type FloatArray,
  isEstimator,
  isTransformer,
  type Learned,
  learnedState,
  type LearnedState,
  type Params,
  type PredictOptions,
  restore,
  type TableFeatures,
  type TableFitOptions,
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
export type { AnyLearner, Learners } from './ensembles/members/ensemble-member.ts'
export type { EnsembleProgress } from './ensembles/calls/ensemble-progress.ts'
export type { EnsembleScoreOptions } from './ensembles/super-learner/score-ensemble.ts'
export type { LearnerWeight } from './ensembles/super-learner/learner-weights.ts'
export type {
  EnsembleFitOptions,
  SuperLearnerOptions,
} from './ensembles/super-learner/super-learner-options.ts'
export type { EnsembleLayer } from './ensembles/plan/fitted-layer.ts'
export type {
  EnsemblePlan,
  LayerOptions,
  LayerSpec,
  LearnerGroup,
} from './ensembles/plan/layer-spec.ts'
export { BlendEnsemble, type BlendEnsembleOptions } from './ensembles/kinds/blend-ensemble.ts'
export {
  SequentialEnsemble,
  type SequentialEnsembleOptions,
  type SequentialLayerOptions,
} from './ensembles/kinds/sequential-ensemble.ts'
export { Subsemble, type SubsembleOptions } from './ensembles/kinds/subsemble.ts'
export {
  TemporalEnsemble,
  type TemporalEnsembleOptions,
} from './ensembles/kinds/temporal-ensemble.ts'
export type { ArraySource, FeatureSource, TargetSource } from './inputs/data-source.ts'
export { SuperLearner } from './ensembles/super-learner/super-learner.ts'
export { type ArrayInput, asArray } from './inputs/as-array.ts'
export type { FeatureInput, TargetInput, WeightInput } from './inputs/feature-input.ts'
export type { Label } from './inputs/labels.ts'
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
export { Pipeline, type PipelineOptions, type PipelineSteps } from './pipelines/pipeline.ts'
export {
  type LearnerRow,
  ScoreTable,
  type ScoreRow,
  type ScoreTableData,
  type SkippedRow,
} from './selection/score-table.ts'
export { plotTree, type PlotTreeOptions, type PlottedTrees } from './trees/plot-tree.ts'
export type { ShapOptions, ShapValues } from './trees/shap-values.ts'
