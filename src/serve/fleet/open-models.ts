/** Opens the models of files. */

import { basename } from 'node:path'
import { OneCopyError, show } from '../../errors.ts'
import { isEstimator } from '../../learn/index.ts'
import { openModel } from '../../models/index.ts'
import type { AnyModel } from '../model/served-model.ts'
import type { ModelFile } from './model-files.ts'

/**
 * Opens the models of files: mapped, so that processes share their memory.
 *
 * @throws what `openModel` throws; OneCopyError `ERR_FORMAT` for a file without a model that predicts
 */
export async function openModels(files: readonly ModelFile[]): Promise<Record<string, AnyModel>> {
  const models = await Promise.all(files.map(({ path }) => openPredicting(path)))
  return Object.fromEntries(files.map(({ name }, i) => [name, models[i]!]))
}

async function openPredicting(path: string): Promise<AnyModel> {
  const model = await openModel(path)
  if (isEstimator(model)) return model
  throw new OneCopyError(
    'ERR_FORMAT',
    `Expected ${path} to hold a model that predicts, got ${show(model)}. See what it holds by: onecopy describe ${basename(path)}`,
    { details: { path } },
  )
}
