/** Kinds of ensembles: each is a SuperLearner that splits rows in another way. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray, type Rows, toRowNumbers } from '../../../src/arrays/index.ts'
import { rowRange } from '../../../src/arrays/internal.ts'
import {
  BlendEnsemble,
  clone,
  type Estimator,
  KFold,
  KMeans,
  KNeighborsRegressor,
  Lasso,
  LinearRegression,
  LogisticRegression,
  Ridge,
  SequentialEnsemble,
  Subsemble,
  SuperLearner,
  TemporalEnsemble,
} from '../../../src/learn/index.ts'
import { randomProblem } from '../random-problem.ts'

const n = 90
const { X, y } = randomProblem(n, 3)
const learners = (): Record<string, Estimator> => ({
  ridge: new Ridge(),
  neighbors: new KNeighborsRegressor({ neighbors: 3 }),
})
const meta = (): LinearRegression => new LinearRegression()

const valuesOf = (values: NDArray): number[] => Array.from(values.copy().toTypedArray(), Number)

const near = (found: readonly number[], expected: readonly number[], limit = 1e-9): void => {
  assert.equal(found.length, expected.length)
  for (const [i, want] of expected.entries())
    assert.ok(
      Math.abs(found[i]! - want) <= limit * Math.max(1, Math.abs(want)) ||
        (Number.isNaN(want) && Number.isNaN(found[i]!)),
      `${found[i]} is not ${want} at ${i}`,
    )
}

/** Models of some rows, which predict others into a column. */
async function predictFrom(
  learner: Estimator,
  data: { readonly X: NDArray; readonly y: NDArray },
  train: Rows,
  test: Rows,
  column: Float64Array,
): Promise<Estimator> {
  const model = await clone(learner).fit(data.X, data.y, { rows: train })
  const predicted = await model.predict(data.X, { rows: test })
  for (const [i, row] of toRowNumbers(test).entries()) column[row] = Number(predicted.get(i))
  return model
}

/** The matrix of columns. */
const matrixOf = (columns: readonly Float64Array[]): NDArray =>
  array(Array.from(columns[0]!, (_, row) => columns.map((column) => column[row]!)))

const emptyColumn = (): Float64Array => new Float64Array(n).fill(Number.NaN)

describe('a blend', () => {
  test('is least squares on predictions of the last rows by models of the first', async () => {
    const ensemble = await new BlendEnsemble({ testSize: 0.4 })
      .add(learners())
      .addMeta(meta())
      .fit(X, y)
    const [train, held] = [rowRange(0, 54), rowRange(54, 90)]
    const columns = []
    const models: Estimator[] = []
    for (const learner of Object.values(learners())) {
      const column = emptyColumn()
      models.push(await predictFrom(learner, { X, y }, train, held, column))
      columns.push(column)
    }
    const Z = matrixOf(columns)
    near(valuesOf(ensemble.outOfFold), valuesOf(Z))
    assert.deepEqual(ensemble.layers[0]!.rows, held)
    const combined = await meta().fit(Z, y, { rows: held })
    const fresh = randomProblem(20, 3, { seed: 3 }).X
    const own = await Promise.all(models.map((model) => model.predict(fresh)))
    const stacked = array(
      Array.from({ length: 20 }, (_, row) => own.map((one) => Number(one.get(row)))),
    )
    near(valuesOf(await ensemble.predict(fresh)), valuesOf(await combined.predict(stacked)))
  })

  test('halves the rows in each layer, and scores its meta learner on folds of the last', async () => {
    const ensemble = await new BlendEnsemble()
      .add(learners())
      .addLayer([new Ridge(), new Lasso({ alpha: 0.01 })])
      .addMeta(meta())
      .fit(X, y)
    assert.deepEqual(
      ensemble.layers.map(({ rows }) => rows),
      [rowRange(45, 90), rowRange(68, 90)],
    )
    assert.equal(ensemble.scores.ensemble!.folds.length, 5)
    assert.equal(ensemble.scores.learners[0]!.folds.length, 1)
  })
})

describe('a subsemble', () => {
  test('has predictions of each partition, and models of each', async () => {
    const ensemble = await new Subsemble({ partitions: 2, folds: 3 })
      .add(learners())
      .addMeta(meta())
      .fit(X, y)
    assert.deepEqual(ensemble.outOfFoldColumns, [
      'ridge/0',
      'ridge/1',
      'neighbors/0',
      'neighbors/1',
    ])
    assert.deepEqual(Object.keys(ensemble.learners), ensemble.outOfFoldColumns)
    // Rows 0 to 44 are partition 0, in folds of 15 rows.
    const cell = (partition: number, k: number): [number, number] => [
      45 * partition + 15 * k,
      45 * partition + 15 * k + 15,
    ]
    const columns: Float64Array[] = []
    const finals: number[][] = []
    for (const learner of Object.values(learners()))
      for (const partition of [0, 1]) {
        const column = emptyColumn()
        for (const k of [0, 1, 2]) {
          const test = { ranges: [cell(0, k), cell(1, k)] }
          const train = {
            ranges: [0, 1, 2].filter((one) => one !== k).map((one) => cell(partition, one)),
          }
          await predictFrom(learner, { X, y }, train, test, column)
        }
        columns.push(column)
        const rows = rowRange(45 * partition, 45 * partition + 45)
        const whole = await clone(learner).fit(X, y, { rows })
        finals.push(valuesOf(await whole.predict(X)))
      }
    const Z = matrixOf(columns)
    near(valuesOf(ensemble.outOfFold), valuesOf(Z))
    near(
      valuesOf(await ensemble.transform(X)),
      valuesOf(matrixOf(finals.map((one) => Float64Array.from(one)))),
    )
    const combined = await meta().fit(Z, y)
    near(valuesOf((ensemble.meta as LinearRegression).coef_), valuesOf(combined.coef_), 1e-6)
    // Partitions hold out the same rows: three folds for the meta learner.
    assert.equal(ensemble.scores.ensemble!.folds.length, 3)
    assert.deepEqual(
      ensemble.scores.learners.map(({ name }) => name),
      ensemble.outOfFoldColumns,
    )
  })

  test('of one partition is a SuperLearner', async () => {
    const one = await new Subsemble({ partitions: 1, folds: 3 })
      .add(learners())
      .addMeta(meta())
      .fit(X, y)
    const stack = await new SuperLearner({ folds: new KFold({ folds: 3 }) })
      .add(learners())
      .addMeta(meta())
      .fit(X, y)
    assert.deepEqual(valuesOf(one.outOfFold), valuesOf(stack.outOfFold))
    assert.deepEqual(valuesOf(await one.predict(X)), valuesOf(await stack.predict(X)))
    assert.deepEqual(one.outOfFoldColumns, stack.outOfFoldColumns)
  })

  test('can have clusters for partitions, and classes', async () => {
    const clusters = new KMeans({ clusters: 3, seed: 1 })
    const ensemble = await new Subsemble({ clusters, folds: 2 }).add(learners()).fit(X, y)
    assert.equal(ensemble.outOfFold.shape[1], 6)
    assert.ok(valuesOf(ensemble.outOfFold).every(Number.isFinite))
    const labels = Array.from(
      y,
      (value) => ['low', 'middle', 'high'][Math.floor(Math.abs(Number(value))) % 3]!,
    )
    const classes = await new Subsemble({ shuffle: true })
      .add(new LogisticRegression())
      .addMeta(new LogisticRegression())
      .fit(X, labels)
    assert.deepEqual(classes.outOfFoldColumns, [
      'logistic-regression/0:high',
      'logistic-regression/0:low',
      'logistic-regression/0:middle',
      'logistic-regression/1:high',
      'logistic-regression/1:low',
      'logistic-regression/1:middle',
    ])
    assert.equal((await classes.predict(X)).length, n)
  })
})

describe('a temporal ensemble', () => {
  test('predicts each step by models of the rows before it', async () => {
    const options = { stepSize: 20, burnIn: 30, window: 25, lag: 2 }
    const ensemble = await new TemporalEnsemble(options).add(learners()).addMeta(meta()).fit(X, y)
    const columns: Float64Array[] = []
    for (const learner of Object.values(learners())) {
      const column = emptyColumn()
      for (const [start, first] of [
        [30, 0],
        [50, 23],
        [70, 43],
      ] as const)
        await predictFrom(
          learner,
          { X, y },
          rowRange(first, start - 2),
          rowRange(start, start + 20),
          column,
        )
      columns.push(column)
    }
    near(valuesOf(ensemble.outOfFold), valuesOf(matrixOf(columns)))
    assert.deepEqual(ensemble.layers[0]!.rows, rowRange(30, 90))
    const last = await new Ridge().fit(X, y, { rows: rowRange(65, 90) })
    near(valuesOf((await ensemble.transform(X)).column(0)), valuesOf(await last.predict(X)))
    assert.equal(ensemble.scores.ensemble!.folds.length, 2)
  })

  test('of many steps learns them all from one pass', async () => {
    const ensemble = await new TemporalEnsemble({ burnIn: 10 }).add(new Ridge()).fit(X, y)
    const column = emptyColumn()
    for (let row = 10; row < n; row++)
      await predictFrom(new Ridge(), { X, y }, rowRange(0, row), rowRange(row, row + 1), column)
    near(valuesOf(ensemble.outOfFold), [...column])
  })
})

describe('a sequential ensemble', () => {
  test('of one stack is a SuperLearner, of one blend a blend, and so on', async () => {
    const sequential = (options: object): Promise<SequentialEnsemble> =>
      new SequentialEnsemble().add(learners(), options).addMeta(meta()).fit(X, y)
    const fit = (ensemble: SuperLearner): Promise<SuperLearner> =>
      ensemble.add(learners()).addMeta(meta()).fit(X, y)
    for (const [options, ensemble] of [
      [{ folds: 4 }, new SuperLearner({ folds: 4 })],
      [{}, new SuperLearner()],
      [
        { kind: 'stack', folds: new KFold({ folds: 3 }) },
        new SuperLearner({ folds: new KFold({ folds: 3 }) }),
      ],
      [{ kind: 'blend', testSize: 0.3 }, new BlendEnsemble({ testSize: 0.3 })],
      [{ kind: 'subsemble', partitions: 3, folds: 4 }, new Subsemble({ partitions: 3, folds: 4 })],
      [{ kind: 'temporal', stepSize: 30 }, new TemporalEnsemble({ stepSize: 30 })],
    ] as const) {
      const [one, other] = [await sequential(options), await fit(ensemble)]
      assert.deepEqual(valuesOf(one.outOfFold), valuesOf(other.outOfFold))
      assert.deepEqual(valuesOf(await one.predict(X)), valuesOf(await other.predict(X)))
    }
  })

  test('of three kinds is their composition', async () => {
    const ensemble = await new SequentialEnsemble()
      .add(learners(), { kind: 'stack', folds: new KFold({ folds: 3 }) })
      .add([new Ridge(), new Lasso({ alpha: 0.01 })], { kind: 'blend', testSize: 45 })
      .add({ last: new LinearRegression() }, { kind: 'subsemble', partitions: 1, folds: 3 })
      .addMeta(meta())
      .fit(X, y)
    const one = await new SuperLearner({ folds: new KFold({ folds: 3 }) }).add(learners()).fit(X, y)
    const two = await new BlendEnsemble({ testSize: 45 })
      .add([new Ridge(), new Lasso({ alpha: 0.01 })])
      .fit(one.outOfFold, y)
    const three = await new SuperLearner({ folds: new KFold({ folds: 3 }) })
      .add({ last: new LinearRegression() })
      .addMeta(meta())
      .fit(two.outOfFold.rows(45, 90), y.rows(45, 90))
    near(valuesOf(ensemble.outOfFold.rows(45, 90)), valuesOf(three.outOfFold))
    const fresh = randomProblem(20, 3, { seed: 3 }).X
    const chained = await three.predict(await two.transform(await one.transform(fresh)))
    near(valuesOf(await ensemble.predict(fresh)), valuesOf(chained))
  })

  test('refuses a learner that has the name of a model of a partition', async () => {
    const ensemble = new SequentialEnsemble()
      .add({ ridge: new Ridge() }, { kind: 'subsemble', partitions: 2 })
      .add({ 'ridge/1': new Ridge(), 'ridge/2': new Ridge() }, { kind: 'stack' })
    await assert.rejects(ensemble.fit(X, y), {
      code: 'ERR_OPTION',
      message:
        "Expected another name for a learner than 'ridge/1', which the model of a partition of another learner gets. Rename one of them.",
    })
    await ensemble.remove('ridge/1').fit(X, y)
    assert.deepEqual(Object.keys(ensemble.learners), ['ridge/0', 'ridge/1', 'ridge/2'])
  })

  test('refuses options of another kind', () => {
    const add =
      (options: object): (() => unknown) =>
      () =>
        new SequentialEnsemble().add(new Ridge(), options)
    assert.throws(add({ kind: 'full' }), { code: 'ERR_OPTION' })
    assert.throws(add({ kind: 'blend', partitions: 2 }), {
      name: 'TypeError',
      message: /^A layer of kind 'blend' has no option `partitions`/,
    })
    assert.throws(add({ testSize: 0.5 }), TypeError)
  })
})

test('options of an ensemble that are none of its own are refused', () => {
  for (const [make, message] of [
    [
      () => new BlendEnsemble({ folds: 3 } as never),
      /^BlendEnsemble has no option `folds`; rows are split by `testSize`/,
    ],
    [() => new TemporalEnsemble({ folds: 3 } as never), /^TemporalEnsemble has no option `folds`/],
    [() => new Subsemble({ testSize: 3 } as never), /^Subsemble has no option `testSize`/],
    [
      () => new SequentialEnsemble({ folds: 3 } as never),
      /^SequentialEnsemble has no option `folds`; pass it to `add\(\)`/,
    ],
    [() => new Subsemble({ onError: 'no' as never }), /`onError`/],
  ] as const)
    assert.throws(make, { message })
})
