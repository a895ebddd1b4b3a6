/** Measures of predictions, thresholds and calibration. */

export {
  calibrationCurve,
  type CalibrationCurve,
  type CalibrationCurveOptions,
} from './calibration/calibration-curve.ts'
export { IsotonicCalibration } from './calibration/isotonic-calibration.ts'
export type { CalibrationFitOptions } from './calibration/score-calibration.ts'
export { SigmoidCalibration } from './calibration/sigmoid-calibration.ts'
export {
  TemperatureScaling,
  type TemperatureScalingOptions,
} from './calibration/temperature-scaling.ts'
export {
  type ThresholdCounts,
  type ThresholdOptions,
  tuneThreshold,
  type TunedThreshold,
} from './calibration/tune-threshold.ts'
export { accuracy, balancedAccuracy } from './scores/labels/accuracy.ts'
export {
  classificationReport,
  ClassificationReport,
  type ReportOptions,
  type ReportRow,
} from './scores/labels/classification-report.ts'
export {
  confusionMatrix,
  ConfusionMatrix,
  type ConfusionOptions,
} from './scores/labels/confusion-matrix.ts'
export type { TrueLabels } from './scores/labels/label-codes.ts'
export {
  f1,
  fbeta,
  type FbetaOptions,
  type PerClass,
  precision,
  type PrecisionOptions,
  recall,
} from './scores/labels/precision-recall.ts'
export { mae, mape, wape } from './scores/numbers/absolute-errors.ts'
export {
  gammaDeviance,
  poissonDeviance,
  tweedieDeviance,
  type TweedieOptions,
} from './scores/numbers/deviances.ts'
export type { NumberMetricOptions, RawValues, Truth } from './scores/numbers/number-pairs.ts'
export {
  maxError,
  medianAbsoluteError,
  pinball,
  type PinballOptions,
} from './scores/numbers/quantile-errors.ts'
export { r2, type R2Options, rmse } from './scores/numbers/squared-errors.ts'
export { averagePrecision } from './scores/probabilities/average-precision.ts'
export type { ClassAverageOptions } from './scores/probabilities/class-averages.ts'
export { brier, logLoss } from './scores/probabilities/log-loss.ts'
export { rocAuc, type RocAucOptions } from './scores/probabilities/roc-auc.ts'
export type {
  ClassList,
  ClassScoreOptions,
  LabelMetricOptions,
  MetricOptions,
  ScoreOptions,
} from './scores/score-options.ts'
export type { ClassScorerName, NumberScorerName, ScorerName } from './scores/scorer-names.ts'
export {
  type AnyScorer,
  makeScorer,
  type MakeScorerOptions,
  type Scorer,
  type ScorerNeeds,
} from './scores/scorer.ts'
