/** Few rows, whose bins are found without tables: predictions are those among many rows. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, type NDArray } from '../../../src/arrays/index.ts'
import { GradientBoostingRegressor, RandomForestRegressor } from '../../../src/learn/index.ts'
import { seeded } from '../random-problem.ts'

const n = 400
const columns = 5

/** Numbers, few distinct ones, categories, missing values and infinities. */
function makeRows(seed: number): NDArray<'float64'> {
  const random = seeded(seed)
  const values = Float64Array.from({ length: n * columns }, (_, at) => {
    const draw = random()
    if (at % columns === 2) return Math.floor(12 * draw)
    if (draw < 0.1) return NaN
    if (draw < 0.12) return draw < 0.11 ? Infinity : -Infinity
    return at % columns === 1 ? Math.round(4 * random()) - 2 : random() - 0.5
  })
  return array(values, { shape: [n, columns] })
}

type Model = GradientBoostingRegressor | RandomForestRegressor

const models: Readonly<Record<string, (categoricalFeatures: number[] | null) => Model>> = {
  boosting: (categoricalFeatures) =>
    new GradientBoostingRegressor({ maxIter: 30, categoricalFeatures }),
  forest: (categoricalFeatures) => new RandomForestRegressor({ trees: 30, categoricalFeatures }),
}

for (const [name, make] of Object.entries(models))
  for (const categorical of [null, [2]])
    test(`${name} of ${categorical ? 'categories' : 'numbers'}: few rows are predicted as many`, async () => {
      const X = makeRows(1)
      const y = Float64Array.from({ length: n }, (_, i) => X.get(i, 3) || X.get(i, 2))
      const model = await make(categorical).fit(
        X,
        y.map((value) => (Number.isFinite(value) ? value : 1)),
      )
      // Category 20 is one that the model doesn't know.
      const fresh = makeRows(2)
      fresh.data[2] = 20
      fresh.data[7] = 2.5
      const all = (await model.predict(fresh)).toTypedArray()
      for (const size of [1, 3, 17, 64, 65]) {
        for (let start = 0; start < n; start += size) {
          const rows = fresh.rows(start, Math.min(n, start + size))
          const found = (await model.predict(rows)).toTypedArray()
          assert.deepEqual(found, all.slice(start, start + size), `${size} rows from ${start}`)
        }
      }
    })
