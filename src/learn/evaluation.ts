/** Cross-validation and search: scores and predictions on held-out rows. */

export { benchmark, type BenchmarkOptions } from './search/benchmark.ts'
export type { PreprocessingCases } from './search/candidates.ts'
export {
  Evaluator,
  type EvaluatorAddOptions,
  type EvaluatorFitOptions,
  type EvaluatorOptions,
} from './search/evaluator.ts'
export {
  type Distribution,
  integers,
  logUniform,
  type ParameterSpace,
  uniform,
} from './search/parameter-space.ts'
export { type SearchResult, SearchResults } from './search/search-results.ts'
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
