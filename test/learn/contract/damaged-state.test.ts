/** Learned values with damaged bytes are refused, or predict inside their bounds. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, NDArray } from '../../../src/arrays/index.ts'
import { isOneCopyError } from '../../../src/errors.ts'
import * as learn from '../../../src/learn/index.ts'
import { randomProblem } from '../random-problem.ts'
import { classes, type Model } from './every-class.ts'

const n = 90
const runs = 60
const { X, y } = randomProblem(n, 3)
const labels = array(Float64Array.from({ length: n }, (_, row) => (row * 7 + (row % 4)) % 3))

const scaled = (): object => ({
  scale: new learn.StandardScaler(),
  nearest: new learn.KNeighborsRegressor(),
})
const options: Readonly<Record<string, () => object>> = {
  ColumnTransformer: () => ({
    transformers: { scale: { columns: [0, 2], transformer: new learn.StandardScaler() } },
    remainder: 'passthrough',
  }),
  Pipeline: () => ({ steps: scaled() }),
  SelectKBest: () => ({ k: 2, score: 'fRegression' }),
  SelectColumns: () => ({ columns: [2, 0] }),
  SimpleImputer: () => ({ addIndicator: true }),
  OneHotEncoder: () => ({ handleUnknown: 'ignore' }),
}
const fewTrees = ['RandomForest', 'ExtraTrees'].flatMap((name) => [
  `${name}Classifier`,
  `${name}Regressor`,
])

function makeOptions(name: string): object {
  if (fewTrees.includes(name)) return { trees: 3 }
  if (name.startsWith('MLP')) return { hiddenLayerSizes: [6, 5], maxIter: 5 }
  if (name.startsWith('Gradient')) return { maxIter: 3, minSamplesLeaf: 5 }
  return options[name]?.() ?? {}
}

function targetOf(name: string): NDArray {
  return /Classifier|Logistic|NB|SVC/.test(name) ? labels : y
}

/** Numbers below a bound, the same in every run. */
function draws(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

type Bytes = (bytes: DataView) => void

/** A copy of learned values in which the array or number of one turn is damaged; counts them. */
function damage(value: unknown, turn: { left: number }, change: Bytes): unknown {
  if (value instanceof NDArray) {
    const copy = value.copy()
    damageBytes(copy.data, turn, change)
    return copy
  }
  if (ArrayBuffer.isView(value)) {
    const copy = (value as Float64Array).slice()
    damageBytes(copy, turn, change)
    return copy
  }
  if (typeof value === 'number') {
    const copy = Float64Array.of(value)
    damageBytes(copy, turn, change)
    return copy[0]
  }
  if (Array.isArray(value)) return value.map((one) => damage(one, turn, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, damage(one, turn, change)]),
  )
}

function damageBytes(data: ArrayBufferView, turn: { left: number }, change: Bytes): void {
  if (data.byteLength > 0 && turn.left-- === 0)
    change(new DataView(data.buffer, data.byteOffset, data.byteLength))
}

/** Doubles that are near a border of something. */
const doubles = [
  NaN,
  Infinity,
  -Infinity,
  -1e-265,
  0.5,
  -0.5,
  1e9,
  -1e9,
  1e308,
  -1e308,
  5e-324,
  0,
  -0,
  -1,
]

function changeOf(next: (below: number) => number): Bytes {
  return (bytes) => {
    if (next(2) === 0 && bytes.byteLength % 8 === 0)
      return bytes.setFloat64(8 * next(bytes.byteLength / 8), doubles[next(doubles.length)]!, true)
    for (let count = 1 + next(3); count > 0; count--)
      bytes.setUint8(next(bytes.byteLength), next(256))
  }
}

/** Predicts where it can; errors must be named. */
async function tryAll(model: Model, what: string): Promise<void> {
  for (const method of ['predict', 'predictProba', 'transform'] as const) {
    const found = await model[method]?.(X).catch((error: unknown) => {
      assert.ok(isOneCopyError(error), `${what}: ${String(error)}`)
      return undefined
    })
    if (method !== 'predictProba' || found === undefined) continue
    for (let row = 0; row < n; row++) {
      const own = [...(found.row(row).copy().toTypedArray() as Float64Array)]
      const total = own.reduce((sum, share) => sum + share, 0)
      const fits = own.every((share) => share >= 0 && share <= 1 + 1e-9)
      assert.ok(fits && Math.abs(total - 1) < 1e-6, `${what}: row ${row} has ${own.join(', ')}`)
    }
  }
}

describe('damaged learned values are refused, or predict inside their bounds', () => {
  assert.ok(classes.length > 30)
  for (const [index, [name, Class]] of classes.entries()) {
    test(name, async () => {
      const model = await new Class(makeOptions(name)).fit(X, targetOf(name))
      const state = learn.learnedState(model)
      const all = { left: 0 }
      damage(state, all, () => undefined)
      const parts = -all.left
      for (let run = 0; run < runs; run++) {
        const seed = index * runs + run
        const next = draws(seed)
        next(2)
        const damaged = damage(state, { left: next(parts) }, changeOf(next)) as learn.LearnedState
        const heir = learn.clone(model)
        try {
          learn.restore(heir, damaged)
        } catch (error) {
          assert.ok(
            isOneCopyError(error) && error.code === 'ERR_FORMAT',
            `seed ${seed}: ${String(error)}`,
          )
          continue
        }
        await tryAll(heir, `seed ${seed}`)
      }
    })
  }
})

describe('learned values of another class are refused', () => {
  const fitted = Promise.all(
    classes.map(async ([name, Class]) => {
      const model = await new Class(makeOptions(name)).fit(X, targetOf(name))
      return [name, model, learn.learnedState(model)] as const
    }),
  )
  for (const [name, Class] of classes) {
    test(`by ${name}`, async () => {
      for (const [other, , state] of await fitted) {
        if (other === name) continue
        assert.throws(() => learn.restore(new Class(makeOptions(name)), state), {
          code: 'ERR_FORMAT',
          message:
            `Expected values learned by ${name}, got those of ${other}. ` +
            `Restore them into a new ${other} with the same options.`,
        })
      }
    })
  }

  test('also those of a step, and those of no class', async () => {
    const models = new Map((await fitted).map(([name, model, state]) => [name, { model, state }]))
    const { model, state } = models.get('Pipeline')!
    const steps_ = { ...(state['steps_'] as object), scale: models.get('MinMaxScaler')!.state }
    assert.throws(() => learn.restore(learn.clone(model), { ...state, steps_ }), {
      code: 'ERR_FORMAT',
      message: /^Expected values learned by StandardScaler, got those of MinMaxScaler\./,
    })
    const { className_: _, ...nameless } = models.get('GradientBoostingRegressor')!.state
    assert.throws(() => learn.restore(new learn.RandomForestRegressor(), nameless), {
      code: 'ERR_FORMAT',
      message: /^Expected `className_` of RandomForestRegressor to be the name of a class,/,
    })
  })

  test('an estimator gets no property for it, and names survive minification', async () => {
    for (const [name, model, state] of await fitted) {
      const heir = learn.restore(learn.clone(model), state)
      assert.deepEqual(Object.keys(heir).toSorted(), Object.keys(model).toSorted())
      const described = Object.getOwnPropertyDescriptor(heir.constructor, 'name')
      // Only the name that a class declares itself is enumerable; a bundler may shorten any other one.
      assert.deepEqual([described!.value, described!.enumerable], [name, true])
    }
  })
})

test('values that no fit gives are refused by what is wrong', async () => {
  const scaling = { columns: [0, 2], transformer: new learn.StandardScaler() }
  const models: Record<string, learn.Configurable> = {
    PCA: await new learn.PCA().fit(X),
    SimpleImputer: await new learn.SimpleImputer().fit(X),
    SelectColumns: await new learn.SelectColumns({ columns: [1] }).fit(X),
    PolynomialFeatures: await new learn.PolynomialFeatures().fit(X),
    ColumnTransformer: await new learn.ColumnTransformer({
      transformers: { scaling },
      remainder: 'passthrough',
    }).fit(X),
    LogisticRegression: await new learn.LogisticRegression().fit(X, labels),
    GaussianNB: await new learn.GaussianNB().fit(X, labels),
  }
  const wrong: readonly (readonly [name: string, value: learn.LearnedState, expected: string])[] = [
    ['PCA', { components_: array(new Float64Array(9).fill(NaN), { shape: [3, 3] }) }, 'finite'],
    [
      'PCA',
      { components_: array(new Float64Array(9).fill(Infinity), { shape: [3, 3] }) },
      'finite',
    ],
    ['PCA', { noiseVariance_: Infinity }, 'a number >= 0'],
    ['SimpleImputer', { indicatorColumns_: Int32Array.of(1, 1) }, 'column numbers that ascend'],
    ['SelectColumns', { inputColumns_: 1e9 }, 'a whole number from 1 to 8388608'],
    ['PolynomialFeatures', { inputColumns_: 1e9 }, 'a whole number from 1 to 8388608'],
    ['ColumnTransformer', { inputColumns_: 1e9 }, 'a whole number from 1 to 8388608'],
    ['ColumnTransformer', { inputColumns_: 4 }, '2 for remainder'],
    ['ColumnTransformer', { widths_: Int32Array.of(2, 9) }, '1 for remainder'],
    ['ColumnTransformer', { widths_: Int32Array.of(3, 1) }, '2 for scaling'],
    ['LogisticRegression', { intercept_: Float64Array.of(0, 1e301, 0) }, 'numbers of at most'],
    ['GaussianNB', { classPrior_: Float64Array.of(0.2, 0.2, 0.2) }, 'numbers >= 0 that sum to 1'],
    ['GaussianNB', { classes_: Float64Array.of(2, 1, 0) }, 'labels that ascend'],
  ]
  for (const [name, change, expected] of wrong) {
    const model = models[name]!
    assert.throws(
      () => learn.restore(learn.clone(model), { ...learn.learnedState(model), ...change }),
      (error) =>
        isOneCopyError(error) && error.code === 'ERR_FORMAT' && error.message.includes(expected),
      `${name}: ${Object.keys(change).join()} must be ${expected}`,
    )
  }
})
