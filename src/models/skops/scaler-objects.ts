/** Transformers of scikit-learn as ours. */

import {
  MinMaxScaler,
  OneHotEncoder,
  restore,
  RobustScaler,
  SimpleImputer,
  StandardScaler,
  type LearnedState,
  type Transformer,
} from '../../learn/index.ts'
import type { Converter, FittedObject } from './converter.ts'
import type { ObjectFields } from './object-fields.ts'

/** What makes our transformers of objects of these classes. */
export const scalerConverters: Readonly<Record<string, Converter>> = {
  'preprocessing.StandardScaler': standardScaler,
  'preprocessing.MinMaxScaler': minMaxScaler,
  'preprocessing.RobustScaler': robustScaler,
  'preprocessing.OneHotEncoder': oneHotEncoder,
  'impute.SimpleImputer': simpleImputer,
}

function standardScaler(fields: ObjectFields): FittedObject {
  const withMean = fields.booleanOr('with_mean', true)
  const withStd = fields.booleanOr('with_std', true)
  const columns = fields.count('n_features_in_', 1)
  const mean_ = fields.has('mean_') ? fields.vector('mean_', columns) : new Float64Array(columns)
  const scale_ = withStd ? divisors(fields, columns) : new Float64Array(columns).fill(1)
  return fitted(fields, new StandardScaler({ withMean, withStd }), columns, {
    mean_,
    // Not kept by scikit-learn without `with_std`; nothing is computed from it then.
    variance_: fields.has('var_')
      ? fields.vector('var_', columns)
      : new Float64Array(columns).fill(1),
    shift_: withMean ? fields.vector('mean_', columns) : new Float64Array(columns),
    scale_,
  })
}

function minMaxScaler(fields: ObjectFields): FittedObject {
  fields.require('clip', (value) => value !== true, 'False')
  const factors = fields.vector('scale_')
  const columns = factors.length
  const offsets = fields.vector('min_', columns)
  const [low = 0, high = 1] = numbersOf(fields, 'feature_range')
  return fitted(fields, new MinMaxScaler({ featureRange: [low, high] }), columns, {
    minimum_: fields.vector('data_min_', columns),
    maximum_: fields.vector('data_max_', columns),
    // x * factor + offset is (x - shift) / scale.
    shift_: offsets.map((offset, j) => -offset / factors[j]!),
    scale_: factors.map((factor) => 1 / factor),
  })
}

function robustScaler(fields: ObjectFields): FittedObject {
  const withCentering = fields.booleanOr('with_centering', true)
  const withScaling = fields.booleanOr('with_scaling', true)
  const columns = fields.count('n_features_in_', 1)
  const median_ = withCentering ? fields.vector('center_', columns) : new Float64Array(columns)
  const scale_ = withScaling ? divisors(fields, columns) : new Float64Array(columns).fill(1)
  const [low = 25, high = 75] = numbersOf(fields, 'quantile_range')
  const options = {
    withCentering,
    withScaling,
    unitVariance: fields.booleanOr('unit_variance', false),
  }
  return fitted(fields, new RobustScaler({ ...options, quantileRange: [low, high] }), columns, {
    median_,
    range_: scale_,
    shift_: median_,
    scale_,
  })
}

function simpleImputer(fields: ObjectFields): FittedObject {
  const statistics_ = fields.vector('statistics_', undefined, true)
  const columns = statistics_.length
  fields.require('missing_values', (value) => typeof value === 'number', 'a number or NaN')
  const strategy = fields.oneOf('strategy', ['mean', 'median', 'most_frequent', 'constant'])
  const addIndicator = fields.booleanOr('add_indicator', false)
  const model = new SimpleImputer({
    strategy: strategy === 'most_frequent' ? 'mostFrequent' : strategy,
    missing: fields.number('missing_values'),
    fillValue: fields.numberOr('fill_value', 0),
    addIndicator,
    keepEmptyFeatures: fields.booleanOr('keep_empty_features', false),
  })
  const indicators = addIndicator
    ? fields.object('indicator_').vector('features_')
    : new Float64Array()
  return fitted(fields, model, columns, {
    statistics_,
    indicatorColumns_: Int32Array.from(indicators),
  })
}

function oneHotEncoder(fields: ObjectFields): FittedObject {
  for (const name of ['min_frequency', 'max_categories'])
    fields.require(name, (value) => value === null, 'None')
  const lists = fields.list('categories_')
  const categories_ = lists.map((one, j) => fields.floatsOf(one, `categories_[${j}]`, true).values)
  const dropped = fields.has('drop_idx_') ? fields.list('drop_idx_') : lists.map(() => null)
  let width_ = 0
  const outputColumns_ = categories_.map(({ length }, j) => {
    const left = dropped[j] ?? null
    return Int32Array.from({ length }, (_, code) => (code === left ? -1 : width_++))
  })
  const drop = fields.value('drop')
  const unknown = fields.oneOf('handle_unknown', ['error', 'ignore', 'infrequent_if_exist'])
  const model = new OneHotEncoder({
    handleUnknown: unknown === 'error' ? 'error' : 'ignore',
    ...(drop === 'first' && { drop }),
    ...(drop === 'if_binary' && { drop: 'ifBinary' as const }),
  })
  return fitted(fields, model, lists.length, {
    categories_,
    outputColumns_,
    infrequentColumns_: new Int32Array(lists.length).fill(-1),
    width_,
  })
}

/** Divisors of columns. */
function divisors(fields: ObjectFields, columns: number): Float64Array {
  const scale = fields.vector('scale_', columns)
  if (!scale.includes(0)) return scale
  throw fields.refuse('scale_', 'numbers other than 0', '0')
}

/** Numbers of a tuple. */
function numbersOf(fields: ObjectFields, name: string): number[] {
  return fields.list(name).map((one) => {
    if (typeof one === 'number' && Number.isFinite(one)) return one
    throw fields.refuse(name, 'finite numbers', 'others')
  })
}

function fitted(
  fields: ObjectFields,
  model: Transformer,
  columns: number,
  state: LearnedState,
): FittedObject {
  return {
    model: restore(model, { className_: model.constructor.name, ...state }),
    columns,
    fields,
  }
}
