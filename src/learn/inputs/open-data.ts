/** Opens data that is given as paths. */

import { statSync } from 'node:fs'
import { openArray } from '../../arrays/index.ts'
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
  if (/\.[ct]sv$/i.test(path)) return readCsv(path)
  return isFolder(path) ? openTable(path) : openArray(path)
}

/**
 * A target that is no path: with a table its column, otherwise the text is the path of a `.npy`.
 *
 * @throws what `openArray` throws
 */
export function openTarget(X: FeatureInput, y: TargetSource): TargetInput {
  return typeof y === 'string' && !(X instanceof Table) ? openArray(y) : y
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
