/** What turns objects of scikit-learn into models of ours. */

import type { Estimator, Transformer } from '../../learn/index.ts'
import type { ObjectFields } from './object-fields.ts'
import type { SkopsValue } from './skops-values.ts'

/** A fitted object. */
export interface FittedObject {
  readonly model: Estimator | Transformer
  /** Columns of `X` that it was fitted on. */
  readonly columns: number
  readonly fields: ObjectFields
}

/** Turns an object that stands within another one into a model of ours. */
export type ConvertInner = (value: SkopsValue, place: string) => Promise<FittedObject>

/**
 * Makes a fitted model of the attributes of an object.
 *
 * @throws OneCopyError `ERR_FORMAT` for attributes that no fit can have given, and options without a counterpart
 */
export type Converter = (
  fields: ObjectFields,
  inner: ConvertInner,
) => FittedObject | Promise<FittedObject>
