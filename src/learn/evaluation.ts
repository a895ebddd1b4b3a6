/** Cross-validation: scores and predictions on held-out rows. */

export type { ScoreSummary } from './selection/score-summary.ts'
export { crossValidate, type CrossValidateOptions } from './validation/cross-validate.ts'
export { CrossValidation, type CrossValidationData } from './validation/cross-validation.ts'
export { crossValPredict, type CrossValPredictOptions } from './validation/cross-val-predict.ts'
export {
  learningCurve,
  LearningCurve,
  type LearningCurveOptions,
  type LearningCurvePoint,
} from './validation/learning-curve.ts'
export type {
  ScoredOptions,
  ScorerChoice,
  ValidationOptions,
} from './validation/validation-options.ts'
