/** Fits one learner over folds of many rows, while its test watches the memory of this process. */

import { once } from 'node:events'
import { shared } from '../../../../src/arrays/index.ts'
import {
  type Estimator,
  GaussianNB,
  GradientBoostingClassifier,
  HuberRegressor,
  KFold,
  LinearSVC,
  LogisticRegressionCV,
  QuantileRegressor,
  RidgeClassifier,
  SuperLearner,
} from '../../../../src/learn/index.ts'

const learners: Readonly<Record<string, () => unknown>> = {
  GaussianNB: () => new GaussianNB(),
  RidgeClassifier: () => new RidgeClassifier(),
  LinearSVC: () => new LinearSVC({ maxIter: 3 }),
  LogisticRegressionCV: () => new LogisticRegressionCV({ Cs: 2, folds: 2 }),
  GradientBoostingClassifier: () => new GradientBoostingClassifier({ maxIter: 3 }),
  HuberRegressor: () => new HuberRegressor({ maxIter: 3 }),
  QuantileRegressor: () => new QuantileRegressor({ maxIter: 2 }),
}
const [name, rows] = process.argv.slice(2) as [string, string]
const n = Number(rows)
const isRegression = name.endsWith('Regressor')
const X = shared([n, 2], 'float64')
const y = shared([n], 'float64')
for (let i = 0; i < n; i++) {
  X.data[X.offset + 2 * i] = Math.sin(i * i)
  X.data[X.offset + 2 * i + 1] = Math.cos(7 * i)
  const score = Math.sin(i * i) + 0.5 * Math.cos(i)
  y.data[y.offset + i] = isRegression ? score : score > 0 ? 3 : 1
}

async function fit(count: number): Promise<void> {
  const folds = new KFold({ folds: 4, shuffle: true })
  const ensemble = new SuperLearner({ folds }).add(learners[name]!() as Estimator)
  await ensemble.fit(X.rows(0, count), y.rows(0, count))
}

process.on('warning', () => undefined) // searches that are stopped early
await fit(2000)
globalThis.gc!()
process.send!('ready')
await once(process, 'message')
await fit(n)
process.send!('done')
process.disconnect()
