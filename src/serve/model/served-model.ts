/** A model that is served: its inputs, its outputs, predictions. */

import { zeros } from '../../arrays/index.ts'
import { isOneCopyError } from '../../errors.ts'
import type { Estimator, TableFeatures } from '../../learn/index.ts'
import { hasPrediction } from '../../learn/internal.ts'
import { type ColumnRows, type FeatureRows, toFeatures } from './feature-rows.ts'
import { type ModelOutput, type OutputName, type Predicted, valuesOf } from './model-outputs.ts'

/** Any fitted learner, also one of texts. */
export interface AnyModel {
  predict(X: never, options?: never): Promise<unknown>
  getParams(): object
}

/** One column of a table that a model was fitted on. */
export interface InputColumn {
  readonly name: string
  /** Texts of `fit`, ascending; null for a column of numbers. */
  readonly categories: readonly string[] | null
}

/** A fitted model with what its clients must know of it. */
export class ServedModel {
  readonly name: string
  readonly version: string
  /** Name of its class. */
  readonly kind: string
  /** Columns of the table that it was fitted on; undefined when that was an array. */
  readonly columns: readonly InputColumn[] | undefined
  /** How many numbers a row has; undefined when the model doesn't tell. */
  readonly width: number | undefined
  readonly outputs: readonly ModelOutput[]
  /** Labels of the classes; undefined for numbers. */
  readonly classes: readonly (string | number | boolean)[] | undefined
  readonly #estimator: Estimator
  readonly #names: readonly string[]

  private constructor(
    name: string,
    version: string,
    estimator: Estimator,
    known: Pick<ServedModel, 'columns' | 'width' | 'outputs' | 'classes'>,
  ) {
    this.name = name
    this.version = version
    this.kind = estimator.constructor.name
    this.columns = known.columns
    this.width = known.width
    this.outputs = known.outputs
    this.classes = known.classes
    this.#estimator = estimator
    this.#names = known.columns?.map((column) => column.name) ?? []
  }

  /**
   * Finds the inputs and outputs of a model, by predicting one row of it.
   *
   * @param model - fitted; kept, and not changed
   * @throws OneCopyError `ERR_NOT_FITTED`, and what `predict` throws for a model that can't predict
   */
  static async of(name: string, model: AnyModel, version = '1'): Promise<ServedModel> {
    // SAFETY: callers check that it has the methods of an estimator.
    const estimator = model as unknown as Estimator
    const columns = columnsOf(estimator)
    const width = columns?.length ?? (await widthOf(estimator))
    const classes = classesOf(estimator)
    const outputs: ModelOutput[] = [{ name: 'predict', datatype: 'FP64', rowShape: undefined }]
    if (hasPrediction(estimator, 'predictProba'))
      outputs.push({ name: 'predict_proba', datatype: 'FP64', rowShape: undefined })
    const plain = new ServedModel(name, version, estimator, { columns, width, outputs, classes })
    const first = await plain.#predictOne()
    const known = outputs.map((output): ModelOutput => {
      const rowShape = first?.[output.name]?.rowShape
      if (output.name === 'predict_proba') return { ...output, rowShape }
      return { ...output, datatype: typeOf(classes), rowShape }
    })
    return new ServedModel(name, version, estimator, { columns, width, outputs: known, classes })
  }

  /**
   * Predicts rows.
   *
   * @param wanted - outputs to compute
   * @throws what the model throws for rows that it refuses
   */
  async predict(rows: FeatureRows, wanted: Iterable<OutputName>): Promise<Predicted> {
    const X = toFeatures(rows, this.#names) as never
    const predicted: Predicted = {}
    const estimator = this.#estimator
    for (const name of wanted) {
      const found =
        name === 'predict' ? await estimator.predict(X) : await estimator.predictProba!(X)
      predicted[name] = valuesOf(found, rows.count)
    }
    return predicted
  }

  /** Predicts one made-up row; undefined when the model refuses just these values. */
  async #predictOne(): Promise<Predicted | undefined> {
    const row = this.#madeUpRow()
    if (row === undefined) return undefined
    try {
      return await this.predict(
        row,
        this.outputs.map(({ name }) => name),
      )
    } catch (error) {
      if (isOneCopyError(error) && error.code === 'ERR_VALUE') return undefined
      throw error
    }
  }

  #madeUpRow(): FeatureRows | undefined {
    const { columns, width } = this
    if (columns === undefined)
      return width === undefined
        ? undefined
        : { kind: 'matrix', count: 1, width, values: new Float64Array(width) }
    const values: ColumnRows['columns'] = columns.map(({ categories }) =>
      categories === null ? new Float64Array(1) : [categories[0] ?? null],
    )
    return { kind: 'columns', count: 1, columns: values }
  }
}

function columnsOf(estimator: object): InputColumn[] | undefined {
  const { featureNamesIn_: names, featureCategoriesIn_: categories } = estimator as TableFeatures
  return names?.map((name, j) => ({ name, categories: categories?.[j] ?? null }))
}

/** Estimators refuse a wrong number of columns by an error that tells the right one. */
async function widthOf(estimator: Estimator): Promise<number | undefined> {
  for (const width of [1, 2]) {
    try {
      await estimator.predict(zeros([1, width], 'float64'))
    } catch (error) {
      if (!isOneCopyError(error) || error.code !== 'ERR_SHAPE') throw error
      const { expected } = error.details
      return typeof expected === 'number' && Number.isInteger(expected) ? expected : undefined
    }
  }
  // It takes any.
  return undefined
}

function classesOf(estimator: object): (string | number | boolean)[] | undefined {
  const { classes_: classes } = estimator as { readonly classes_?: Iterable<string> }
  return classes === undefined ? undefined : [...classes]
}

function typeOf(classes: readonly unknown[] | undefined): ModelOutput['datatype'] {
  const first = classes?.[0]
  if (typeof first === 'string') return 'BYTES'
  if (typeof first === 'boolean') return 'BOOL'
  return first !== undefined && classes!.every(Number.isSafeInteger) ? 'INT64' : 'FP64'
}
