/** Says how much memory fits of trees and linear models over K folds take. */

import { shared } from '../../../../src/arrays/index.ts'
import {
  GradientBoostingRegressor,
  KFold,
  RandomForestRegressor,
  Ridge,
  type Splitter,
  StandardScaler,
  SubsetSplit,
  SuperLearner,
  TemporalSplit,
} from '../../../../src/learn/index.ts'
import { sampleTree } from '../../../../src/monitor/index.ts'

const [n, d] = [100_000, 20]
const X = shared([n, d], 'float64')
const y = shared([n], 'float64')
for (let i = 0; i < X.size; i++) X.data[X.offset + i] = Math.sin(i * i)
for (let i = 0; i < n; i++) y.data[y.offset + i] = X.get(i, 0) * X.get(i, 1)

const hardBytes = (): number => sampleTree(process.pid).hard ?? 0

/** Bytes at the peak of a fit above those before it, without the predictions. */
async function growthOf(folds: Splitter): Promise<number> {
  const ensemble = new SuperLearner({ folds })
    .add([
      new GradientBoostingRegressor({ maxIter: 2 }),
      new RandomForestRegressor({ trees: 2, maxDepth: 4 }),
      new Ridge(),
    ])
    .add(new GradientBoostingRegressor({ maxIter: 2 }), { preprocess: new StandardScaler() })
  globalThis.gc!()
  const before = hardBytes()
  let peak = before
  const timer = setInterval(() => (peak = Math.max(peak, hardBytes())), 2)
  const { outOfFold } = await ensemble.fit(X.rows(0, n), y)
  clearInterval(timer)
  const bytes = outOfFold.size * 8
  outOfFold[Symbol.dispose]()
  return peak - before - bytes
}

const shuffled = (folds: number): KFold => new KFold({ folds, shuffle: true })
await growthOf(shuffled(2)) // code and buffers of the first fit
const growths = {
  few: await growthOf(shuffled(2)),
  many: await growthOf(shuffled(12)),
  partitions: await growthOf(new SubsetSplit({ partitions: 3, folds: 4 })),
  steps: await growthOf(new TemporalSplit({ stepSize: 10_000, burnIn: 10_000 })),
}
console.log(JSON.stringify({ ...growths, matrixBytes: X.size * 8 }))
