/** Arrays that were disposed of before a call are refused by every learner. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray, shared } from '../../src/arrays/index.ts'
import * as learn from '../../src/learn/index.ts'
import { calibrations } from './contract/every-class.ts'

const [n, d] = [40, 3]
const y = array(Float64Array.from({ length: n }, (_, row) => row % 2))

function values(): NDArray<'float64'> {
  const X = shared([n, d])
  for (let i = 0; i < X.size; i++) X.data[i] = Math.sin(i * i)
  return X
}

/** Options of classes that need some. */
const options: Readonly<Record<string, () => object>> = {
  ColumnTransformer: () => ({ remainder: 'passthrough' }),
  Pipeline: () => ({ steps: { scale: new learn.StandardScaler(), ridge: new learn.Ridge() } }),
  SelectKBest: () => ({ k: 2 }),
}

interface Model {
  fit(X: NDArray, y: NDArray): Promise<this>
  predict?(X: NDArray): Promise<NDArray>
  transform?(X: NDArray): Promise<NDArray>
}

const classes = Object.entries(learn).filter(
  ([name, value]) =>
    typeof value === 'function' &&
    name !== 'Evaluator' &&
    !calibrations.includes(name) &&
    typeof (value.prototype as Partial<Model> | undefined)?.fit === 'function',
) as unknown as [string, new (options?: object) => Model][]

describe('an array that was disposed of, and its view, are refused', () => {
  for (const [name, Class] of classes) {
    test(`by ${name}`, async () => {
      const make = (): Model => {
        const model = new Class(options[name]?.() ?? {})
        return model instanceof learn.SuperLearner
          ? model.add(new learn.Ridge()).addMeta(new learn.Ridge())
          : model
      }
      const fitted = await make().fit(values(), y)
      const X = values()
      const view = X.rows(0, n)
      X[Symbol.dispose]()
      for (const gone of [X, view]) {
        await assert.rejects(make().fit(gone, y), { code: 'ERR_DETACHED' })
        if (fitted.predict !== undefined)
          await assert.rejects(fitted.predict(gone), { code: 'ERR_DETACHED' })
        else await assert.rejects(fitted.transform!(gone), { code: 'ERR_DETACHED' })
      }
    })
  }
})

test('neighbours refuse to predict after the rows that they keep were disposed of', async () => {
  const X = values()
  const model = await new learn.KNeighborsRegressor().fit(X, y)
  X[Symbol.dispose]()
  await assert.rejects(model.predict(values()), { code: 'ERR_DETACHED' })
})
