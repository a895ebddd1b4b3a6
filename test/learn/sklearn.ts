/** Answers of scikit-learn and the data that they are about, kept as fixtures. */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type NDArray, openArray } from '../../src/arrays/index.ts'

const folder = new URL('../fixtures/sklearn/', import.meta.url)

/** Reads a file of answers, such as `'bayes'`. */
export function readAnswers(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'))
}

/** Maps the values of a data set, such as `'diabetes-X'`. */
export function openData(name: string): NDArray {
  return openArray(fileURLToPath(new URL(`data/${name}.npy`, folder)))
}
