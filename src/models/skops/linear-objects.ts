/** Linear models of scikit-learn as ours. */

import { array } from '../../arrays/index.ts'
import {
  ElasticNet,
  Lasso,
  LinearRegression,
  LinearSVC,
  LinearSVR,
  LogisticRegression,
  restore,
  Ridge,
  RidgeClassifier,
  type Estimator,
  type LearnedState,
} from '../../learn/index.ts'
import type { Converter, FittedObject } from './converter.ts'
import { type ObjectFields, toArray } from './object-fields.ts'

/** What makes our models of objects of these classes. */
export const linearConverters: Readonly<Record<string, Converter>> = {
  'linear_model.LinearRegression': (fields) => {
    const model = new LinearRegression({ ...intercept(fields), positive: positiveOf(fields) })
    return leastSquares(fields, model)
  },
  'linear_model.Ridge': (fields) => ridge(fields, 'alpha'),
  'linear_model.RidgeCV': (fields) => ridge(fields, 'alpha_'),
  'linear_model.Lasso': (fields) => lasso(fields, 'alpha'),
  'linear_model.LassoCV': (fields) => lasso(fields, 'alpha_'),
  'linear_model.ElasticNet': (fields) => elasticNet(fields, 'alpha', 'l1_ratio'),
  'linear_model.ElasticNetCV': (fields) => elasticNet(fields, 'alpha_', 'l1_ratio_'),
  'linear_model.LogisticRegression': logistic,
  'linear_model.RidgeClassifier': (fields) =>
    classifier(
      fields,
      new RidgeClassifier({ alpha: fields.numberOr('alpha', 1), ...intercept(fields) }),
      fields.object('_label_binarizer'),
    ),
  'svm.LinearSVC': (fields) =>
    classifier(
      fields,
      new LinearSVC({ C: fields.numberOr('C', 1), ...intercept(fields) }),
      fields,
      machine(fields),
    ),
  'svm.LinearSVR': (fields) =>
    fitted(fields, new LinearSVR({ C: fields.numberOr('C', 1), ...intercept(fields) }), {
      ...coefficients(fields, true),
      ...machine(fields),
    }),
}

function ridge(fields: ObjectFields, alpha: string): FittedObject {
  const options = { alpha: fields.numberOr(alpha, 1), positive: positiveOf(fields) }
  return leastSquares(fields, new Ridge({ ...options, ...intercept(fields) }))
}

function lasso(fields: ObjectFields, alpha: string): FittedObject {
  const options = { alpha: fields.numberOr(alpha, 1), positive: positiveOf(fields) }
  const model = new Lasso({ ...options, ...intercept(fields) })
  return fitted(fields, model, { ...coefficients(fields), ...descent(fields) })
}

function elasticNet(fields: ObjectFields, alpha: string, ratio: string): FittedObject {
  const options = { alpha: fields.numberOr(alpha, 1), l1Ratio: fields.numberOr(ratio, 0.5) }
  const positive = positiveOf(fields)
  const model = new ElasticNet({ ...options, positive, ...intercept(fields) })
  return fitted(fields, model, { ...coefficients(fields), ...descent(fields) })
}

function leastSquares(fields: ObjectFields, model: LinearRegression | Ridge): FittedObject {
  const state = coefficients(fields)
  const columns = state.coef_.shape.at(-1)!
  const rank = fields.numberOr('rank_', columns)
  const solver_ = rank < columns ? 'svd' : 'cholesky'
  return fitted(fields, model, { ...state, solver_, rank_: rank })
}

function logistic(fields: ObjectFields): FittedObject {
  const classes = fields.labels('classes_').length
  const kind = fields.value('multi_class')
  const isOneAgainstRest =
    kind === 'ovr' || (kind !== 'multinomial' && fields.value('solver') === 'liblinear')
  if (classes > 2)
    fields.require(
      'multi_class',
      () => !isOneAgainstRest,
      "one softmax over all classes, 'multinomial'",
    )
  else
    fields.require(
      'multi_class',
      (one) => one !== 'multinomial',
      "one function for two classes, 'ovr'",
    )
  const model = new LogisticRegression({ C: fields.numberOr('C', 1), ...intercept(fields) })
  return classifier(fields, model, fields, {
    iterations_: iterationsOf(fields),
    converged_: true,
    solver_: 'lbfgs',
  })
}

/** A classifier by one linear function for each class. @param owner - of the labels */
function classifier(
  fields: ObjectFields,
  model: Estimator,
  owner: ObjectFields,
  more: LearnedState = {},
): FittedObject {
  const classes = owner.labels('classes_')
  const { shape, values } = fields.floats('coef_')
  const scores = classes.length === 2 ? 1 : classes.length
  const columns = values.length / scores
  const isMatrix = shape.length === 2 && shape[0] === scores && columns >= 1
  if (!isMatrix && !(shape.length === 1 && scores === 1)) {
    const expected = `one row for each of ${scores} functions`
    throw fields.refuse('coef_', expected, `the shape [${shape.join(', ')}]`)
  }
  return fitted(fields, model, {
    classes_: classes,
    coef_: array(values, { shape: [scores, columns] }),
    intercept_: intercepts(fields, scores),
    targetShape_: [],
    ...more,
  })
}

/** @param isVector - whether a matrix of one row is one function of a vector */
function coefficients(
  fields: ObjectFields,
  isVector = false,
): { coef_: ReturnType<typeof toArray>; intercept_: Float64Array } {
  const found = fields.floats('coef_')
  const isFlat = isVector && found.shape.length === 2 && found.shape[0] === 1
  const coefficient = isFlat ? { ...found, shape: [found.values.length] } : found
  const { shape, values } = coefficient
  if (shape.length === 0 || shape.length > 2 || values.length === 0)
    throw fields.refuse('coef_', 'one or two axes of numbers', `the shape [${shape.join(', ')}]`)
  const targets = shape.length === 1 ? 1 : shape[0]!
  return { coef_: toArray(coefficient), intercept_: intercepts(fields, targets) }
}

/** Intercepts; scikit-learn has a single 0 for a model without. */
function intercepts(fields: ObjectFields, count: number): Float64Array {
  const { values } = fields.floats('intercept_')
  if (values.length === count) return values
  if (values.length === 1 && values[0] === 0) return new Float64Array(count)
  throw fields.refuse('intercept_', `${count} numbers`, `${values.length}`)
}

function intercept(fields: ObjectFields): { readonly fitIntercept: boolean } {
  return { fitIntercept: fields.booleanOr('fit_intercept', true) }
}

function positiveOf(fields: ObjectFields): boolean {
  return fields.booleanOr('positive', false)
}

function descent(fields: ObjectFields): LearnedState {
  const gaps = fields.has('dual_gap_') ? fields.floats('dual_gap_').values : [0]
  const most = Array.from(gaps).reduce((all, gap) => Math.max(all, gap), 0)
  return { dualGap_: most, iterations_: iterationsOf(fields), converged_: true }
}

function machine(fields: ObjectFields): LearnedState {
  return { iterations_: iterationsOf(fields), converged_: true, solver_: 'descent' }
}

/** Iterations, of several targets or classes the most. */
function iterationsOf(fields: ObjectFields): number {
  const value = fields.value('n_iter_')
  const counts = Array.isArray(value)
    ? value.map(Number)
    : value === null
      ? []
      : Array.from(fields.floats('n_iter_').values)
  return counts.reduce((most, count) => (Number.isInteger(count) ? Math.max(most, count) : most), 0)
}

function fitted(fields: ObjectFields, model: Estimator, state: LearnedState): FittedObject {
  const columns = (state['coef_'] as { shape: readonly number[] }).shape.at(-1)!
  return {
    model: restore(model, { className_: model.constructor.name, ...state }),
    columns,
    fields,
  }
}
