/** Shapley values of trees against the definition, and that they add up. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, type NDArray, zeros } from '../../../src/arrays/index.ts'
import {
  DecisionTreeRegressor,
  GradientBoostingClassifier,
  GradientBoostingRegressor,
  RandomForestClassifier,
  RandomForestRegressor,
} from '../../../src/learn/index.ts'
import { randomNumbers } from '../../native/matrices.ts'

const d = 4
const random = randomNumbers(3)
const X = zeros([300, d], 'float64')
for (let at = 0; at < X.size; at++) X.data[at] = random() < 0.1 ? Number.NaN : random()
const known = (i: number, j: number): number => (Number.isNaN(X.get(i, j)) ? 2 : X.get(i, j))
const y = array(
  Float64Array.from({ length: 300 }, (_, i) => known(i, 0) * known(i, 1) + 2 * known(i, 2)),
)
const labels = array(y.data.map((value) => (value > 3 ? 2 : value > 1.5 ? 1 : 0)))
const background = X.rows(100, 112)
const rows = [0, 1, 2, 3, 4, 5, 6, 7]

/** Shapley values by their definition: all sets of columns, each taken from the row, the others from each background row. */
async function byDefinition(score: (rows: NDArray) => Promise<NDArray>): Promise<number[][][]> {
  const outputs = (await score(X.rows(0, 1))).shape[1] ?? 1
  const found: number[][][] = []
  for (const row of rows) {
    const worth: number[][] = []
    for (let set = 0; set < 1 << d; set++) {
      const mixed = background.copy()
      for (let i = 0; i < 12; i++)
        for (let j = 0; j < d; j++) if ((set >> j) & 1) mixed.set(X.get(row, j), i, j)
      const scores = (await score(mixed)).copy().toTypedArray() as Float64Array
      worth.push(
        Array.from({ length: outputs }, (_, k) => {
          const own = scores.filter((_, at) => at % outputs === k)
          return own.reduce((sum, value) => sum + value, 0) / 12
        }),
      )
    }
    const factorial = (m: number): number => (m < 2 ? 1 : m * factorial(m - 1))
    found.push(
      Array.from({ length: d }, (_, j) =>
        Array.from({ length: outputs }, (_, k) => {
          let sum = 0
          for (let set = 0; set < 1 << d; set++) {
            if ((set >> j) & 1) continue
            const size = set.toString(2).replaceAll('0', '').length
            const share = (factorial(size) * factorial(d - size - 1)) / factorial(d)
            sum += share * (worth[set | (1 << j)]![k]! - worth[set]![k]!)
          }
          return sum
        }),
      ),
    )
  }
  return found
}

const odds = (p: NDArray): NDArray => {
  const ofSecond = p.column(1).copy().toTypedArray() as Float64Array
  return array(ofSecond.map((value) => Math.log(value / (1 - value))))
}

const subjects: Record<string, () => Promise<[Explained, (rows: NDArray) => Promise<NDArray>]>> = {
  'a tree': async () => {
    const model = await new DecisionTreeRegressor({ minSamplesLeaf: 3 }).fit(X, y)
    return [model, (some) => model.predict(some)]
  },
  'a forest': async () => {
    const model = await new RandomForestRegressor({ trees: 5 }).fit(X, y)
    return [model, (some) => model.predict(some)]
  },
  boosting: async () => {
    const model = await new GradientBoostingRegressor({ maxIter: 10, minSamplesLeaf: 5 }).fit(X, y)
    return [model, (some) => model.predict(some)]
  },
  'log odds of two classes': async () => {
    const two = array(labels.data.map((label) => Math.min(label, 1)))
    const model = await new GradientBoostingClassifier({ maxIter: 5 }).fit(X, two)
    return [model, async (some) => odds(await model.predictProba(some))]
  },
  'probabilities of three classes': async () => {
    const model = await new RandomForestClassifier({ trees: 5, minSamplesLeaf: 4 }).fit(X, labels)
    return [model, (some) => model.predictProba(some)]
  },
}

type Explained = Pick<DecisionTreeRegressor, 'shapValues'>

for (const [name, make] of Object.entries(subjects)) {
  test(`${name}: values are Shapley's, and add up to the score`, async () => {
    const [model, score] = await make()
    const { values, base } = await model.shapValues(X, { background, rows })
    const expected = (await byDefinition(score)).flat(2)
    const got = values.toTypedArray()
    assert.deepEqual(values.shape, [8, d, ...(base.length === 1 ? [] : [base.length])])
    assert.equal(got.length, expected.length)
    for (const [at, value] of expected.entries())
      assert.ok(Math.abs(got[at]! - value) < 1e-9, `${got[at]}, expected ${value}`)
    const scores = (await score(X.rows(0, 8))).copy().toTypedArray() as Float64Array
    for (const [at, whole] of scores.entries()) {
      const [row, k] = [Math.floor(at / base.length), at % base.length]
      let sum = base[k]!
      for (let j = 0; j < d; j++) sum += got[(row * d + j) * base.length + k]!
      assert.ok(Math.abs(sum - whole) < 1e-9, `${sum}, predicted ${whole}`)
    }
  })
}

test('other columns, no background and damaged trees are refused', async () => {
  const model = new DecisionTreeRegressor()
  await assert.rejects(model.shapValues(X, { background }), { code: 'ERR_NOT_FITTED' })
  await model.fit(X, y)
  const narrow = X.slice(null, [0, 2])
  await assert.rejects(model.shapValues(narrow, { background }), { code: 'ERR_SHAPE' })
  await assert.rejects(model.shapValues(X, { background: narrow }), { code: 'ERR_SHAPE' })
  await assert.rejects(model.shapValues(X, { background: X.rows(0, 0) }), { code: 'ERR_ROWS' })
  model.nodes_.toTypedArray()[0] = 0n
  await assert.rejects(model.shapValues(X, { background }), { code: 'ERR_FORMAT' })
})
