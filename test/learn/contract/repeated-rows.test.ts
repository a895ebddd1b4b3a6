/** A row that is listed twice counts twice, for every class. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray, zeros } from '../../../src/arrays/index.ts'
import * as learn from '../../../src/learn/index.ts'
import { classes, type Model } from './every-class.ts'

const [n, d] = [90, 4]
const X = zeros([n, d], 'float64')
for (let i = 0; i < X.size; i++) X.data[i] = Math.sin(i * i + 1) + (i % d)
const target = array(
  Float64Array.from({ length: n }, (_, i) => X.get(i, 0) * 3 - X.get(i, 2) + (i % 7) / 10),
)
const labels = array(
  Float64Array.from(
    { length: n },
    (_, i) => Number(target.get(i) > 0) + Number(target.get(i) > -2),
  ),
)

/** Some rows twice, some three times, others not at all, in no order. */
const rows = Int32Array.from({ length: n + 30 }, (_, i) => (i * 37) % (n - 11))

const options: Readonly<Record<string, () => object>> = {
  ColumnTransformer: () => ({ remainder: 'passthrough' }),
  Pipeline: () => ({ steps: { scale: new learn.StandardScaler(), ridge: new learn.Ridge() } }),
  SelectKBest: () => ({ k: 2 }),
  // Rows are drawn by their numbers, which copies have not.
  RandomForestClassifier: () => ({ trees: 10, bootstrap: false }),
  RandomForestRegressor: () => ({ trees: 10, bootstrap: false }),
  GradientBoostingRegressor: () => ({ maxIter: 10, minSamplesLeaf: 1 }),
  GradientBoostingClassifier: () => ({ maxIter: 10, minSamplesLeaf: 1 }),
}

function taken(values: NDArray): NDArray {
  const width = values.shape[1] ?? 1
  const out = zeros([rows.length, ...values.shape.slice(1)], 'float64')
  for (const [at, row] of rows.entries())
    for (let j = 0; j < width; j++)
      out.data[at * width + j] = Number(values.ndim === 1 ? values.get(row) : values.get(row, j))
  return out
}

async function outputs(model: Model): Promise<number[]> {
  const isPipeline = model instanceof learn.Pipeline
  const methods = isPipeline
    ? (['predict'] as const)
    : (['predictProba', 'transform', 'predict'] as const)
  const method = methods.find((name) => typeof model[name] === 'function')!
  // Rows that were learned from: encoders refuse other values.
  const found = await (model[method] as (X: NDArray) => Promise<NDArray>).call(
    model,
    X.rows(0, n - 11),
  )
  return [found.toArray()].flat(3) as number[]
}

/** It learns from columns of probabilities. */
const others = new Set(['CombinedClassifier'])

describe('rows that are listed more than once count so often', () => {
  for (const [name, Class] of classes) {
    if (others.has(name)) continue
    test(`in ${name}`, async () => {
      const y = /Class|SVC|NB|Logistic/.test(name) ? labels : target
      const make = (): Model => new Class(options[name]?.() ?? {})
      const fit = (model: Model, X: NDArray, y: NDArray, given: object): Promise<Model> =>
        (model.fit as (...args: unknown[]) => Promise<Model>).call(model, X, y, given)
      const listed = await outputs(await fit(make(), X, y, { rows }))
      const copied = await outputs(await fit(make(), taken(X), taken(y), {}))
      const scale = Math.max(...copied.map(Math.abs).filter(Number.isFinite), 1)
      for (const [i, value] of listed.entries())
        assert.ok(
          Object.is(value, copied[i]) || Math.abs(value - copied[i]!) <= 1e-5 * scale,
          `value ${i}: ${value}, ${copied[i]} of copied rows`,
        )
    })
  }
})
