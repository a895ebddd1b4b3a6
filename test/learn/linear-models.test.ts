/** Linear models: scikit-learn's coefficients, weights, folds, refusals. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { array } from '../../src/arrays/index.ts'
import { ElasticNet, Lasso, LinearRegression, Ridge } from '../../src/learn/index.ts'
import type { LinearModel } from '../../src/learn/internal.ts'
import { assertClose } from './close.ts'

interface Fixture {
  readonly data: Record<string, { X: number[][]; y: number[] | number[][]; weights: number[] }>
  readonly fits: readonly {
    data: string
    model: 'LinearRegression' | 'Ridge' | 'Lasso' | 'ElasticNet'
    options: Record<string, number | boolean>
    weighted: boolean
    coef: number[] | number[][]
    intercept: number[]
    rank?: number
    iterations?: number
    dualGap?: number
  }[]
}

const fixture = JSON.parse(
  readFileSync(new URL('../fixtures/sklearn/linear.json', import.meta.url), 'utf8'),
) as Fixture

const models = { LinearRegression, Ridge, Lasso, ElasticNet }

describe('coefficients of scikit-learn 1.2', () => {
  for (const expected of fixture.fits) {
    const { data, model, options, weighted } = expected
    const title = `${model} ${JSON.stringify(options)} on ${data} rows${weighted ? ', weighted' : ''}`
    test(title, async () => {
      const { X, y, weights } = fixture.data[data]!
      const fitOptions = weighted ? { weights: Float64Array.from(weights) } : {}
      const unfitted: LinearModel = new models[model](options)
      const fitted = await unfitted.fit(array(X), array(y), fitOptions)
      const penalized = 'dualGap' in expected
      // The descent stops at a gap of tol; elsewhere both solve the same equations.
      const tolerance = !penalized ? 1e-9 : options['tol'] === 1e-10 ? 1e-6 : 1e-4
      assert.deepEqual(fitted.coef_.shape, array(expected.coef).shape)
      assertClose(fitted.coef_.toTypedArray(), expected.coef.flat(), tolerance)
      assertClose(fitted.intercept_, expected.intercept, tolerance)
      if ('rank' in expected) assert.equal((fitted as LinearRegression).rank_, expected.rank)
      if (penalized) {
        assert.ok((fitted as Lasso).converged_)
        assert.ok(Math.abs((fitted as Lasso).iterations_ - expected.iterations!) <= 1)
      }
    })
  }
})
