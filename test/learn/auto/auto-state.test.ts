/** Learned values of automatic ensembles: taken out, sent, restored, refused. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, NDArray } from '../../../src/arrays/index.ts'
import {
  AutoEnsemble,
  type AutoEnsembleOptions,
  clone,
  GradientBoostingRegressor,
  KNeighborsRegressor,
  learnedState,
  type LearnedState,
  Pipeline,
  restore,
  Ridge,
  StandardScaler,
} from '../../../src/learn/index.ts'
import type { Table } from '../../../src/tables/index.ts'
import { randomProblem } from '../random-problem.ts'
import { mixedTable } from '../table-of-mixed-columns.ts'

const n = 120
const { X, y } = randomProblem(n, 3)
const labels = Array.from(y.data, (value) => (value > 4 ? 'high' : value > 2 ? 'mid' : 'low'))
const quick: AutoEnsembleOptions = { preset: 'quick' }

/** A new ensemble with the same options and what another one has learned, all but its arrays sent as JSON. */
function copyOf(ensemble: AutoEnsemble): AutoEnsemble {
  const arrays: unknown[] = []
  const json = JSON.stringify(learnedState(ensemble), (_, value: unknown) => {
    if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) }
    if (!ArrayBuffer.isView(value) && !(value instanceof NDArray)) return value
    return { $array: arrays.push(value instanceof NDArray ? value.copy() : value) - 1 }
  })
  const state: unknown = JSON.parse(
    json,
    (_, value: { $number?: string; $array?: number } | null) => {
      if (value?.$number !== undefined) return Number(value.$number)
      return value?.$array === undefined ? value : arrays[value.$array]
    },
  )
  return restore(clone(ensemble), state as LearnedState)
}

const cases: Readonly<
  Record<
    string,
    readonly [AutoEnsembleOptions, NDArray | Table, NDArray | readonly string[] | string]
  >
> = {
  numbers: [{ preset: 'good' }, X, y],
  classes: [{ preset: 'good' }, X, labels],
  'two classes': [quick, X, labels.map((label) => (label === 'mid' ? 'low' : label))],
  'a table': [{ preset: 'good' }, mixedTable(200), 'price'],
  'classes of a table': [quick, mixedTable(200), 'kind'],
  'all learners': [{ preset: 'best', timeLimitMs: 1e9 }, X.rows(0, 60), y.rows(0, 60)],
  'learners of its own': [
    {
      learners: {
        scaled: new Pipeline({ steps: [new StandardScaler(), new Ridge()] }),
        near: new KNeighborsRegressor({ neighbors: 3 }),
        trees: new GradientBoostingRegressor({ maxIter: 5, minSamplesLeaf: 5 }),
      },
      folds: 3,
    },
    X,
    y,
  ],
  'a single learner': [{ learners: { ridge: new Ridge() }, folds: 2 }, X, y],
}

describe('what is restored predicts the same bytes', () => {
  for (const [name, [options, values, target]] of Object.entries(cases))
    test(name, async () => {
      const ensemble = await new AutoEnsemble(options).fit(values, target)
      const copy = copyOf(ensemble)
      assert.deepEqual(await copy.predict(values), await ensemble.predict(values))
      if (ensemble.learns === 'classes')
        assert.deepEqual(
          (await copy.predictProba(values)).toArray(),
          (await ensemble.predictProba(values)).toArray(),
        )
      assert.deepEqual(copy.classes_, ensemble.classes_)
      assert.deepEqual(copy.weights, ensemble.weights)
      assert.equal(String(copy.leaderboard), String(ensemble.leaderboard))
      assert.deepEqual(copy.outOfFoldColumns, ensemble.outOfFoldColumns)
      assert.throws(() => copy.outOfFold, { code: 'ERR_NOT_FITTED' })
      assert.equal(
        await copy.score(values, target as NDArray),
        await ensemble.score(values, target as NDArray),
      )
    })

  test('two layers', async () => {
    const large = randomProblem(2000, 4)
    const target = array(
      Float64Array.from({ length: 2000 }, (_, row) =>
        Math.sign(large.X.get(row, 0) * large.X.get(row, 1)),
      ),
    )
    const options = {
      preset: 'best',
      learners: ['linear', 'boosting', 'extraTrees'],
      folds: 2,
    } as const
    const ensemble = await new AutoEnsemble(options).fit(large.X, target)
    assert.notEqual(ensemble.leaderboard.secondLayer, undefined)
    const copy = copyOf(ensemble)
    assert.deepEqual(copy.leaderboard.toJSON(), ensemble.leaderboard.toJSON())
    assert.deepEqual(
      (await copy.predict(large.X)).toArray(),
      (await ensemble.predict(large.X)).toArray(),
    )
  })

  test('trees that had little time', async () => {
    const ensemble = new AutoEnsemble({ preset: 'good', timeLimitMs: 400 })
    await ensemble.fit(X, y)
    const copy = copyOf(ensemble)
    assert.deepEqual((await copy.predict(X)).toArray(), (await ensemble.predict(X)).toArray())
  })
})

test('values of another class, of other options, and damaged ones are refused by name', async () => {
  const ensemble = await new AutoEnsemble(quick).fit(X, y)
  const state = learnedState(ensemble) as Record<string, never>
  const refuses = (changed: object, name: string): void => {
    const copy = new AutoEnsemble(quick)
    assert.throws(
      () => restore(copy, { ...state, ...changed }),
      (error: Error & { code: string; details: { name: string } }) =>
        error.code === 'ERR_FORMAT' && error.details.name === name,
      name,
    )
    assert.equal(Object.hasOwn(copy, 'layers_'), false)
  }
  const [first, second] = state['layers_'] as unknown as readonly { members: readonly object[] }[]
  const withMember = (changed: object): object => ({
    layers_: [
      { members: [{ ...first!.members[0], ...changed }, ...first!.members.slice(1)] },
      second,
    ],
  })
  refuses({ columnsIn_: 0 }, 'columnsIn_')
  refuses({ task_: 'ranking' }, 'task_')
  refuses({ targetShape_: [2] }, 'targetShape_')
  refuses({ listedFor_: null }, 'listedFor_')
  refuses({ layers_: [first] }, 'layers_')
  refuses({ layers_: [second, second] }, 'layers_')
  refuses({ layers_: [{ members: first!.members.slice(1) }, second] }, 'meta_')
  refuses(withMember({ name: 'other' }), 'name')
  refuses(withMember({ models: [] }), 'models')
  refuses(withMember({ method: 'predictProba' }), 'method')
  refuses(withMember({ rowShape: [2] }), 'rowShape')
  refuses(withMember({ hasSteps: 1 }), 'hasSteps')
  refuses({ propagated_: Int32Array.of(7) }, 'propagated_')
  refuses({ leaderboard_: {} }, 'secondLayer')
  assert.throws(() => restore(new Ridge(), state), { code: 'ERR_FORMAT' })
  assert.throws(() => restore(new AutoEnsemble({ ...quick, task: 'classification' }), state), {
    code: 'ERR_FORMAT',
    message:
      /^Expected `task_` of AutoEnsemble to be 'classification', as the option, got 'regression'\./,
  })
  assert.throws(() => learnedState(new AutoEnsemble()), { code: 'ERR_NOT_FITTED' })
})
