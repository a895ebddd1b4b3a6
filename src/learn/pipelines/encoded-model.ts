/** A fitted model behind the encoder of a table. */

import { Table, TableEncoder } from '../../tables/index.ts'
import { show } from '../../errors.ts'
import { registerOwnClass } from '../../objects/internal.ts'
import { hasPrediction } from '../contract/classifier.ts'
import type { Classes } from '../inputs/labels.ts'

/** A fitted learner or ensemble. */
interface NumbersModel {
  predict(X: unknown): Promise<unknown>
  predictProba?(X: unknown): Promise<unknown>
  readonly classes_?: Classes | undefined
}

/**
 * A fitted model that takes tables, because a `TableEncoder` makes its matrix of them. `onecopy fit --save` writes one for
 * learners that take numbers only.
 *
 * @example
 * ```ts
 * const encoder = new TableEncoder({ target: 'price', unknown: 'ignore' })
 * const { X, y } = designMatrix(table, { target: 'price', encoder: encoder.fit(table) })
 * const model = new EncodedModel(encoder, await new Ridge().fit(X, y))
 * await model.predict(await readCsv('offers.csv'))
 * ```
 */
export class EncodedModel {
  /** Fitted; kept, not copied. */
  readonly encoder: TableEncoder
  /** Fitted on the matrix of the encoder; kept, not copied. */
  readonly model: NumbersModel
  readonly #complete: TableEncoder

  /**
   * @param encoder - fitted
   * @param model - fitted on what `encoder` makes of a table
   * @throws OneCopyError `ERR_NOT_FITTED` for an encoder that is not; TypeError
   */
  constructor(encoder: TableEncoder, model: NumbersModel) {
    if (!(encoder instanceof TableEncoder))
      throw new TypeError(`Expected a TableEncoder for an EncodedModel, got ${show(encoder)}.`)
    if (typeof (model as Partial<NumbersModel> | null)?.predict !== 'function')
      throw new TypeError(`Expected a fitted model for an EncodedModel, got ${show(model)}.`)
    void encoder.features // refuses one that is not fitted
    this.encoder = encoder
    this.model = model
    // Rows that were left out of a fit can't be left out of predictions.
    this.#complete = encoder.missing === 'drop' ? withMissing(encoder, 'error') : encoder
  }

  /** The encoder and the model, by name. */
  getParams(): { readonly encoder: TableEncoder; readonly model: NumbersModel } {
    const { encoder, model } = this
    return { encoder, model }
  }

  /** Names of the columns of tables, in the order of the encoder. */
  get featureNamesIn_(): readonly string[] {
    return this.encoder.features.map(({ name }) => name)
  }

  /** For each column its texts, ascending; null for numbers. */
  get featureCategoriesIn_(): readonly (readonly string[] | null)[] {
    return this.encoder.features.map(({ kind, categories }) =>
      kind === 'number' ? null : categories,
    )
  }

  /** Labels of a classifier. */
  get classes_(): Classes | undefined {
    return this.model.classes_
  }

  /** Names of the methods that predict: with `predictProba` of a classifier. */
  get predicts(): readonly string[] {
    const { model } = this
    return hasPrediction(model, 'predictProba') && model.classes_ !== undefined
      ? ['predict', 'predictProba']
      : ['predict']
  }

  /**
   * Predicts all rows of a table.
   *
   * @param table - has the columns of the encoder, in any order, and may have others
   * @returns what the model returns: an array of shape (n), or a list of labels
   * @throws OneCopyError `ERR_INDEX` for a column that is missing or of another kind, and for an unknown text where the encoder refuses it;
   *   `ERR_VALUE` for a row without a value; TypeError for no table
   */
  predict(table: Table): Promise<unknown> {
    return this.#predict(table, 'predict')
  }

  /**
   * Predicts the probability of each class, shape (n, classes); classifiers only.
   *
   * @param table - as for {@link predict}
   */
  predictProba(table: Table): Promise<unknown> {
    return this.#predict(table, 'predictProba')
  }

  async #predict(table: Table, method: 'predict' | 'predictProba'): Promise<unknown> {
    const { X } = this.#complete.transform(table)
    try {
      return await this.model[method]!(X)
    } finally {
      X[Symbol.dispose]()
    }
  }
}

registerOwnClass<EncodedModel, Pick<EncodedModel, 'encoder' | 'model'>>(EncodedModel, {
  name: 'onecopy.EncodedModel',
  version: 1,
  module: import.meta.url,
  save: ({ encoder, model }) => ({ encoder, model }),
  load: ({ encoder, model }) => new EncodedModel(encoder, model),
})

/** The same encoder with another rule for rows without a value. */
function withMissing(encoder: TableEncoder, missing: 'error'): TableEncoder {
  const { target, columns, categories, unknown, maxCategories } = encoder
  const other = new TableEncoder({ target, columns, categories, unknown, maxCategories, missing })
  return Object.assign(other, { features_: encoder.features, names_: encoder.names_ })
}
