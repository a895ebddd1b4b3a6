/** Opens data that is given as paths. */

import { statSync } from 'node:fs'
import { openArray } from '../../arrays/index.ts'
import { isOneCopyError, OneCopyError } from '../../errors.ts'
import { openTable, readCsv, Table } from '../../tables/index.ts'
import type { TargetSource } from './data-source.ts'
import type { FeatureInput, TargetInput } from './feature-input.ts'

/**
 * Opens the features that a path stands for: a `.npy` file is mapped, and so are the columns of a table's folder; a `.csv` or `.tsv` file is read
 * into shared memory.
 *
 * @throws what `openArray`, `openTable` and `readCsv` throw
 */
export async function openFeatures(path: string): Promise<FeatureInput> {
  if (path === '')
    throw new OneCopyError('ERR_FILE', `Expected the path of ${kinds}, got an empty text.`)
  if (/\.[ct]sv$/i.test(path)) return readCsv(path)
  try {
    return isFolder(path) ? openTable(path) : openArray(path)
  } catch (cause) {
    if (!isOneCopyError(cause) || cause.code !== 'ERR_FORMAT' || isArrayPath(path)) throw cause
    const text = `Expected ${kinds}, got '${path}'. ${cause.message}`
    throw new OneCopyError('ERR_FORMAT', text, { cause, details: { path } })
  }
}

/** What paths of features stand for. */
const kinds = 'a .npy, .csv or .tsv file, or the folder of a table'

/**
 * A target that is no path: with a table its column, unless the text ends in `.npy` and is no column; otherwise the text is the path of a `.npy`.
 *
 * @throws what `openArray` throws
 */
export function openTarget(X: FeatureInput, y: TargetSource): TargetInput {
  if (typeof y !== 'string') return y
  const isColumn = X instanceof Table && (X.has(y) || !isArrayPath(y))
  return isColumn ? y : openArray(y)
}

function isArrayPath(path: string): boolean {
  return /\.npy$/i.test(path)
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
