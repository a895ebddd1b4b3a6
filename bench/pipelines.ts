/** Three linear regressions behind different scalers over K folds, 6M × 10. */

import { join } from 'node:path'
import { createArray } from '../src/arrays/index.ts'
import {
  KFold,
  LinearRegression,
  MinMaxScaler,
  StandardScaler,
  SuperLearner,
} from '../src/learn/index.ts'
import { measureLayer } from './fold-layer.ts'
import { makeRandom } from './random.ts'

const rows = 6_000_000
const columns = 10

await measureLayer(import.meta.filename, {
  name: 'pipelines',
  title: '3 pipelines, 6M × 10',
  resultBytes: rows * 3 * 8,
  folds: [2, 10],
  makeData,
  makeEnsemble: (folds) =>
    new SuperLearner({ folds: new KFold({ folds }) })
      .add(new LinearRegression(), { preprocess: new MinMaxScaler() })
      .add(new LinearRegression(), { preprocess: new StandardScaler() })
      .add(new LinearRegression()),
  recorded: {
    'ML-Ensemble 0.2.3, K = 2': '28.8 s, +2602 MB',
    'NumPy per-fold Gram, K = 2': '1.49 s, +38 MB',
  },
})

/** Columns of different ranges, and a target that depends on two of three. */
function makeData(folder: string): void {
  const X = createArray(join(folder, 'X.npy'), { dtype: 'float64', shape: [rows, columns] })
  const y = createArray(join(folder, 'y.npy'), { dtype: 'float64', shape: [rows] })
  const random = makeRandom()
  const [x, first] = [X.data, X.offset]
  for (let row = 0; row < rows; row++) {
    let sum = 0
    for (let j = 0; j < columns; j++) {
      const value = random() * (j + 1)
      x[first + row * columns + j] = value
      sum += value * (j % 3)
    }
    y.data[y.offset + row] = sum + random()
  }
}
