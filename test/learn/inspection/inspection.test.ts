/** Permutation importances and partial dependence: columns that matter, rows, weights, refusals. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray, zeros } from '../../../src/arrays/index.ts'
import {
  GradientBoostingRegressor,
  LinearRegression,
  LogisticRegression,
  mae,
  makeScorer,
  partialDependence,
  permutationImportance,
  Pipeline,
  RandomForestClassifier,
  RidgeClassifier,
  StandardScaler,
} from '../../../src/learn/index.ts'
import { randomNumbers } from '../../native/matrices.ts'

/** y = 3 a - 2 b; column c is noise. */
function plane(n: number): { X: NDArray<'float64'>; y: NDArray<'float64'> } {
  const random = randomNumbers(n)
  const X = zeros([n, 3], 'float64')
  for (let at = 0; at < X.size; at++) X.data[at] = random()
  const y = Float64Array.from({ length: n }, (_, i) => 3 * X.get(i, 0) - 2 * X.get(i, 1))
  return { X, y: array(y) }
}

describe('permutation importance', () => {
  const { X, y } = plane(3_000)

  test('R² falls by twice the share of the variance that a column explains', async () => {
    const model = await new LinearRegression().fit(X, y)
    const found = await permutationImportance(model, X, y, { repeats: 4 })
    assert.ok(Math.abs(found.score - 1) < 1e-12)
    assert.deepEqual(found.importances.shape, [3, 4])
    // The columns have the same variance, and 9 and 4 parts of that of y.
    for (const [j, expected] of [(2 * 9) / 13, (2 * 4) / 13, 0].entries())
      assert.ok(Math.abs(found.means[j]! - expected) < 0.08, `${found.means[j]}`)
    assert.ok(found.deviations[0]! > 0 && found.deviations[0]! < 0.1)
    const again = await permutationImportance(model, X, y, { repeats: 4 })
    assert.deepEqual(again.importances.toArray(), found.importances.toArray())
    const other = await permutationImportance(model, X, y, { repeats: 4, seed: 1 })
    assert.notDeepEqual(other.importances.toArray(), found.importances.toArray())
  })

  test('columns that are shuffled together keep their rows, and count once', async () => {
    // The sum of both is all that the model reads; each alone says nothing of it.
    const pair = zeros([1_000, 3], 'float64')
    const random = randomNumbers(5)
    for (let i = 0; i < 1_000; i++) {
      const [sum, part] = [random(), 100 * random()]
      for (const [j, value] of [part, sum - part, random()].entries()) pair.set(value, i, j)
    }
    const sums = Float64Array.from({ length: 1_000 }, (_, i) => pair.get(i, 0) + pair.get(i, 1))
    const model = await new LinearRegression().fit(pair, array(sums))
    const together = [[0, 1], [2]]
    const found = await permutationImportance(model, pair, array(sums), { together, repeats: 3 })
    assert.deepEqual(found.importances.shape, [2, 3])
    assert.ok(found.means[0]! > 1.5 && found.means[0]! < 2.5, `${found.means[0]}`)
    assert.ok(Math.abs(found.means[1]!) < 1e-9)
    const alone = await permutationImportance(model, pair, array(sums), { repeats: 3 })
    assert.ok(alone.means[0]! > 1000)
    const each = await permutationImportance(model, pair, array(sums), {
      together: [[0], [1], [2]],
      repeats: 3,
    })
    assert.deepEqual(each, alone)
  })

  test('lists of columns that are none are refused', async () => {
    const model = await new LinearRegression().fit(X, y)
    const call = (together: unknown) =>
      permutationImportance(model, X, y, { together: together as number[][] })
    await assert.rejects(call([[0], [3]]), {
      code: 'ERR_INDEX',
      message: 'Expected `together` to hold numbers of columns from 0 to 2, got 3.',
    })
    for (const wrong of [[0, 1], 3, [[-1]], [['a']]])
      await assert.rejects(call(wrong), {
        name: 'TypeError',
        message:
          /^Expected `together` to hold lists of numbers of columns, such as \[\[0\], \[1, 2\]\], got /,
      })
  })

  test('chosen rows give what copies of them give, and errors count as lost', async () => {
    const model = await new LinearRegression().fit(X, y)
    const rows = Array.from({ length: 500 }, (_, i) => 5 * i + 2)
    const weights = Float64Array.from({ length: 3_000 }, (_, i) => 1 + (i % 3))
    const chosen = await permutationImportance(model, X, y, { rows, weights, scorer: mae })
    const copied = await permutationImportance(
      model,
      rows.map((i) => X.rows(i, i + 1).toTypedArray()),
      rows.map((i) => y.get(i)),
      { weights: rows.map((i) => weights[i]!), scorer: 'mae' },
    )
    assert.deepEqual(chosen.means, copied.means)
    assert.ok(chosen.means[0]! > chosen.means[1]! && chosen.means[1]! > 0.1)
  })

  test('of classifiers the share of right labels is lost', async () => {
    const labels = array(y.data.map((value) => (value > 0.5 ? 1 : 0)))
    const model = await new RandomForestClassifier({ trees: 10 }).fit(X, labels)
    const { score, means } = await permutationImportance(model, X, labels)
    assert.ok(score > 0.97 && score <= 1)
    assert.ok(means[0]! > means[1]! && means[1]! > 0.1 && Math.abs(means[2]!) < 0.05, means.join())
  })

  test('of classifiers without probabilities the share of right labels is lost, too', async () => {
    const labels = array(y.data.map((value) => (value > 0.5 ? 7 : 3)))
    const pipeline = new Pipeline({ steps: [new StandardScaler(), new RidgeClassifier()] })
    for (const model of [new RidgeClassifier(), pipeline]) {
      await model.fit(X, labels)
      const predicted = (await model.predict(X)).toTypedArray()
      const right = labels.toTypedArray().filter((label, i) => label === predicted[i]).length
      const { score } = await permutationImportance(model, X, labels, { repeats: 1 })
      assert.ok(right > 2_800 && Math.abs(score - right / 3_000) < 1e-12, `${score}`)
    }
  })

  test('texts and booleans as labels give what numbers give', async () => {
    const numbers = array(y.data.map((value) => (value > 0.5 ? 1 : 0)))
    const model = await new LogisticRegression().fit(X, numbers)
    const expected = await permutationImportance(model, X, numbers, { repeats: 2 })
    for (const names of [['low', 'high'] as const, [false, true] as const]) {
      const labels = Array.from(numbers.data, (code) => names[code]) as string[]
      const other = await new LogisticRegression().fit(X, labels)
      const found = await permutationImportance(other, X, labels, {
        repeats: 2,
      })
      assert.deepEqual(found.means, expected.means)
    }
  })

  test('labels of another type than those that the model predicts are refused', async () => {
    const numbers = array(y.data.map((value) => (value > 0.5 ? 1 : 0)))
    const texts = Array.from(numbers.data, (code) => ['low', 'high'][code]!)
    const ofTexts = await new LogisticRegression().fit(X, texts)
    await assert.rejects(permutationImportance(ofTexts, X, numbers), {
      name: 'OneCopyError',
      code: 'ERR_VALUE',
      message:
        'Expected `y` to hold labels like those that the model predicts, texts, got numbers. Pass the labels that it was fitted on.',
    })
    const ofNumbers = await new LogisticRegression().fit(X, numbers)
    await assert.rejects(permutationImportance(ofNumbers, X, texts), {
      message:
        'Expected `y` to hold labels like those that the model predicts, numbers, got texts. Pass the labels that it was fitted on.',
    })
    const regressor = await new LinearRegression().fit(X, y)
    await assert.rejects(permutationImportance(regressor, X, texts), TypeError)
  })

  test('rows of weight 0 alone are refused', async () => {
    const labels = array(y.data.map((value) => (value > 0.5 ? 1 : 0)))
    const weights = new Float64Array(3_000)
    for (const model of [new RandomForestClassifier({ trees: 2 }), new LinearRegression()]) {
      await model.fit(X, labels)
      await assert.rejects(permutationImportance(model, X, labels, { weights }), {
        code: 'ERR_ROWS',
        message: 'Expected at least one row with a weight above 0 to score, got none.',
      })
    }
  })

  test('the default of classifiers has a name', async () => {
    const labels = Array.from({ length: X.shape[0]! }, (_, i) => (X.get(i, 0) > 0 ? 'high' : 'low'))
    const model = await new LogisticRegression().fit(X, labels)
    const options = { repeats: 1, rows: { ranges: [[0, 50]] } } as const
    assert.deepEqual(
      await permutationImportance(model, X, labels, { ...options, scorer: 'accuracy' }),
      await permutationImportance(model, X, labels, options),
    )
  })

  test('wrong options, rows and targets are refused', async () => {
    const model = await new LinearRegression().fit(X, y)
    const refused: [object, string][] = [
      [{ repeats: 0 }, 'ERR_OPTION'],
      [{ seed: -1 }, 'ERR_OPTION'],
      [{ scorer: 'accuracy' }, 'ERR_OPTION'],
      [{ rows: [] }, 'ERR_ROWS'],
      [{ rows: [3_000] }, 'ERR_INDEX'],
    ]
    for (const [options, code] of refused)
      await assert.rejects(permutationImportance(model, X, y, options), { code })
    await assert.rejects(permutationImportance(model, X, y, { repeats: 0 }), {
      message: 'Expected `repeats` of permutationImportance to be a whole number >= 1, got 0.',
    })
    await assert.rejects(permutationImportance(model, X, y.rows(1)), {
      code: 'ERR_SHAPE',
      message: 'Expected `y` to have shape (3000), one target for every row of `X`, got (2999).',
    })
  })
})

describe('partial dependence', () => {
  const { X, y } = plane(800)

  test('of a plane is its slope', async () => {
    const model = await new LinearRegression().fit(X, y)
    const { values, means } = await partialDependence(model, X, 1)
    assert.equal(values.length, 50)
    const rise = (means.get(49) - means.get(0)) / (values[49]! - values[0]!)
    assert.ok(Math.abs(rise + 2) < 1e-9)
    assert.ok(values[0]! > 0.01 && values[0]! < 0.1 && values[49]! > 0.9 && values[49]! < 0.99)
  })

  test('of classes is a mean of probabilities at given values, on chosen rows', async () => {
    const labels = array(y.data.map((value) => (value > 0.5 ? 1 : 0)))
    const model = await new RandomForestClassifier({ trees: 10 }).fit(X, labels)
    const options = { rows: { ranges: [[100, 300]] }, values: [0.9, 0.1] } as const
    const { values, means } = await partialDependence(model, X, 0, options)
    assert.deepEqual([...values], [0.9, 0.1])
    assert.deepEqual(means.shape, [2, 2])
    assert.ok(Math.abs(means.get(0, 0) + means.get(0, 1) - 1) < 1e-12)
    assert.ok(means.get(0, 1) > means.get(1, 1) + 0.5)
    const changed = X.rows(100, 300).copy()
    for (let i = 0; i < 200; i++) changed.set(0.1, i, 0)
    const p = (await model.predictProba(changed)).column(1).copy().toTypedArray() as Float64Array
    const mean = p.reduce((sum, value) => sum + value, 0) / 200
    assert.ok(Math.abs(mean - means.get(1, 1)) < 1e-12)
  })

  test('few distinct values are all predicted at, and wrong columns are refused', async () => {
    const few = X.copy()
    for (let i = 0; i < 800; i++) few.set(i % 4, i, 2)
    const model = await new LinearRegression().fit(few, y)
    assert.deepEqual([...(await partialDependence(model, few, 2)).values], [0, 1, 2, 3])
    await assert.rejects(partialDependence(model, X, 3), {
      code: 'ERR_INDEX',
      message: 'Expected `column` to be a whole number from 0 to 2, got 3.',
    })
    await assert.rejects(partialDependence(model, X, 0, { rows: [] }), { code: 'ERR_ROWS' })
  })

  test('a value that the model does not predict is refused by its position, not as one of X', async () => {
    const { X, y } = plane(50)
    const ridge = await new LinearRegression().fit(X, y)
    await assert.rejects(partialDependence(ridge, X, 0, { values: [1, Number.NaN] }), {
      code: 'ERR_VALUE',
      message:
        'Expected finite numbers in `values`, got NaN at position 1, which LinearRegression does not predict. Leave it out.',
    })
    const trees = await new GradientBoostingRegressor({ maxIter: 5 }).fit(X, y)
    const { means } = await partialDependence(trees, X, 0, { values: [1, Number.NaN] })
    assert.ok([...means.data].every(Number.isFinite))
  })
})

test('predictions and scores that are none are refused, not averaged', async () => {
  const { X, y } = plane(50)
  const given = (returned: unknown) => ({ predict: () => Promise.resolve(returned as NDArray) })
  const wrong: readonly [unknown, RegExp][] = [
    [undefined, /Expected predict\(\) to return an array with 50 rows, got undefined\./],
    [zeros([3], 'float64'), /to return an array with 50 rows, got shape \(3\)\./],
    [zeros([50, 2, 2], 'float64'), /got shape \(50, 2, 2\)\./],
    [['a'], /to return a list of 50 labels, got 1\./],
    [
      array(Float64Array.from({ length: 50 }, (_, i) => (i === 7 ? Number.NaN : 1))),
      /Expected finite predictions of predict\(\), got NaN for row 7 of `X`, with changed values\./,
    ],
    [array(new Float64Array(50).fill(Infinity)), /got Infinity for row 0 of `X`/],
  ]
  for (const [returned, message] of wrong) {
    await assert.rejects(permutationImportance(given(returned), X, y), { message })
    await assert.rejects(partialDependence(given(returned), X, 0), { message })
  }
  await assert.rejects(partialDependence(given(Array<string>(50).fill('a')), X, 0), {
    code: 'ERR_VALUE',
    message:
      'Expected a model of partialDependence that predicts numbers, or has predictProba(), got one that predicts texts.',
  })
  const model = await new LinearRegression().fit(X, y)
  const scores = ['1', undefined, Number.NaN, 1n, Promise.resolve(1)]
  for (const score of scores) {
    const scorer = makeScorer(() => score as number, { greaterIsBetter: true, name: 'own' })
    await assert.rejects(permutationImportance(model, X, y, { scorer }), {
      name: 'TypeError',
      message: /^Expected the scorer own to return a number for these rows, got /,
    })
  }
})
