/** Nearest neighbours of scikit-learn as ours. */

import { type NDArray } from '../../arrays/index.ts'
import {
  KNeighborsClassifier,
  type KNeighborsClassifierOptions,
  KNeighborsRegressor,
} from '../../learn/index.ts'
import type { Converter, FittedObject } from './converter.ts'
import { type ObjectFields, toArray } from './object-fields.ts'

/** What makes our learners by neighbours of objects of these classes. */
export const neighborConverters: Readonly<Record<string, Converter>> = {
  'neighbors.KNeighborsRegressor': regressor,
  'neighbors.KNeighborsClassifier': classifier,
}

async function regressor(fields: ObjectFields): Promise<FittedObject> {
  const X = trainingRows(fields)
  const y = toArray(fields.floats('_y'))
  if (y.ndim === 0 || y.ndim > 2 || y.shape[0] !== X.shape[0])
    throw fields.refuse('_y', `targets of ${X.shape[0]} rows`, `the shape [${y.shape.join(', ')}]`)
  const model = await new KNeighborsRegressor(optionsOf(fields, X)).fit(X, y)
  return { model, columns: X.shape[1]!, fields }
}

async function classifier(fields: ObjectFields): Promise<FittedObject> {
  const X = trainingRows(fields)
  fields.require('outputs_2d_', (value) => value !== true, 'False')
  const classes = fields.labels('classes_')
  const codes = fields.vector('_y', X.shape[0])
  const wrong = codes.findIndex(
    (code) => !(Number.isInteger(code) && code >= 0 && code < classes.length),
  )
  if (wrong !== -1)
    throw fields.refuse(
      '_y',
      `numbers of ${classes.length} classes`,
      `${codes[wrong]} at row ${wrong}`,
    )
  const model = new KNeighborsClassifier(optionsOf(fields, X))
  const labels =
    classes instanceof Float64Array
      ? codes.map((code) => classes[code]!)
      : Array.from(codes, (code) => classes[code]!)
  const fitted = await model.fit(X, labels as Float64Array)
  return { model: fitted, columns: X.shape[1]!, fields }
}

/** The rows that the model keeps; they stay where they are. */
function trainingRows(fields: ObjectFields): NDArray {
  const X = fields.array('_fit_X')
  if (X.ndim === 2 && X.shape[0]! > 0 && X.shape[1]! > 0) return X
  throw fields.refuse('_fit_X', 'a matrix of rows', `the shape [${X.shape.join(', ')}]`)
}

function optionsOf(fields: ObjectFields, X: NDArray): KNeighborsClassifierOptions {
  const neighbors = fields.count('n_neighbors', 1)
  if (neighbors > X.shape[0]!)
    throw fields.refuse('n_neighbors', `at most the ${X.shape[0]} rows`, `${neighbors}`)
  const weights = fields.oneOf('weights', ['uniform', 'distance'])
  return { neighbors, weights, p: orderOf(fields) }
}

/** Order of the Minkowski metric. */
function orderOf(fields: ObjectFields): number {
  const metric = fields.value(fields.has('effective_metric_') ? 'effective_metric_' : 'metric')
  if (metric === 'euclidean' || metric === 'l2') return 2
  if (metric === 'manhattan' || metric === 'l1' || metric === 'cityblock') return 1
  if (metric === 'chebyshev') return Infinity
  if (metric === 'minkowski') {
    fields.require('metric_params', (value) => value === null, 'None')
    const p = fields.numberOr('p', 2)
    if (p >= 1) return p
  }
  const known = 'minkowski with p >= 1, euclidean, manhattan or chebyshev'
  throw fields.refuse('metric', known, typeof metric === 'string' ? `'${metric}'` : 'another')
}
