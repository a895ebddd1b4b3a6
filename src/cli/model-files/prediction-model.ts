/** Opens the model of a command and says what it predicts from. */

import { basename } from 'node:path'
import { isOneCopyError, show } from '../../errors.ts'
import { type Configurable, learnedState } from '../../learn/index.ts'
import { hasPrediction } from '../../learn/internal.ts'
import { openModel } from '../../models/index.ts'
import { asUsage, UsageError } from '../output/failure.ts'
import { requireModelFile } from './file-kind.ts'

/** A fitted model of any class. */
export interface PredictionModel {
  readonly file: string
  /** Columns of the table that it was fitted on; undefined for a matrix. */
  readonly columns: readonly PredictionColumn[] | undefined
  /** Labels of a classifier; undefined for numbers. */
  readonly classes: readonly (string | number | boolean)[] | undefined
  readonly hasProbabilities: boolean
  /** Predicts the rows of a table or matrix. */
  readonly predict: (X: unknown, method: 'predict' | 'predictProba') => Promise<unknown>
}

/** A column of a table. */
export interface PredictionColumn {
  readonly name: string
  readonly kind: 'number' | 'category'
}

/**
 * Opens a model file.
 *
 * @param trusted - names of classes that are not of onecopy
 * @throws UsageError, or OneCopyError that names the file
 */
export async function openPredictionModel(
  file: string,
  trusted: readonly string[],
): Promise<PredictionModel> {
  requireModelFile(file)
  const model = await asUsage(() => openModel(file, { trusted })).catch((error: unknown) => {
    if (!isOneCopyError(error) || error.code !== 'ERR_UNTRUSTED') throw error
    const names = (error.details['types'] ?? []) as readonly string[]
    const flags = names.map((name) => `--trust ${name}`).join(' ')
    throw new UsageError(
      `${error.message}${flags === '' ? '' : ` The command can make classes of onecopy only; ${flags} is for programs that register them.`}`,
      { cause: error },
    )
  })
  if (typeof model !== 'object' || model === null || !hasPrediction(model, 'predict'))
    throw new UsageError(
      `Expected ${file} to hold a model that predicts, got ${show(model)}. See what it holds by: onecopy describe ${basename(file)}`,
    )
  requireFitted(model, file)
  const methods = model as unknown as Record<string, (X: unknown) => Promise<unknown>>
  return {
    file,
    columns: columnsOf(model),
    classes: classesOf(model),
    hasProbabilities: hasPrediction(model, 'predictProba'),
    predict: (X, method) => methods[method]!.call(model, X),
  }
}

function requireFitted(model: object, file: string): void {
  try {
    learnedState(model as Configurable)
  } catch (cause) {
    // Classes of others need not be estimators.
    if (!isOneCopyError(cause) || cause.code !== 'ERR_NOT_FITTED') return
    throw new UsageError(
      `Expected ${file} to hold a fitted model, got a ${model.constructor.name} that has not learned anything. Save it again after fit().`,
      { cause },
    )
  }
}

function columnsOf(model: object): PredictionColumn[] | undefined {
  const { featureNamesIn_: names, featureCategoriesIn_: categories } = model as {
    featureNamesIn_?: readonly string[]
    featureCategoriesIn_?: readonly (readonly string[] | null)[]
  }
  return names?.map((name, i) => ({
    name,
    kind: Array.isArray(categories?.[i]) ? 'category' : 'number',
  }))
}

function classesOf(model: object): PredictionModel['classes'] {
  const classes = (model as { classes_?: ArrayLike<string | number | boolean> }).classes_
  return classes === undefined ? undefined : Array.from(classes)
}
