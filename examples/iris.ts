/** Fisher's irises, split into rows to learn from and rows to test. */

import { toRowNumbers } from 'onecopy/arrays'
import { trainTestSplit, type TrainTestSplitOptions } from 'onecopy/learn'
import { designMatrix, readCsv } from 'onecopy/tables'

/** Measurements in centimetres, and the species of each row. */
export interface Irises {
  readonly X: number[][]
  readonly species: string[]
}

/**
 * Reads the 150 rows of `iris.csv`, which are those of scikit-learn's `load_iris`.
 *
 * @see Fisher: The use of multiple measurements in taxonomic problems (1936), doi.org/10.1111/j.1469-1809.1936.tb02137.x
 */
export async function splitIrises(
  options: Pick<TrainTestSplitOptions, 'testSize' | 'seed'> & { readonly stratified?: boolean },
): Promise<{ train: Irises; test: Irises }> {
  const table = await readCsv(new URL('iris.csv', import.meta.url))
  const { X, y } = designMatrix(table, { labels: 'species' })
  const { stratified = false, ...others } = options
  const { train, test } = trainTestSplit(X, { ...others, ...(stratified && { stratify: y }) })
  const values = X.toArray() as number[][]
  const take = (rows: typeof train): Irises => {
    const numbers = [...toRowNumbers(rows)]
    return { X: numbers.map((row) => values[row]!), species: numbers.map((row) => y[row]!) }
  }
  return { train: take(train), test: take(test) }
}
