/** Labels of 64 bits: told apart, or refused by every classifier. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray, zeros } from '../../../src/arrays/index.ts'
import * as learn from '../../../src/learn/index.ts'

const n = 40
const X = array(
  Float64Array.from({ length: n }, (_, i) => (i % 2) + i / n),
  { shape: [n, 1] },
)

interface Model {
  readonly classes_?: ArrayLike<unknown>
  fit(X: NDArray, y: NDArray | BigInt64Array, options?: learn.FitOptions): Promise<unknown>
}

const models: Record<string, () => Model> = {
  LogisticRegression: () => new learn.LogisticRegression(),
  LogisticRegressionCV: () => new learn.LogisticRegressionCV({ folds: 2 }),
  RidgeClassifier: () => new learn.RidgeClassifier(),
  KNeighborsClassifier: () => new learn.KNeighborsClassifier(),
  RadiusNeighborsClassifier: () => new learn.RadiusNeighborsClassifier(),
  GaussianNB: () => new learn.GaussianNB(),
  LinearSVC: () => new learn.LinearSVC(),
  SVC: () => new learn.SVC(),
  MLPClassifier: () => new learn.MLPClassifier({ maxIter: 2 }),
  DecisionTreeClassifier: () => new learn.DecisionTreeClassifier(),
  RandomForestClassifier: () => new learn.RandomForestClassifier({ trees: 2 }),
  ExtraTreesClassifier: () => new learn.ExtraTreesClassifier({ trees: 2 }),
  GradientBoostingClassifier: () => new learn.GradientBoostingClassifier({ maxIter: 2 }),
  SelectKBest: () => new learn.SelectKBest({ k: 1, score: 'fClassif' }),
}

/** Labels of two classes from `first` on, in every other row. */
function labels(first: bigint): BigInt64Array {
  return BigInt64Array.from({ length: n }, (_, row) => first + BigInt(row % 2))
}

describe('labels of 64 bits that float64 does not tell apart are refused', () => {
  for (const [name, make] of Object.entries(models)) {
    test(name, async () => {
      const column = zeros([n, 1], 'int64')
      column.data.set(labels(2n ** 53n))
      for (const y of [labels(2n ** 53n), array(labels(2n ** 53n)), column]) {
        await assert.rejects(make().fit(X, y), {
          code: 'ERR_VALUE',
          message:
            'Expected `y` to hold labels within ±(2^53 - 1), which float64 tells apart, got 9007199254740992 at row 0 (counted from 0). ' +
            'Number the classes from 0.',
        })
      }
      await make().fit(X, labels(2n ** 53n - 2n))
      // Rows that are not learned from may hold anything.
      const y = labels(5n)
      y[n - 1] = 2n ** 62n
      const model = make()
      await model.fit(X, y, { rows: { ranges: [[0, n - 1]] } })
      if (model.classes_ !== undefined) assert.deepEqual(Array.from(model.classes_), [5, 6])
    })
  }
})
