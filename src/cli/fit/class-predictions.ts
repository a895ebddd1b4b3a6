/** Writes the classes that an ensemble predicts, as a CSV file. */

import { closeSync, openSync, writeSync } from 'node:fs'
import type { NDArray } from '../../arrays/index.ts'
import { csvField } from '../output/csv-field.ts'

/** What is predicted of rows that the ensemble has not learned from. */
export interface ClassPredictions {
  readonly target: string
  /** Labels of the classes, ascending. */
  readonly classes: readonly (string | number)[]
  /** Label of each row. */
  readonly labels: readonly (string | number)[]
  /** Probability of each class, shape (n, classes). */
  readonly probabilities: NDArray<'float64'>
  /** Number of each row in the file, from 0; undefined: they are all rows. */
  readonly rows: Int32Array | undefined
}

/** Rows that are written at once. */
const rowsPerWrite = 4096

/**
 * Writes a row for each row of the table: its number, the true label, the likeliest one, and the probability of each class.
 *
 * @param path - is replaced
 */
export function writeClassPredictions(
  path: string,
  { target, classes, labels, probabilities, rows }: ClassPredictions,
): void {
  const names = classes.map((label) => csvField(String(label)))
  const heading = [
    'row',
    csvField(target),
    'predicted',
    ...classes.map((one) => csvField(`P(${one})`)),
  ]
  const file = openSync(path, 'w')
  try {
    writeSync(file, `${heading.join()}\n`)
    for (let start = 0; start < labels.length; start += rowsPerWrite) {
      const stop = Math.min(start + rowsPerWrite, labels.length)
      let text = ''
      for (let row = start; row < stop; row++) {
        const shares = Array.from(classes, (_, k) => probabilities.get(row, k))
        const likeliest = shares.indexOf(Math.max(...shares))
        text += `${rows?.[row] ?? row},${csvField(String(labels[row]))},${names[likeliest]},${shares.join()}\n`
      }
      writeSync(file, text)
    }
  } finally {
    closeSync(file)
  }
}
