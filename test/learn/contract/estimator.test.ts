/** Options, clones and learned state of estimators. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  BaseEstimator,
  requireBoolean,
  requireFitted,
  requireNumber,
} from '../../../src/learn/contract/base-estimator.ts'
import {
  clone,
  forget,
  isEstimator,
  isTransformer,
  learnedState,
  restore,
} from '../../../src/learn/contract/estimator.ts'
import { Lasso } from '../../../src/learn/linear/lasso.ts'
import { Ridge } from '../../../src/learn/linear/ridge.ts'
import { StandardScaler } from '../../../src/learn/preprocessing/standard-scaler.ts'

class Scaled extends BaseEstimator {
  factor: number
  inner: Ridge
  declare sum_: number

  constructor({ factor = 2, inner = new Ridge() }: { factor?: number; inner?: Ridge } = {}) {
    super()
    this.factor = factor
    this.inner = inner
  }
}

describe('options', () => {
  test('getParams has every option and nothing learned', () => {
    const model = Object.assign(new Scaled({ factor: 3 }), { sum_: 7 })
    assert.deepEqual(Object.keys(model.getParams()), ['factor', 'inner'])
    assert.deepEqual(new Lasso({ alpha: 0.1 }).getParams(), {
      alpha: 0.1,
      fitIntercept: true,
      tol: 1e-4,
      maxIter: 1000,
      positive: false,
    })
  })

  test('setParams changes options and returns the estimator', () => {
    const model = new Ridge()
    assert.equal(model.setParams({ alpha: 3 }), model)
    assert.deepEqual(model.getParams(), { alpha: 3, fitIntercept: true, positive: false })
  })

  test('setParams refuses an unknown name and changes nothing', () => {
    const model = new Ridge()
    assert.throws(() => model.setParams({ alpha: 3, alhpa: 2 }), {
      code: 'ERR_OPTION',
      message:
        'Ridge has no option `alhpa`. Did you mean `alpha`? It has: alpha, fitIntercept, positive.',
    })
    assert.equal(model.alpha, 1)
    assert.throws(() => model.setParams({ coef_: 1 }), { code: 'ERR_OPTION' })
  })

  test('a number out of range or of another type is refused by its name', () => {
    const check = (alpha: unknown): number => requireNumber({ alpha }, 'alpha', { min: 0, max: 1 })
    assert.equal(check(1), 1)
    for (const alpha of [-1, 2, Number.NaN, Infinity]) {
      assert.throws(() => check(alpha), {
        code: 'ERR_OPTION',
        message: `Expected \`alpha\` of Object to be a finite number >= 0 and <= 1, got ${alpha}.`,
      })
    }
    assert.throws(() => check('1'), { name: 'TypeError' })
    assert.throws(() => check(undefined), { name: 'TypeError' })
    assert.throws(() => requireBoolean({ shuffle: 1 }, 'shuffle'), {
      name: 'TypeError',
      message: 'Expected `shuffle` of Object to be true or false, got 1.',
    })
  })
})

describe('clone', () => {
  test('has the same options and has learned nothing', () => {
    const model = Object.assign(new Scaled({ factor: 5 }), { sum_: 7 })
    const copy = clone(model)
    assert.ok(copy instanceof Scaled)
    assert.equal(copy.factor, 5)
    assert.deepEqual(learnedState(copy), {})
  })

  test('clones estimators among the options', () => {
    const inner = new Ridge({ alpha: 4 })
    const copy = clone(new Scaled({ inner }))
    assert.notEqual(copy.inner, inner)
    assert.deepEqual(copy.inner.getParams(), inner.getParams())
  })

  test('refuses a class', () => {
    assert.throws(() => clone(Ridge as unknown as Ridge), {
      name: 'TypeError',
      message:
        'Expected an estimator with getParams() to clone, got function Ridge. ' +
        'Pass an instance, such as new Ridge(), not its class.',
    })
  })
})

describe('learned state', () => {
  test('is every property whose name ends in _, and goes into another estimator', () => {
    const model = Object.assign(new Scaled(), { sum_: 7 })
    assert.deepEqual(learnedState(model), { className_: 'Scaled', sum_: 7 })
    const other = Object.assign(new Scaled(), { old_: 1 })
    assert.equal(restore(other, structuredClone(learnedState(model))), other)
    assert.deepEqual(learnedState(other), { className_: 'Scaled', sum_: 7 })
  })

  test('an option is not restored', () => {
    assert.throws(() => restore(new Ridge(), { alpha: 3 }), {
      code: 'ERR_FORMAT',
      message:
        "Expected only learned values, whose names end in _, got 'alpha' to restore Ridge from. " +
        'Pass what learnedState() returned.',
    })
  })

  test('forget leaves the options', () => {
    const model = Object.assign(new Scaled({ factor: 5 }), { sum_: 7 })
    forget(model)
    assert.equal('sum_' in model, false)
    assert.equal(model.factor, 5)
  })

  test('what was not learned cannot be used', () => {
    assert.throws(() => requireFitted(new Ridge(), 'coef_'), {
      code: 'ERR_NOT_FITTED',
      message: 'This Ridge has not learned anything yet. Call fit() first and await it.',
    })
  })
})

test('capabilities are told by methods', () => {
  assert.ok(isEstimator(new Ridge()))
  assert.ok(!isTransformer(new Ridge()))
  assert.ok(isTransformer(new StandardScaler()))
  assert.ok(!isEstimator(new StandardScaler()))
  for (const value of [null, undefined, 1, {}, Ridge]) {
    assert.ok(!isEstimator(value))
    assert.ok(!isTransformer(value))
  }
})
