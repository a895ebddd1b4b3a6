/** Trees learn from tables: columns in place, texts as categories, cells without a value as missing values. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, NDArray, zeros } from '../../../src/arrays/index.ts'
import {
  clone,
  DecisionTreeClassifier,
  DecisionTreeRegressor,
  ExtraTreesRegressor,
  GradientBoostingClassifier,
  GradientBoostingRegressor,
  learnedState,
  OneHotEncoder,
  plotTree,
  RandomForestClassifier,
  RandomForestRegressor,
  restore,
  Ridge,
} from '../../../src/learn/index.ts'
import type {
  InteractionConstraints,
  MonotonicConstraints,
} from '../../../src/learn/trees/column-options.ts'
import type { TreeEnsemble } from '../../../src/learn/trees/tree-ensemble.ts'
import {
  CategoryColumn,
  type Column,
  designMatrix,
  NumberColumn,
  Table,
} from '../../../src/tables/index.ts'
import { mixedTable, withColumn } from '../table-of-mixed-columns.ts'

const table = mixedTable(600)
const features = ['size', 'city', 'age']
const data = table.select([...features, 'price'])
const made = designMatrix(data, { target: 'price', categories: 'ordinal', missing: 'keep' })

const regressors: Record<string, (categories?: readonly number[]) => TreeEnsemble> = {
  boosting: (categoricalFeatures = []) =>
    new GradientBoostingRegressor({ maxIter: 20, categoricalFeatures }),
  forest: (categoricalFeatures = []) =>
    new RandomForestRegressor({ trees: 10, categoricalFeatures }),
  'extra trees': (categoricalFeatures = []) =>
    new ExtraTreesRegressor({ trees: 10, categoricalFeatures }),
  tree: (categoricalFeatures = []) => new DecisionTreeRegressor({ categoricalFeatures }),
}

async function valuesOf(predicted: Promise<NDArray>): Promise<number[]> {
  return (await predicted).toArray() as number[]
}

/** Learned values without the place of their memory. */
function plain(state: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const values = Object.entries(state).map(([name, value]): [string, unknown] => [
    name,
    value instanceof NDArray ? value.toArray() : value,
  ])
  return Object.fromEntries(values)
}

describe('a regressor of trees on a table', () => {
  for (const [what, make] of Object.entries(regressors)) {
    test(`${what}: has the same bytes as on a matrix with categories by number`, async () => {
      const own = make()
      await own.fit(data, 'price')
      const other = await make([1]).fit(made.X, made.y)
      const { featureNamesIn_, featureCategoriesIn_, ...state } = learnedState(own)
      assert.deepEqual(plain(state), plain(learnedState(other)))
      assert.deepEqual(featureNamesIn_, features)
      assert.deepEqual(featureCategoriesIn_, [null, ['Bern', 'Nice', 'Oslo', 'Rome'], null])
    })
  }

  test('predicts tables with columns in any order, with more of them and with other codes', async () => {
    const model = await new GradientBoostingRegressor({ maxIter: 20 }).fit(data, 'price')
    const expected = await valuesOf(model.predict(made.X))
    assert.deepEqual(await valuesOf(model.predict(table)), expected)
    assert.deepEqual(await valuesOf(model.predict(table.select(['age', 'city', 'size']))), expected)
    const texts = ['Paris', 'Rome', 'Nice', 'Oslo', 'Bern']
    assert.deepEqual(await valuesOf(model.predict(mixedTable(600, { texts }))), expected)
  })

  test('takes texts that it does not know, and columns without any value, for missing values', async () => {
    const model = await new GradientBoostingRegressor({ maxIter: 20 }).fit(data, 'price')
    const none = zeros([600], 'float64')
    none.data.fill(NaN)
    const missing = await valuesOf(model.predict(withColumn(table, new NumberColumn('city', none))))
    const city = new CategoryColumn('city', array(new Int8Array(600)), ['Atlantis'])
    assert.deepEqual(await valuesOf(model.predict(withColumn(table, city))), missing)
    const size = new CategoryColumn('size', array(new Int8Array(600).fill(-1)), [])
    const X = made.X.copy()
    for (let i = 0; i < 600; i++) X.set(NaN, i, 0)
    assert.deepEqual(
      await valuesOf(model.predict(withColumn(table, size))),
      await valuesOf(model.predict(X)),
    )
  })

  test('takes rows, weights, columns as target, arrays as target, and writes to out', async () => {
    const rows = { ranges: [[0, 400]] } as const
    const weights = Float64Array.from({ length: 600 }, (_, i) => i % 3)
    const make = (): RandomForestRegressor => new RandomForestRegressor({ trees: 5 })
    const expected = await make().fit(data, 'price', { rows, weights })
    const byColumn = await make().fit(data, data.column('price'), { rows, weights })
    const byArray = await make().fit(table.select(features), made.y, { rows, weights })
    for (const model of [byColumn, byArray])
      assert.deepEqual(plain(learnedState(model)), plain(learnedState(expected)))
    const out = zeros([600], 'float64')
    assert.equal(await expected.predict(table, { rows: [5, 3], out }), out)
    const all = await valuesOf(expected.predict(table))
    assert.deepEqual([out.get(5), out.get(3), out.get(4)], [all[5], all[3], 0])
    assert.deepEqual(await valuesOf(expected.predict(table, { rows: [5, 3] })), [all[5], all[3]])
  })

  test('takes columns of numbers as categories by name', async () => {
    const named = new DecisionTreeRegressor({ categoricalFeatures: ['age'] })
    await named.fit(data, 'price')
    const numbered = await new DecisionTreeRegressor({ categoricalFeatures: [1, 2] }).fit(
      made.X,
      made.y,
    )
    assert.deepEqual(named.nodes_.toArray(), numbered.nodes_.toArray())
    await assert.rejects(
      new DecisionTreeRegressor({ categoricalFeatures: ['aged'] }).fit(data, 'price'),
      {
        code: 'ERR_OPTION',
        message:
          "Expected `categoricalFeatures` to name columns of the table, got 'aged'. Did you mean 'age'?",
      },
    )
    await assert.rejects(
      new DecisionTreeRegressor({ categoricalFeatures: ['age'] }).fit(made.X, made.y),
      {
        code: 'ERR_OPTION',
      },
    )
  })

  test('takes columns that predictions rise or fall with by name', async () => {
    const options = { maxIter: 20, categoricalFeatures: ['city'] }
    const fit = (monotonicCst: MonotonicConstraints) =>
      new GradientBoostingRegressor({ ...options, monotonicCst }).fit(data, 'price')
    const named = await fit({ age: -1, size: 1 })
    assert.deepEqual(named.nodes_.toArray(), (await fit([1, 0, -1])).nodes_.toArray())
    assert.notDeepEqual(named.nodes_.toArray(), (await fit({})).nodes_.toArray())
    assert.deepEqual(clone(named).monotonicCst, { age: -1, size: 1 })
    const forest = new RandomForestRegressor({ trees: 3, monotonicCst: { age: -1 } })
    const numbered = new RandomForestRegressor({ trees: 3, monotonicCst: [0, 0, -1] })
    await Promise.all([forest.fit(data, 'price'), numbered.fit(data, 'price')])
    assert.deepEqual(forest.nodes_.toArray(), numbered.nodes_.toArray())
    const what = 'Expected `monotonicCst` of GradientBoostingRegressor to be'
    const refusals: [MonotonicConstraints, string][] = [
      [
        { aged: 1 },
        "Expected `monotonicCst` to name columns of the table, got 'aged'. Did you mean 'age'?",
      ],
      [{ age: 2 }, `${what} 1, -1 or 0 for each of 3 columns, got 2.`],
      [
        { city: 1 },
        `${what} 0 for columns of \`categoricalFeatures\`, which have no order, got 1 for column 'city'.`,
      ],
    ]
    for (const [given, message] of refusals)
      await assert.rejects(fit(given), { code: 'ERR_OPTION', message })
    await assert.rejects(
      new GradientBoostingRegressor({ monotonicCst: { age: 1 } }).fit(made.X, made.y),
      {
        code: 'ERR_OPTION',
        message: `${what} 1, -1 or 0 for each of 3 columns, got names of columns. Columns of a matrix have no names.`,
      },
    )
    await assert.rejects(fit('age' as never), {
      name: 'TypeError',
      message: `${what} 1, -1 or 0 for each of 3 columns, got 'age'.`,
    })
  })

  test('takes columns that may interact by name', async () => {
    const fit = (interactionConstraints: InteractionConstraints) =>
      new GradientBoostingRegressor({ maxIter: 10, interactionConstraints }).fit(data, 'price')
    const named = await fit([['size', 'city']])
    assert.deepEqual(named.nodes_.toArray(), (await fit([[0, 1]])).nodes_.toArray())
    assert.notDeepEqual(named.nodes_.toArray(), (await fit([['age', 'city']])).nodes_.toArray())
    await assert.rejects(fit([['size', 'town']]), {
      code: 'ERR_OPTION',
      message:
        "Expected `interactionConstraints` to name columns of the table, got 'town'. There are 'size', 'city', 'age'.",
    })
    const what = 'Expected `interactionConstraints` of GradientBoostingRegressor to be'
    await assert.rejects(fit(['size'] as never), {
      name: 'TypeError',
      message: `${what} a list of whole numbers of columns from 0 to 2, each once, got 'size'. Put names of columns in a list.`,
    })
    const options = { interactionConstraints: [['size']] }
    await assert.rejects(new GradientBoostingRegressor(options).fit(made.X, made.y), {
      code: 'ERR_OPTION',
      message: `${what} whole numbers of columns from 0 to 2, each once, got 'size'. Columns of a matrix have no names.`,
    })
  })

  test('continues a model by its names and categories', async () => {
    const first = await new GradientBoostingRegressor({ maxIter: 10 }).fit(data, 'price')
    const texts = ['Rome', 'Nice', 'Oslo', 'Bern']
    const again = mixedTable(600, { texts }).select(['price', 'age', 'size', 'city'])
    const model = new GradientBoostingRegressor({ maxIter: 10 })
    await model.fit(again, 'price', { continueFrom: first })
    const whole = await new GradientBoostingRegressor({ maxIter: 20 }).fit(data, 'price')
    assert.deepEqual(model.featureNamesIn_, features)
    assert.deepEqual(await valuesOf(model.predict(table)), await valuesOf(whole.predict(table)))
  })

  test('refuses to learn what the model that it continues learns from', async () => {
    const first = await new GradientBoostingRegressor({ maxIter: 2 }).fit(data, 'price')
    const go = (y: string | Column, more: { weights?: string } = {}): Promise<unknown> =>
      new GradientBoostingRegressor({ maxIter: 2 }).fit(data, y, { continueFrom: first, ...more })
    for (const y of ['age', data.column('age')]) {
      await assert.rejects(go(y), {
        code: 'ERR_INDEX',
        message:
          "Expected a target and weights that `continueFrom` doesn't learn from, got column 'age', which is one of its features. " +
          'Fit a new model, or name the columns that it was fitted with.',
      })
    }
    await assert.rejects(go('price', { weights: 'size' }), { details: { column: 'size' } })
    await go(data.column('price'))
  })

  test('explains rows of a table', async () => {
    const model = await new DecisionTreeRegressor({ maxDepth: 4 }).fit(data, 'price')
    const { values } = await model.shapValues(table, { background: data, rows: [1, 2] })
    const expected = await model.shapValues(made.X, { background: made.X, rows: [1, 2] })
    assert.deepEqual(values.toArray(), expected.values.toArray())
  })
})

describe('a classifier of trees on a table', () => {
  const classifiers = {
    boosting: () => new GradientBoostingClassifier({ maxIter: 10 }),
    forest: () => new RandomForestClassifier({ trees: 10 }),
    tree: () => new DecisionTreeClassifier(),
  }
  for (const [what, make] of Object.entries(classifiers)) {
    test(`${what}: learns and predicts the texts of a column`, async () => {
      const own = table.without(['price'])
      const model = await make().fit(own, 'kind')
      const labels = own.column('kind').toArray() as string[]
      const expected = await make().fit(own.select(features), labels)
      assert.deepEqual(await model.predict(table), await expected.predict(table))
      assert.deepEqual(
        await valuesOf(model.predictProba(table)),
        await valuesOf(expected.predictProba(table)),
      )
    })
  }
})

describe('a table that does not fit', () => {
  const model = new DecisionTreeRegressor()
  test('lacks a column, or has one of another kind', async () => {
    await model.fit(data, 'price')
    await assert.rejects(model.predict(table.without(['age'])), {
      code: 'ERR_INDEX',
      message:
        "Expected a column 'age', as in the table that this DecisionTreeRegressor was fitted on, got a table without it. There are 'size', 'city', 'price', 'kind'.",
    })
    const age = new CategoryColumn('age', array(new Int8Array(600)), ['old'])
    await assert.rejects(model.predict(withColumn(table, age)), {
      code: 'ERR_INDEX',
      message:
        "Expected numbers in column 'age', as in the table that this DecisionTreeRegressor was fitted on, got texts such as 'old'. " +
        "Read it as before: readCsv(path, { schema: { 'age': 'number' } }).",
    })
    const city = new NumberColumn('city', zeros([600], 'float64'))
    await assert.rejects(model.predict(withColumn(table, city)), { code: 'ERR_INDEX' })
  })

  test('meets a model that was fitted on an array, or not at all', async () => {
    const fitted = await new DecisionTreeRegressor().fit(made.X, made.y)
    await assert.rejects(fitted.predict(table), {
      code: 'ERR_INDEX',
      message: /^Expected an array, as when this DecisionTreeRegressor was fitted, got a Table/,
    })
    await assert.rejects(clone(model).predict(table), { code: 'ERR_NOT_FITTED' })
    await assert.rejects(
      new GradientBoostingRegressor().fit(data, 'price', {
        continueFrom: await new GradientBoostingRegressor({ maxIter: 2 }).fit(made.X, made.y),
      }),
      { code: 'ERR_INDEX' },
    )
  })

  test('has no such target, or nothing else', async () => {
    await assert.rejects(model.fit(data, 'prise'), {
      code: 'ERR_INDEX',
      message: "Expected the name of a column, got 'prise'. Did you mean 'price'?",
    })
    await assert.rejects(model.fit(data.select(['price']), 'price'), { code: 'ERR_SHAPE' })
    await assert.rejects(model.fit(made.X, 'price'), {
      name: 'TypeError',
      message:
        "Expected `y` to be the target itself, got 'price'. A name of a column goes with a Table as `X`.",
    })
    await assert.rejects(model.fit(table, 'kind'), {
      code: 'ERR_INDEX',
      message:
        /^Expected numbers in column 'kind', the target of DecisionTreeRegressor, got texts such as 'dear', 'cheap'\./,
    })
  })

  test('has rows without a label', async () => {
    const tree = new DecisionTreeClassifier()
    const hole = [...table.column('city').toArray()].findIndex((text) => text === null)
    await assert.rejects(tree.fit(table, 'city'), {
      code: 'ERR_VALUE',
      message: `Expected a label in every row of column 'city', got none in row ${hole} (counted from 0). Leave such rows out through \`rows\`.`,
    })
    const rows = [...table.column('city').missingMask().toTypedArray()].map((one) => one === 0)
    await tree.fit(table, 'city', { rows })
    assert.deepEqual([...tree.classes_], ['Bern', 'Nice', 'Oslo', 'Rome'])
  })

  test('was disposed of', async () => {
    const gone = mixedTable(20).without(['kind'])
    const whole = mixedTable(20)
    await model.fit(whole.without(['kind']), 'price')
    gone[Symbol.dispose]()
    await model.predict(gone)
    whole[Symbol.dispose]()
    await assert.rejects(model.predict(whole), { code: 'ERR_DETACHED' })
  })

  test('has damaged codes', async () => {
    const city = new CategoryColumn('city', array(new Int8Array(600).fill(9)), ['Oslo'])
    await assert.rejects(model.fit(withColumn(data, city), 'price'), { code: 'ERR_FORMAT' })
  })
})

test('names and categories are saved, restored and checked', async () => {
  const model = await new DecisionTreeRegressor().fit(data, 'price')
  const state = learnedState(model)
  const other = restore(new DecisionTreeRegressor(), state)
  assert.deepEqual(await valuesOf(other.predict(table)), await valuesOf(model.predict(table)))
  for (const wrong of [
    { featureNamesIn_: ['a', 'a', 'b'] },
    { featureNamesIn_: [1, 2, 3] },
    { featureCategoriesIn_: [null] },
    { featureCategoriesIn_: [null, [1], null] },
    { featureCategoriesIn_: [null, ['x', 'x', 'y'], null] },
    { copiedBytes_: -1 },
  ] as unknown as Record<string, never>[])
    assert.throws(() => restore(new DecisionTreeRegressor(), { ...state, ...wrong }), {
      code: 'ERR_FORMAT',
    })
})

test('a state with texts is refused by learners of numbers, and by encoders when one repeats', async () => {
  const numbers = data.select(['size', 'age', 'price'])
  const ridge = await new Ridge().fit(numbers.without(['price']), numbers.column('price'), {
    rows: [...Array(600).keys()].filter((row) => !hasHole(row)),
  })
  const texts = { ...learnedState(ridge), featureCategoriesIn_: [null, ['p', 'q']] }
  assert.throws(() => restore(new Ridge(), texts), {
    code: 'ERR_FORMAT',
    message:
      /^Expected `featureCategoriesIn_` of Ridge to be null for each name, as it learns from columns of numbers, got .*Pass what learnedState\(\) returned\.$/,
  })
  assert.equal(restore(new Ridge(), learnedState(ridge)).featureNamesIn_?.length, 2)
  const encoder = await new OneHotEncoder().fit(data.select(['city']))
  const state = learnedState(encoder)
  const repeated = { ...state, featureCategoriesIn_: [['x', 'x', 'y']] }
  assert.throws(() => restore(new OneHotEncoder(), repeated), {
    code: 'ERR_FORMAT',
    message: /^Expected `featureCategoriesIn_` of OneHotEncoder to be /,
  })
  assert.deepEqual(restore(new OneHotEncoder(), state).featureNamesIn_, ['city'])
})

/** Whether a row has a cell without a number. */
function hasHole(row: number): boolean {
  return ['size', 'age'].some((name) =>
    Number.isNaN((data.column(name) as NumberColumn).values.get(row)),
  )
}

test('a fit on an array after one on a table forgets its names', async () => {
  const model = await new DecisionTreeRegressor().fit(data, 'price')
  await model.fit(made.X, made.y)
  assert.equal(model.featureNamesIn_, undefined)
})

describe('plotTree of a model that was fitted on a table', () => {
  const cityOf = (svg: string): string | undefined => /<title>(city in \{.*?\}),/.exec(svg)?.[1]

  test('has the names of columns and the texts of categories', async () => {
    const model = await new DecisionTreeRegressor({ maxDepth: 3 }).fit(data, 'price')
    const svg = plotTree(model)
    assert.match(svg, />size &lt;= [\d.]+</)
    assert.doesNotMatch(svg, /x\[\d\]/)
    assert.equal(cityOf(svg), 'city in {Rome}')
    assert.equal(plotTree(restore(new DecisionTreeRegressor(), learnedState(model))), svg)
  })

  test('has the names that are given, and numbers of categories that are numbers', async () => {
    const model = await new DecisionTreeRegressor({
      maxDepth: 3,
      categoricalFeatures: ['age'],
    }).fit(data, 'price')
    const svg = plotTree(model, { names: ['m²', 'place', 'years'] })
    assert.match(svg, />m² &lt;= [\d.]+</)
    assert.match(svg, />place in \{Rome\}</)
    assert.match(svg, /<title>years in \{\d+, \d+/)
    assert.doesNotMatch(svg, /(size|city|age) /)
  })

  test('cuts a long list of categories in its box, and has all of them in its title', async () => {
    const texts = Array.from({ length: 40 }, (_, k) => `city of number ${k}`)
    const codes = Int8Array.from({ length: 600 }, (_, i) => i % 40)
    const X = new Table([new CategoryColumn('city', array(codes), texts)])
    const y = Float64Array.from(codes, (code) => (code % 2) * 5)
    const svg = plotTree(await new DecisionTreeRegressor().fit(X, y))
    assert.match(svg, />city in \{city of nu…</)
    assert.equal(cityOf(svg)!.split(', ').length, 20)
  })
})
