/** ML-Ensemble's comparison of memory: single models and an ensemble, on Friedman's first problem. */

import { parseArgs } from 'node:util'
import { shared } from 'onecopy'
import { ElasticNet, KFold, KNeighborsRegressor, Lasso, SuperLearner } from 'onecopy/learn'
import { mark, startMonitor } from 'onecopy/monitor'

// github.com/flennerhag/mlens, benchmarks/friedman_memory.py, which mprof watches. On 1,000,000 rows, 400 MB, mprof would show 789 MB
// beside the data for scikit-learn's Lasso, 61 MB for its neighbours in a tree, and 1054 MB for ML-Ensemble's ensemble of two folds. No
// fold is copied here. With the default penalty of 1, Lasso has no coefficient but 0, there and here.

const { values } = parseArgs({ options: { rows: { type: 'string', default: '200000' } } })
const [rows, columns] = [Number(values.rows), 50]

/** Numbers in [0, 1) that are the same on every run. */
let state = 1
const random = (): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return state / 2 ** 32
}

const X = shared([rows, columns], 'float64')
const y = shared([rows], 'float64')
for (let i = 0; i < X.size; i++) X.data[i] = random()
for (let row = 0; row < rows; row++) {
  const at = (column: number): number => X.data[row * columns + column]!
  y.data[row] =
    10 * Math.sin(Math.PI * at(0) * at(1)) + 20 * (at(2) - 0.5) ** 2 + 10 * at(3) + 5 * at(4)
}

const ensemble = new SuperLearner({ folds: new KFold({ folds: 2 }) })
  .addLayer([new ElasticNet(), new Lasso()])
  .addLayer(new KNeighborsRegressor())

const monitor = startMonitor({ intervalMs: 10 })
mark('Lasso')
await new Lasso().fit(X, y)
mark('ElasticNet')
await new ElasticNet().fit(X, y)
mark('ensemble')
await ensemble.fit(X, y)
mark('neighbours')
await new KNeighborsRegressor().fit(X, y)
const report = await monitor.stop()

console.log(`${rows} rows of ${columns} columns: ${(X.nbytes / 1e6).toFixed(0)} MB`)
console.log('            seconds  MB beside the data')
for (const { name, durationMs, peak } of report.phases) {
  const seconds = (durationMs / 1000).toFixed(2).padStart(7)
  // A phase that ended before a sample has no peak.
  const megabytes = (((peak.hard ?? NaN) - report.start.hard!) / 1e6).toFixed(0).padStart(18)
  console.log(`${name.padEnd(10)}  ${seconds}  ${megabytes}`)
}
