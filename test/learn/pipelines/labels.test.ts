/** Pipelines with labels of any kind: learned and predicted as alone. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray } from '../../../src/arrays/index.ts'
import {
  BaseEstimator,
  clone,
  ColumnTransformer,
  type Estimator,
  GaussianNB,
  LinearSVC,
  LogisticRegression,
  Pipeline,
  Ridge,
  SelectKBest,
  SimpleImputer,
  StandardScaler,
  SVC,
  TargetEncoder,
  type Transformer,
} from '../../../src/learn/index.ts'
import type { LabelInput } from '../../../src/learn/inputs/labels.ts'

const n = 40
const X = array(Array.from({ length: n }, (_, i) => [i % 7, (i % 2) + i / n, i % 3]))
const labelsOf = <L>(one: L, other: L): L[] =>
  Array.from({ length: n }, (_, i) => (i % 2 === 0 ? one : other))

/** What a pipeline says, with the types of any labels. */
interface Model {
  readonly classes_: unknown
  fit(X: NDArray, y: LabelInput, options?: object): Promise<unknown>
  predict(X: NDArray, options?: object): Promise<NDArray | unknown[]>
  predictProba(X: NDArray, options?: object): Promise<NDArray>
}

const modelOf = (steps: readonly (Transformer | Estimator)[]): Model => new Pipeline({ steps })

const listOf = (found: NDArray | unknown[]): unknown[] =>
  Array.isArray(found) ? found : (found.toArray() as unknown[])

const kinds: Record<string, { y: LabelInput; labels: unknown[] }> = {
  texts: { y: labelsOf('no', 'yes'), labels: labelsOf('no', 'yes') },
  'true and false': { y: labelsOf(true, false), labels: labelsOf(true, false) },
  numbers: { y: labelsOf(7, -2), labels: labelsOf(7, -2) },
  'integers of 64 bits': {
    y: BigInt64Array.from(labelsOf(7n, 3n)),
    labels: labelsOf(7, 3),
  },
}

const columns = (): Transformer =>
  new ColumnTransformer({
    transformers: {
      sizes: { columns: [0, 1], transformer: new StandardScaler() },
      best: { columns: [1, 2], transformer: new SelectKBest({ k: 1 }) },
    },
  })

const shapes: Record<string, () => (Transformer | Estimator)[]> = {
  'a classifier alone': () => [new LogisticRegression()],
  'a scaler first': () => [new StandardScaler(), new LogisticRegression()],
  'missing values filled first': () => [
    new SimpleImputer(),
    new StandardScaler(),
    new GaussianNB(),
  ],
  'columns chosen by the target': () => [new SelectKBest({ k: 1 }), new LogisticRegression()],
  'parts of columns, of which one learns from the target': () => [
    columns(),
    new LogisticRegression(),
  ],
  'a pipeline as the learner': () => [
    new StandardScaler(),
    new Pipeline({ steps: [new SelectKBest({ k: 2 }), new LogisticRegression()] }),
  ],
  'a pipeline as a step that learns from the target': () => [
    new Pipeline({ steps: [new StandardScaler(), new SelectKBest({ k: 2 })] }),
    new LogisticRegression(),
  ],
}

for (const [kind, { y, labels }] of Object.entries(kinds)) {
  describe(`labels that are ${kind}`, () => {
    for (const [name, steps] of Object.entries(shapes)) {
      test(`are predicted: ${name}`, async () => {
        const model = modelOf(steps())
        await model.fit(X, y)
        assert.deepEqual(listOf(await model.predict(X)), labels)
        const rows = [5, 2, 8]
        const some = await model.predict(X, { rows })
        assert.deepEqual(
          listOf(some),
          rows.map((row) => labels[row]),
        )
        assert.deepEqual(listOf(await model.predict(X, { rows: [] })), [])
        const shares = await model.predictProba(X)
        const order = Array.from(model.classes_ as unknown[])
        assert.deepEqual(
          Array.from({ length: n }, (_, i) => order[shares.get(i, 0) > shares.get(i, 1) ? 0 : 1]),
          labels,
        )
      })
    }

    test('are learned from chosen rows with weights, like their codes', async () => {
      const options = { rows: { ranges: [[3, 31]] }, weights: labelsOf(1, 3) } as const
      const make = (): Model =>
        new Pipeline({
          steps: [new StandardScaler(), new LogisticRegression()],
        })
      const [model, coded] = [make(), make()]
      await model.fit(X, y, options)
      const order = Array.from(model.classes_ as unknown[])
      await coded.fit(
        X,
        Float64Array.from(labels, (label) => order.indexOf(label)),
        options,
      )
      assert.deepEqual(
        (await model.predictProba(X)).toArray(),
        (await coded.predictProba(X)).toArray(),
      )
    })
  })
}

test('a pipeline decides as its learner does', async () => {
  const y = labelsOf('no', 'yes')
  const rows = [3, 1, 8]
  const scaled = await (await new StandardScaler().fit(X)).transform(X)
  const learners = [new SVC(), new LinearSVC()] as const
  for (const learner of learners) {
    const model = await new Pipeline({ steps: [new StandardScaler(), learner] }).fit(X, y)
    const alone = await clone<SVC | LinearSVC>(learner).fit(scaled, y)
    const expected = (await alone.decisionFunction(scaled)).toArray() as number[]
    const found = (await model.decisionFunction(X)).toArray() as number[]
    assert.ok(found.every((value, i) => Math.abs(value - expected[i]!) < 1e-8))
    const few = (await model.decisionFunction(X, { rows })).toArray() as number[]
    assert.ok(few.every((value, i) => Math.abs(value - expected[rows[i]!]!) < 1e-8))
    await assert.rejects(
      new Pipeline({ steps: [new StandardScaler(), clone(learner)] }).decisionFunction(X),
      { code: 'ERR_NOT_FITTED' },
    )
  }
  assert.equal(new Pipeline({ steps: [new Ridge()] }).decisionFunction, undefined)
})

test('labels of many blocks are listed in the order of the rows', async () => {
  const values = Float64Array.from({ length: 600_000 }, (_, i) => i % 3)
  const matrix = array(values, { shape: [600_000, 1] })
  const steps = [new StandardScaler(), new GaussianNB()]
  const model = await new Pipeline({ steps }).fit(array([[0], [1], [2], [0.1], [1.1], [2.1]]), [
    'a',
    'b',
    'c',
    'a',
    'b',
    'c',
  ])
  const found = await model.predict(matrix)
  assert.equal(found.length, 600_000)
  assert.ok(found.every((label, i) => label === 'abc'[i % 3]))
})

test('labels are read as they were when fit was called', async () => {
  const labels = labelsOf('no', 'yes')
  const given = [...labels]
  const steps = [new StandardScaler(), new LogisticRegression()]
  const fitting = new Pipeline({ steps }).fit(X, given)
  given.fill('changed')
  assert.deepEqual(await (await fitting).predict(X), labels)
})

test('a learner of a user gets the list of labels, and numbers in an array', async () => {
  const seen: unknown[] = []
  class Learner extends BaseEstimator implements Estimator {
    async fit(_X: NDArray, y: NDArray): Promise<this> {
      seen.push(y)
      return this
    }
    async predict(rows: NDArray): Promise<NDArray> {
      return rows.column(0)
    }
  }
  const steps = [new StandardScaler(), new Learner()]
  const texts = labelsOf('no', 'yes')
  await new Pipeline({ steps }).fit(X, texts)
  await new Pipeline({ steps }).fit(X, labelsOf(1, 2))
  assert.deepEqual(seen[0], texts)
  assert.deepEqual((seen[1] as NDArray).toArray(), labelsOf(1, 2))
})

describe('labels that can not be learned or written', () => {
  const fit = (steps: (Transformer | Estimator)[], y: LabelInput): Promise<unknown> =>
    modelOf(steps).fit(X, y)
  const last = (): Estimator => new LogisticRegression()

  test('a list of another length', async () => {
    await assert.rejects(fit([new StandardScaler(), last()], ['a', 'b']), {
      code: 'ERR_SHAPE',
      message: 'Expected `y` to have 40 rows like `X`, got 2. Both must describe the same samples.',
    })
    await assert.rejects(
      new ColumnTransformer({
        transformers: { best: { columns: [1, 2], transformer: new SelectKBest({ k: 1 }) } },
      }).fit(X, ['a', 'b']),
      { code: 'ERR_SHAPE' },
    )
  })

  test('texts for steps and learners that need numbers', async () => {
    const texts = labelsOf('no', 'yes')
    const message =
      "Expected a number in `y` at row 0 (counted from 0), got 'no'. Targets are numbers here. " +
      'Texts are labels for classifiers, such as LogisticRegression: see docs/classes.md.'
    for (const steps of [
      [new StandardScaler(), new Ridge()],
      [new TargetEncoder(), last()],
    ])
      await assert.rejects(fit(steps, texts), { name: 'TypeError', message })
    await assert.rejects(fit([new SelectKBest({ score: 'fRegression', k: 1 }), last()], texts), {
      name: 'TypeError',
      message:
        "Expected numbers in `y` for score: 'fRegression' of SelectKBest, got 'no' in row 0. Use score: 'fClassif' for labels.",
    })
  })

  test('an array to write texts to', async () => {
    const steps = [new StandardScaler(), new LogisticRegression()]
    const model = await new Pipeline({ steps }).fit(X, labelsOf('no', 'yes'))
    const expected = {
      code: 'ERR_OPTION',
      message:
        'Expected no `out` for labels that are not numbers, got one. Use the list that predict() returns.',
    }
    const before = X.toArray()
    for (const out of [array(new Float64Array(n)), X.column(0)])
      await assert.rejects(model.predict(X, { out }), expected)
    assert.deepEqual(X.toArray(), before)
  })
})
