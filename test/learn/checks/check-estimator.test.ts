/** The contract: all our estimators keep it, and broken ones are found out. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { NDArray } from '../../../src/arrays/index.ts'
import {
  type FloatArray,
  checkEstimator,
  ElasticNet,
  estimatorChecks,
  type FitOptions,
  Lasso,
  LinearRegression,
  MinMaxScaler,
  Ridge,
  StandardScaler,
} from '../../../src/learn/index.ts'

const makers = {
  LinearRegression,
  'LinearRegression without intercept': () => new LinearRegression({ fitIntercept: false }),
  Ridge,
  'Ridge without intercept': () => new Ridge({ alpha: 10, fitIntercept: false }),
  Lasso,
  ElasticNet,
  'positive ElasticNet': () => new ElasticNet({ alpha: 0.1, positive: true, tol: 1e-8 }),
  StandardScaler,
  'StandardScaler without mean': () => new StandardScaler({ withMean: false }),
  MinMaxScaler,
  'MinMaxScaler to [-1, 1]': () => new MinMaxScaler({ featureRange: [-1, 1] }),
}

for (const [name, maker] of Object.entries(makers)) {
  describe(name, () => {
    for (const check of estimatorChecks(maker)) test(check.name, () => check.run())
  })
}

describe('checkEstimator', () => {
  test('names the checks that an estimator has passed', async () => {
    const names = await checkEstimator(Ridge)
    assert.ok(names.length > 30)
    assert.equal(names[0], 'the constructor stores options and nothing else')
    const except = names.slice(0, 1)
    assert.deepEqual(await checkEstimator(Ridge, { except }), names.slice(1))
  })

  test('finds an estimator that ignores weights', async () => {
    class Unweighted extends Ridge {
      override fit(X: NDArray, y: NDArray, { rows }: FitOptions = {}): Promise<this> {
        return super.fit(X, y, rows === undefined ? {} : { rows })
      }
    }
    await assert.rejects(checkEstimator(Unweighted), {
      code: 'ERR_CHECK',
      message:
        'Unweighted breaks the rule "weights that are negative, or not one for each row, are refused": ' +
        'Expected an error ERR_VALUE, got no error.',
      details: {
        estimator: 'Unweighted',
        check: 'weights that are negative, or not one for each row, are refused',
      },
    })
  })

  test('finds an estimator that learns in its constructor', async () => {
    class Hasty extends Ridge {
      size_ = 1
    }
    await assert.rejects(checkEstimator(Hasty), {
      message:
        'Hasty breaks the rule "the constructor stores options and nothing else": ' +
        'Expected the options alpha, fitIntercept, positive, got alpha, fitIntercept, positive, size_.',
    })
  })

  test('tells a constructor of positions to take one object', async () => {
    class Positional extends Ridge {
      constructor(alpha: unknown = 1) {
        super()
        this.alpha = alpha as number
      }
    }
    await assert.rejects(checkEstimator(Positional), {
      code: 'ERR_CHECK',
      message:
        /The options differ\. The constructor must take one options object, such as \{ alpha: 2 \}, and store each option under its name\./,
    })
  })

  test('finds an estimator that keeps X', async () => {
    class Keeper extends Ridge {
      declare X_: NDArray
      override async fit(X: NDArray, y: NDArray, options?: FitOptions): Promise<this> {
        await super.fit(X, y, options)
        this.X_ = X
        return this
      }
      override async predict(X: NDArray): Promise<FloatArray> {
        const found = await super.predict(X)
        found.data[0] = Number(this.X_.get(0, 0))
        return found
      }
    }
    await assert.rejects(checkEstimator(Keeper), { message: /"fit keeps no reference to X or y"/ })
  })

  test('refuses what is no estimator, and unknown checks', async () => {
    await assert.rejects(checkEstimator(Map as unknown as typeof Ridge), { name: 'TypeError' })
    await assert.rejects(checkEstimator(Ridge, { except: ['speed'] }), {
      name: 'TypeError',
      message: "Expected `except` to name checks, there is none called 'speed'.",
    })
  })
})
