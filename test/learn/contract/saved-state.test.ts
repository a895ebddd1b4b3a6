/** What every estimator has learned can be saved as arrays and JSON. */

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { serialize, deserialize } from 'node:v8'
import { after, describe, test } from 'node:test'
import { array } from '../../../src/arrays/index.ts'
import * as learn from '../../../src/learn/index.ts'
import * as saved from '../saved-state.ts'
import { randomProblem } from '../random-problem.ts'
import { classes, type Model } from './every-class.ts'

const root = resolve(import.meta.dirname, '../../..')
mkdirSync(join(root, 'build'), { recursive: true })
const folder = mkdtempSync(join(root, 'build', 'saved-state-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const { X, y } = randomProblem(120, 3)
const labels = array(Float64Array.from({ length: 120 }, (_, row) => row % 2))

/** Options of classes that need some. */
const options: Readonly<Record<string, () => object>> = {
  ColumnTransformer: () => ({
    transformers: { scale: { columns: [0, 2], transformer: new learn.StandardScaler() } },
    remainder: 'passthrough',
  }),
  Pipeline: () => ({
    steps: { scale: new learn.StandardScaler(), nearest: new learn.KNeighborsRegressor() },
  }),
  SelectKBest: () => ({ k: 2, score: 'fRegression' }),
  SelectColumns: () => ({ columns: [2, 0] }),
}

describe('what was learned', () => {
  assert.ok(classes.length > 25)
  for (const [name, Class] of classes) {
    const make = (): Model => new Class(options[name]?.() ?? {})

    test(`by ${name} is saved and loaded`, async () => {
      const target = /Classifier|Logistic|NB|SVC/.test(name) ? labels : y
      const model = await make().fit(X, target)
      await saved.saveState(join(folder, name), model)
      const loaded = await saved.loadState(join(folder, name), make())
      for (const method of ['predict', 'transform'] as const) {
        // A pipeline has both, of which one is refused.
        const before = await model[method]?.(X).catch(() => undefined)
        if (before !== undefined)
          assert.deepEqual((await loaded[method]!(X)).toArray(), before.toArray())
      }
    })

    test(`by ${name} before fit is nothing, and is refused`, () => {
      assert.throws(() => learn.learnedState(make()), {
        code: 'ERR_NOT_FITTED',
        message: `This ${name} has not learned anything yet. Call fit() first and await it.`,
      })
      assert.throws(() => learn.restore(make(), {}), {
        code: 'ERR_FORMAT',
        message: `Expected learned values to restore ${name} from, got none. Pass what learnedState() returned.`,
      })
    })
  }
})

test('what is no estimator has no learned values', () => {
  const refused = {
    name: 'TypeError',
    message:
      'Expected an estimator with getParams(), got an object of class Object. Pass an instance, such as a fitted new Ridge().',
  }
  assert.throws(() => learn.learnedState({ a: 1 } as never), refused)
  assert.throws(() => learn.restore({ a: 1 } as never, {}), refused)
})

test('an array that lost its class is refused by what happened', async () => {
  const state = learn.learnedState(await new learn.Ridge().fit(X, y))
  const copied = deserialize(serialize(state)) as learn.LearnedState
  assert.throws(() => learn.restore(new learn.Ridge(), copied), {
    code: 'ERR_FORMAT',
    message:
      'Expected `coef_` of Ridge to be an NDArray of float64 of shape (any) or (any, any), got the fields of one without its class. ' +
      'serialize(), structuredClone() and JSON lose it: save arrays with saveArray() and open them with openArray().',
  })
})
