/** Saves models as files that are mapped when they are opened. */

import { saveContainer } from '../../container/index.ts'
import { requirePath } from '../../arrays/internal.ts'
import { encode } from '../../objects/internal.ts'
import { type OptionTypes, requireOptions, signal } from '../../options.ts'
import { nameArrays } from './array-names.ts'
import { type ModelMetadata, modelSchema, requireMetadata } from './model-schema.ts'

/** Options of {@link saveModel}. */
export interface SaveModelOptions {
  /** What `describeModel` shows about the model: values of JSON by name; default: nothing. */
  readonly metadata?: ModelMetadata
  /** Stops the saving, and leaves nothing behind. */
  readonly signal?: AbortSignal
}

/**
 * Saves a model: an estimator, ensemble or table, fitted or not, or lists, maps and plain objects of them and of other data.
 * The file appears whole or not at all; an existing one is replaced, and processes that have it open keep the old one.
 * The same model gives the same bytes. It takes a few megabytes of memory beside the model.
 *
 * @param model - numbers of every kind, texts, typed arrays, NDArrays, dates, maps, sets, and instances of classes of onecopy
 * or of your own that are registered by `registerClass`; must not change before the file is written
 * @param path - where the file appears, such as `model.onecopy`
 * @throws OneCopyError `ERR_UNSAVABLE` naming the place of a value that is no data, `ERR_FILE` when the file can't be written,
 * `ERR_VALUE` when there is too much beside the arrays, `ERR_DETACHED` when the memory of an array goes away meanwhile
 *
 * @example
 * ```ts
 * await saveModel(model, 'price.onecopy', { metadata: { trainedOn: 'diamonds.csv' } })
 * ```
 */
export async function saveModel(
  model: unknown,
  path: string,
  options: SaveModelOptions = {},
): Promise<void> {
  requirePath(path)
  requireOptions('saveModel', options, saveTypes)
  const metadata = requireMetadata(options.metadata ?? {})
  const { tree, arrays, places } = encode(model, { called: 'model' })
  await saveContainer(
    path,
    { schema: modelSchema(tree, metadata), arrays: nameArrays(arrays, places) },
    { signal: options.signal },
  )
}

const saveTypes: OptionTypes<SaveModelOptions> = { metadata: true, signal }
