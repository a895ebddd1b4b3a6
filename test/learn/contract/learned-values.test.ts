/** What `restore` is given is checked, value by value, as a file would be. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, NDArray, zeros } from '../../../src/arrays/index.ts'
import { isOneCopyError } from '../../../src/errors.ts'
import {
  clone,
  ElasticNet,
  type Estimator,
  KNeighborsRegressor,
  Lasso,
  type LearnedState,
  learnedState,
  LinearRegression,
  MinMaxScaler,
  restore,
  Ridge,
  StandardScaler,
  type Transformer,
} from '../../../src/learn/index.ts'
import { randomProblem } from '../random-problem.ts'

const { X, y, weights } = randomProblem(200, 3)
const targets = array(Array.from({ length: 200 }, (_, row) => [y.get(row), -y.get(row)]))

const fitted: Record<string, () => Promise<Estimator | Transformer>> = {
  LinearRegression: () => new LinearRegression().fit(X, y),
  'Ridge of two targets': () => new Ridge().fit(X, targets),
  Lasso: () => new Lasso({ alpha: 0.01 }).fit(X, y),
  ElasticNet: () => new ElasticNet({ alpha: 0.01 }).fit(X, y),
  StandardScaler: () => new StandardScaler().fit(X),
  MinMaxScaler: () => new MinMaxScaler().fit(X),
  'KNeighborsRegressor by a tree': () =>
    new KNeighborsRegressor({ algorithm: 'tree' }).fit(X, y, { weights }),
  'KNeighborsRegressor by brute force': () =>
    new KNeighborsRegressor({ algorithm: 'brute' }).fit(X, targets),
}

function gone(): NDArray {
  const lost = zeros([3])
  structuredClone(lost.buffer, { transfer: [lost.buffer as ArrayBuffer] })
  return lost
}

/** Values that no fit of any estimator gives. */
const wrong: Record<string, unknown> = {
  nothing: undefined,
  'a record with a length': { length: 1e9 },
  'an empty list': [],
  'a list of numbers': [1, 2, 3],
  'a text': 'x',
  NaN: Number.NaN,
  'an array of float32': Float32Array.of(1, 2, 3),
  'too many numbers': new Float64Array(50).fill(1),
  'no numbers': new Float64Array(0),
  'numbers that are not finite': Float64Array.of(1, Number.NaN, 3),
  'an NDArray of three axes': zeros([2, 2, 2]),
  'an NDArray of integers': zeros([3], 'int8'),
  'an NDArray with NaN': array([1, Number.NaN, 3]),
  'an array without its memory': gone(),
}

describe('restore refuses what was not learned, and changes nothing', () => {
  for (const [name, fit] of Object.entries(fitted)) {
    test(name, async () => {
      const model = await fit()
      const state = learnedState(model)
      for (const key of Object.keys(state)) {
        for (const [what, value] of Object.entries(wrong)) {
          const heir = Object.assign(clone(model), state)
          assert.throws(
            () => restore(heir, { ...state, [key]: value } as LearnedState),
            (error) => isOneCopyError(error) && ['ERR_FORMAT', 'ERR_DETACHED'].includes(error.code),
            `${key}: ${what}`,
          )
          assert.deepEqual(learnedState(heir), state)
        }
      }
      assert.deepEqual(learnedState(restore(clone(model), state)), state)
      assert.throws(() => restore(model, {}), { code: 'ERR_FORMAT' })
      assert.deepEqual(learnedState(model), state)
    })
  }
})

test('the text names the value, what it must be and what came', async () => {
  const state = learnedState(await new Ridge().fit(X, y))
  assert.throws(() => restore(new Ridge(), { ...state, intercept_: { length: 1e9 } }), {
    code: 'ERR_FORMAT',
    message:
      'Expected `intercept_` of Ridge to be a Float64Array of 1 finite numbers, got an object of class Object. ' +
      'Pass what learnedState() returned.',
  })
  assert.throws(() => restore(new Ridge(), JSON.parse(JSON.stringify(state)) as LearnedState), {
    code: 'ERR_FORMAT',
    message:
      'Expected `coef_` of Ridge to be an NDArray of float64 of shape (any) or (any, any), got the fields of one without its class. ' +
      'serialize(), structuredClone() and JSON lose it: save arrays with saveArray() and open them with openArray().',
  })
  assert.throws(() => restore(new Ridge(), null as never), {
    name: 'TypeError',
    message:
      'Expected learned values to restore Ridge from, got null. Pass what learnedState() returned.',
  })
})

test('an index that names rows outside, or has half a tree, is refused', async () => {
  const model = await new KNeighborsRegressor({ algorithm: 'tree' }).fit(X, y)
  const state = learnedState(model) as LearnedState & { index_: Record<string, NDArray> }
  const { index_: index } = state
  const broken: Record<string, unknown> = {
    'a row outside': { ...index, order: array(new Int32Array(200).fill(200)) },
    'a negative row': { ...index, order: array(new Int32Array(200).fill(-1)) },
    'no rows': { ...index, order: array(new Int32Array(0)) },
    'fewer rows than its tree': { ...index, order: index['order']!.rows(0, 9) },
    'half a tree': { ...index, boxes: null },
    'no least numbers': { ...index, least: null },
    'boxes of other columns': { ...index, boxes: zeros([1, 2, 4]) },
    'nothing inherited': Object.create(index),
  }
  for (const [what, index_] of Object.entries(broken))
    assert.throws(
      () => restore(clone(model), { ...state, index_ } as LearnedState),
      { code: 'ERR_FORMAT' },
      what,
    )
})

test('a scale of 0, which would make every value infinite, is refused', async () => {
  const state = learnedState(await new StandardScaler().fit(X))
  const scale_ = Float64Array.of(1, 0, 1)
  assert.throws(() => restore(new StandardScaler(), { ...state, scale_ }), {
    code: 'ERR_FORMAT',
    message: /^Expected `scale_` of StandardScaler to be numbers other than 0, got 0\./,
  })
})
