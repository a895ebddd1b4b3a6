/** Models of .skops files predict what scikit-learn predicts. */

import assert from 'node:assert/strict'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { NDArray } from '../../../src/arrays/index.ts'
import type { ColumnTransformer, Estimator, Ridge, Transformer } from '../../../src/learn/index.ts'
import {
  openModel,
  openNpz,
  openSkops,
  openSkopsArrays,
  saveModel,
} from '../../../src/models/index.ts'
import { readCsv } from '../../../src/tables/index.ts'
import { refusal } from '../../arrays/refusal.ts'
import { temporaryFolder } from '../../arrays/temporary-folder.ts'
import { changed, fixture } from './skops-files.ts'

const { arrays: expected } = await openNpz(fixture('expected.npz'))

/** scikit-learn's methods and ours. */
const methods = {
  predict: 'predict',
  predict_proba: 'predictProba',
  decision_function: 'decisionFunction',
  transform: 'transform',
} as const

/** Rows that a model is asked for; default: `X`. */
const inputs: Readonly<Record<string, string>> = {
  'simple-imputer': 'holes',
  'one-hot': 'codes',
  'hist-regressor': 'holes',
  'hist-three': 'holes',
  pipeline: 'holes',
  columns: 'mixed',
  'tree-full': 'edges',
}

/** The class of ours for each file. */
const classes: Readonly<Record<string, string>> = {
  'linear-regression': 'LinearRegression',
  'linear-regression-two': 'LinearRegression',
  'linear-float32': 'Ridge',
  ridge: 'Ridge',
  'ridge-cv': 'Ridge',
  lasso: 'Lasso',
  'lasso-cv': 'Lasso',
  'elastic-net': 'ElasticNet',
  'elastic-net-cv': 'ElasticNet',
  'linear-svr': 'LinearSVR',
  'logistic-two': 'LogisticRegression',
  'logistic-three': 'LogisticRegression',
  'logistic-texts': 'LogisticRegression',
  'logistic-objects': 'LogisticRegression',
  'logistic-booleans': 'LogisticRegression',
  'ridge-classifier': 'RidgeClassifier',
  'linear-svc': 'LinearSVC',
  'standard-scaler': 'StandardScaler',
  'standard-scaler-mean': 'StandardScaler',
  'min-max-scaler': 'MinMaxScaler',
  'robust-scaler': 'RobustScaler',
  'simple-imputer': 'SimpleImputer',
  'one-hot': 'OneHotEncoder',
  'knn-regressor': 'KNeighborsRegressor',
  'knn-classifier': 'KNeighborsClassifier',
  'knn-texts': 'KNeighborsClassifier',
  'tree-regressor': 'DecisionTreeRegressor',
  'tree-classifier': 'DecisionTreeClassifier',
  'tree-full': 'DecisionTreeRegressor',
  'forest-regressor': 'RandomForestRegressor',
  'forest-classifier': 'RandomForestClassifier',
  'extra-regressor': 'ExtraTreesRegressor',
  'extra-classifier': 'ExtraTreesClassifier',
  'boosting-regressor': 'GradientBoostingRegressor',
  'boosting-huber': 'GradientBoostingRegressor',
  'boosting-two': 'GradientBoostingClassifier',
  'boosting-exponential': 'GradientBoostingClassifier',
  'boosting-three': 'GradientBoostingClassifier',
  'hist-regressor': 'GradientBoostingRegressor',
  'hist-poisson': 'GradientBoostingRegressor',
  'hist-two': 'GradientBoostingClassifier',
  'hist-three': 'GradientBoostingClassifier',
  pipeline: 'Pipeline',
  'pipeline-classifier': 'Pipeline',
  columns: 'Pipeline',
  'stack-regressor': 'SuperLearner',
  'stack-classifier': 'SuperLearner',
  'stack-two': 'SuperLearner',
  'ridge-named': 'Ridge',
  'columns-named': 'ColumnTransformer',
}

/** Models that add up leaves or take them as they are: equal to the last bit. */
const exact = [
  'tree-regressor',
  'tree-full',
  'boosting-regressor',
  'boosting-huber',
  'hist-regressor',
]

type Model = (Estimator | Transformer) & {
  readonly classes_?: ArrayLike<unknown>
  readonly [method: string]: unknown
}

/** Predictions as numbers: texts by the places of their classes, true and false as 1 and 0. */
function numbersOf(found: NDArray | readonly unknown[], { classes_ }: Model): number[] {
  if (!Array.isArray(found)) return [...((found as NDArray).toTypedArray() as Float64Array)]
  return found.map((label: unknown) =>
    typeof label === 'boolean' ? Number(label) : Array.from(classes_!).indexOf(label),
  )
}

test('every file of the fixtures is tried', () => {
  const names = readdirSync(fixture(''))
    .filter((name) => name.endsWith('.skops') && !/^(?:refused|arrays)/.test(name))
    .map((name) => name.replace('.skops', ''))
  assert.deepEqual(names.sort(), Object.keys(classes).sort())
})

for (const [name, className] of Object.entries(classes))
  test(`${name} predicts what scikit-learn predicts`, async () => {
    const model = (await openSkops(fixture(`${name}.skops`))) as unknown as Model
    assert.equal(model.constructor.name, className)
    const X = expected[inputs[name] ?? 'X']!
    let compared = 0
    for (const [theirs, ours] of Object.entries(methods)) {
      const wanted = expected[`${name}.${theirs}`]
      const method = model[ours] as ((X: NDArray) => Promise<NDArray>) | undefined
      // Boosted trees and ensembles of ours have no decision values.
      if (wanted === undefined || method === undefined) continue
      const found = await method.call(model, X)
      const numbers = numbersOf(found, model)
      const target = wanted.toTypedArray() as Float64Array
      assert.equal(numbers.length, target.length)
      for (const [i, value] of target.entries()) {
        const distance = Math.abs(numbers[i]! - value)
        const most = exact.includes(name) ? 0 : 1e-12 * Math.max(1, Math.abs(value))
        assert.ok(distance <= most, `${theirs} at ${i}: ${numbers[i]}, expected ${value}`)
      }
      compared++
    }
    assert.ok(compared > 0)
  })

test('a column with more thresholds than bins is split exactly, around all of them', async () => {
  const model = (await openSkops(fixture('tree-full.skops'))) as unknown as {
    readonly binColumns_: Int32Array
  }
  assert.ok(model.binColumns_.length > 1)
  assert.ok(expected['edges']!.shape[0]! > 3000)
})

test('a model that knows names of columns predicts tables, in any order of columns', async (t) => {
  const path = join(temporaryFolder(t), 'rows.csv')
  const X = expected['X']!
  const rows = (X.toArray() as number[][]).map(([a, b, c, d]) => [d, 'x', b, a, c].join(','))
  writeFileSync(path, ['d,other,b,a,c', ...rows].join('\n'))
  const table = await readCsv(path)
  const ridge = (await openSkops(fixture('ridge-named.skops'))) as unknown as Ridge
  assert.deepEqual((await ridge.predict(table)).toArray(), (await ridge.predict(X)).toArray())
  const columns = (await openSkops(fixture('columns-named.skops'))) as unknown as ColumnTransformer
  assert.deepEqual(
    (await columns.transform(table)).toArray(),
    (await columns.transform(X)).toArray(),
  )
})

/** Files that are refused, and the class and place that the refusal names. */
const refused: Readonly<Record<string, string>> = {
  'refused-naive-bayes': 'got an object of class sklearn.naive_bayes.GaussianNB',
  'refused-step': '`steps[1][1]` of',
  'refused-ovr': '`multi_class` of sklearn.linear_model._logistic.LogisticRegression in',
  'refused-outputs': '`tree_.values` of sklearn.tree._tree.Tree in',
  'refused-unfitted': '`coef_` of sklearn.linear_model._ridge.Ridge in',
  arrays: 'got a dict. openSkopsArrays() reads its arrays.',
}
for (const [name, words] of Object.entries(refused))
  test(`${name} is refused by its class and place`, async () => {
    await assert.rejects(openSkops(fixture(`${name}.skops`)), refusal('ERR_FORMAT', words))
  })

test('arrays are read by their places, whatever objects hold them', async () => {
  const { arrays, storage } = await openSkopsArrays(fixture('arrays.skops'))
  assert.deepEqual(Object.keys(arrays), ['X'])
  assert.deepEqual(arrays['X']!.shape, [160, 4])
  assert.ok(['mapped', 'copied'].includes(storage['X']!))
  const unknown = await openSkopsArrays(fixture('refused-step.skops'))
  assert.ok('steps[1][1].theta_' in unknown.arrays)
  assert.ok('steps[0][1].mean_' in unknown.arrays)
  const ridge = await openSkopsArrays(fixture('linear-regression.skops'))
  assert.deepEqual(ridge.arrays['coef_']!.shape, [4])
})

test('options are checked', async () => {
  const file = fixture('ridge.skops')
  await assert.rejects(openSkops(file, { trusted: [] } as never), TypeError)
  await assert.rejects(openSkops(7 as never), TypeError)
  await assert.rejects(openSkops(file, { maxUnpackedBytes: 100 }), refusal('ERR_MEMORY'))
  await assert.rejects(openSkops('/nowhere.skops'), refusal('ERR_FILE'))
})

test('files of older versions of the format are read', async (t) => {
  const path = join(temporaryFolder(t), 'old.skops')
  for (const protocol of [0, 1]) {
    writeFileSync(
      path,
      changed('ridge', (schema) => void (schema['protocol'] = protocol)),
    )
    const { arrays } = await openSkopsArrays(path)
    const model = (await openSkops(path)) as unknown as Ridge
    assert.deepEqual(model.coef_.toArray(), arrays['coef_']!.toArray())
  }
})

test('an array that stands in many places is one array, which has the name of the first', async (t) => {
  const path = join(temporaryFolder(t), 'shared.skops')
  const bytes = changed('arrays', (schema) => {
    const { X, list } = schema['content']
    list.content = [X, X, list.content[0]]
  })
  writeFileSync(path, bytes)
  assert.deepEqual(Object.keys((await openSkopsArrays(path)).arrays), ['X'])
})

for (const name of ['tree-full', 'knn-texts', 'columns', 'stack-classifier', 'hist-three'])
  test(`${name} predicts the same once it is saved and opened as a file of ours`, async (t) => {
    const path = join(temporaryFolder(t), 'model.onecopy')
    const model = (await openSkops(fixture(`${name}.skops`))) as Estimator
    await saveModel(model, path)
    const again = await openModel<Estimator>(path)
    const X = expected[inputs[name] ?? 'X']!
    assert.deepEqual(await again.predict(X), await model.predict(X))
  })
