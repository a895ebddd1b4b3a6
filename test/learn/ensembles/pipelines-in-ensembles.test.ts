/** Pipelines in ensembles: they share over folds, and predict as fits on copied rows do. */

import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import * as fc from 'fast-check'
import { array, type NDArray, toRowNumbers } from '../../../src/arrays/index.ts'
import {
  clone,
  type Estimator,
  GradientBoostingRegressor,
  KFold,
  KNeighborsRegressor,
  Lasso,
  learnedState,
  LinearRegression,
  LogisticRegression,
  MinMaxScaler,
  PCA,
  Pipeline,
  PolynomialFeatures,
  restore,
  Ridge,
  RobustScaler,
  StandardScaler,
  SuperLearner,
  type Transformer,
} from '../../../src/learn/index.ts'
import { CountedMean, events, PlainMean, sharingRules } from '../../fixtures/learn/counted-mean.ts'
import { sharedPool } from '../../shared-pools.ts'
import { assertClose } from '../close.ts'
import { randomProblem } from '../random-problem.ts'

const [n, d] = [90, 3]
const { X, y, weights } = randomProblem(n, d, { offset: 2 })
const labels = array(Float64Array.from(y, (value) => Number(Number(value) > 3)))
const threeLabels = array(
  Float64Array.from(y, (value) => (Number(value) > 4 ? 2 : Number(value) > 2 ? 1 : 0)),
)

beforeEach(() => {
  events.length = 0
  Object.assign(sharingRules, { perCase: false, inThread: false, fails: false })
})

/** Some rows of an array, in memory of their own. */
function copyRows(values: NDArray, rows: Int32Array): NDArray {
  const width = values.shape[1] ?? 1
  const copied = new Float64Array(rows.length * width)
  for (const [i, row] of rows.entries())
    for (let j = 0; j < width; j++)
      copied[i * width + j] = Number(values.ndim === 1 ? values.get(row) : values.get(row, j))
  return array(copied, { shape: [rows.length, ...values.shape.slice(1)] })
}

/** Predictions for `test` of a learner that is fitted on copies of the other rows, transformed by `steps`. */
async function refit(
  steps: readonly Transformer[],
  learner: Estimator,
  {
    target,
    rows,
    test,
    weighted,
  }: { target: NDArray; rows: Int32Array; test: Int32Array; weighted: boolean },
): Promise<{ model: Estimator; predicted: Float64Array }> {
  let [training, held] = [copyRows(X, rows), copyRows(X, test)]
  const own = copyRows(target, rows)
  const options = weighted ? { weights: Float64Array.from(rows, (row) => weights[row]!) } : {}
  for (const step of steps.map(clone)) {
    await step.fit(training, own, options)
    ;[training, held] = [await step.transform(training), await step.transform(held)]
  }
  const model = await clone(learner).fit(training, own, options)
  return { model, predicted: Float64Array.from(await model.predict(held), Number) }
}

const scalers: readonly (() => Transformer[])[] = [
  () => [new StandardScaler()],
  () => [new RobustScaler()],
  () => [new MinMaxScaler(), new StandardScaler({ withMean: false })],
  () => [new RobustScaler({ quantileRange: [10, 80] }), new MinMaxScaler()],
]
const others: readonly (() => Transformer[])[] = [
  () => [new PCA({ components: 2 })],
  () => [new StandardScaler(), new PolynomialFeatures({ degree: 2 }), new RobustScaler()],
]
const regressors: readonly (() => Estimator)[] = [
  () => new LinearRegression(),
  () => new Ridge({ alpha: 3 }),
  () => new Lasso({ alpha: 0.05, tol: 1e-10 }),
  () => new KNeighborsRegressor({ neighbors: 3 }),
  () => new PlainMean(),
]
const classifiers: readonly (() => Estimator)[] = [
  { C: 0.3 },
  { penalty: 'l1' as const, C: 0.2 },
  { penalty: 'elasticnet' as const, C: 0.5 },
  { C: 2, fitIntercept: false },
].map((options) => () => new LogisticRegression(options))

test('out-of-fold predictions are those of refits on copied rows, for any steps and learner', async () => {
  const cases = fc.record({
    steps: fc.constantFrom(...scalers, ...others),
    learner: fc.constantFrom(...regressors, ...classifiers),
    before: fc.boolean(),
    nested: fc.boolean(),
    weighted: fc.boolean(),
    folds: fc.integer({ min: 2, max: 5 }),
    classes: fc.constantFrom(labels, threeLabels),
  })
  await fc.assert(
    fc.asyncProperty(cases, async (given) => {
      const { before, nested, weighted, folds } = given
      const [steps, learner] = [given.steps(), given.learner()]
      const target = learner instanceof LogisticRegression ? given.classes : y
      const inner = [...(before ? steps.slice(1) : steps), learner]
      const pipeline = new Pipeline({
        steps: nested ? [...inner.slice(0, -1), new Pipeline({ steps: [learner] })] : inner,
      })
      const splitter = new KFold({ folds, shuffle: true, seed: folds })
      const ensemble = new SuperLearner({ folds: splitter, task: 'regression' }).add(
        { model: pipeline },
        { preprocess: before ? steps.slice(0, 1) : [] },
      )
      await ensemble.fit(X, target, weighted ? { weights } : {})
      const all = Int32Array.from({ length: n }, (_, row) => row)
      for (const { train, test: held } of splitter.split(n)) {
        const [rows, test] = [toRowNumbers(train), toRowNumbers(held)]
        const { predicted } = await refit(steps, learner, { target, rows, test, weighted })
        const found = Float64Array.from(test, (row) => ensemble.outOfFold.get(row, 0))
        assertClose(found, predicted, 1e-6, { floor: 1 })
      }
      const { model, predicted } = await refit(steps, learner, {
        target,
        rows: all,
        test: all,
        weighted,
      })
      assertClose(
        Float64Array.from((await ensemble.transform(X)).column(0), Number),
        predicted,
        1e-6,
        { floor: 1 },
      )
      if (!(learner instanceof LogisticRegression)) return
      let own: Estimator = ensemble.learners['model']!
      while (own instanceof Pipeline) own = own.step(Object.keys(own.steps_).at(-1)!) as Estimator
      const [found, expected] = [own, model] as unknown as LogisticRegression[]
      assertClose(found!.coef_.toTypedArray(), expected!.coef_.toTypedArray(), 1e-5, { floor: 1 })
      assertClose(found!.intercept_, expected!.intercept_, 1e-5, { floor: 1 })
    }),
    { numRuns: Number(process.env['ONECOPY_RUNS'] ?? 15), seed: 7 },
  )
})

describe('a pipeline in an ensemble', () => {
  test('shares one object with other learners, whatever scalers are before it', async () => {
    const ensemble = new SuperLearner({ folds: 4 })
      .add(new CountedMean())
      .add(new Pipeline({ steps: [new StandardScaler(), new CountedMean()] }))
      .add(new Pipeline({ steps: [new CountedMean()] }), {
        preprocess: new RobustScaler(),
      })
    await ensemble.fit(X, y)
    assert.deepEqual(
      events.filter((event) => event === 'make' || event === 'free'),
      ['make', 'free'],
    )
    assert.deepEqual(ensemble.copiedBytes, {})
  })

  test('gives the bytes of the same steps as `preprocess`', async () => {
    const learners = (): Record<string, Estimator> => ({
      ridge: new Ridge(),
      neighbors: new KNeighborsRegressor(),
      boosting: new GradientBoostingRegressor({ maxIter: 3 }),
    })
    const piped = Object.entries(learners()).map(([name, learner]) => [
      name,
      new Pipeline({ steps: { scale: new RobustScaler(), learner } }) as Estimator,
    ])
    const a = await new SuperLearner({ folds: 3 })
      .add(learners(), { preprocess: new RobustScaler() })
      .fit(X, y)
    const b = await new SuperLearner({ folds: 3 }).add(Object.fromEntries(piped) as never).fit(X, y)
    assert.deepEqual(b.outOfFold.toTypedArray(), a.outOfFold.toTypedArray())
    assert.deepEqual((await b.transform(X)).toTypedArray(), (await a.transform(X)).toTypedArray())
    for (const [name, learner] of Object.entries(b.learners)) {
      const pipeline = learner as unknown as Pipeline
      assert.equal(pipeline.learnerColumns_, name === 'ridge' ? 'mapped' : 'raw')
      const saved = restore(clone(pipeline), learnedState(pipeline))
      assert.deepEqual([...(await saved.predict(X))], [...(await pipeline.predict(X))])
    }
  })

  test('reports the copy that a learner without sharing needs behind other steps', async () => {
    const ensemble = new SuperLearner({ folds: 3 })
      .add(
        { mean: new PlainMean(), ridge: new Ridge() },
        { preprocess: new PCA({ components: 2 }) },
      )
      .add({ logistic: new LogisticRegression() }, { preprocess: new StandardScaler() })
    await ensemble.fit(X, labels)
    assert.deepEqual(ensemble.copiedBytes, { mean: n * 2 * 8 })
  })

  test('has the same bytes on workers', async () => {
    const make = (options = {}): SuperLearner =>
      new SuperLearner({ folds: 3, ...options }).add({
        boosting: new Pipeline({
          steps: [new StandardScaler(), new GradientBoostingRegressor({ maxIter: 3 })],
        }),
        logistic: new Pipeline({
          steps: [new RobustScaler(), new LogisticRegression()],
        }) as unknown as Estimator,
        ridge: new Pipeline({ steps: [new PCA({ components: 2 }), new Ridge()] }),
      })
    const here = await make().fit(X, labels)
    const parallel = sharedPool()
    const there = await make({ parallel }).fit(X, labels)
    assert.deepEqual(there.outOfFold.toTypedArray(), here.outOfFold.toTypedArray())
  })

  test('fails by the name of the learner when its steps can not stand where they do', async () => {
    const pipeline = new Pipeline({ steps: [new Ridge(), new Ridge()] as never })
    await assert.rejects(new SuperLearner().add(pipeline).fit(X, y), {
      code: 'ERR_LEARNER',
      message:
        /^Learner `pipeline` failed on fold 0: Expected step `ridge` of Pipeline to be a transformer/,
    })
  })
})

test('a pipeline fits logistic regression behind scalers without a copy, on some rows as well', async () => {
  const rows = Int32Array.from({ length: 60 }, (_, i) => (i * 7) % n).sort()
  for (const make of classifiers) {
    for (const [i, steps] of scalers.entries()) {
      const [learner, target] = [make(), i % 2 === 0 ? labels : threeLabels]
      const pipeline = new Pipeline({ steps: [...steps(), learner] })
      await pipeline.fit(X, target, { rows, weights })
      assert.equal(pipeline.copiedBytes_, 0)
      const { model } = await refit(steps(), learner, { target, rows, test: rows, weighted: true })
      const found = pipeline.step('logistic-regression') as unknown as LogisticRegression
      const expected = model as unknown as LogisticRegression
      assertClose(found.coef_.toTypedArray(), expected.coef_.toTypedArray(), 1e-6, { floor: 1 })
      assertClose(found.intercept_, expected.intercept_, 1e-6, { floor: 1 })
    }
  }
})

test('a shared model that takes scaled columns is predicted by scaled rows, also by calls', async () => {
  class Mapped extends CountedMean {
    override foldSharing(): ReturnType<CountedMean['foldSharing']> {
      return { ...super.foldSharing(), scaling: 'mapped' }
    }
    override async fitFold(
      ...[shared, X, y, fit]: Parameters<CountedMean['fitFold']>
    ): Promise<this> {
      await super.fitFold(shared, X, y, fit)
      this.means_ = Float64Array.of(-1, 1)
      return this
    }
  }
  for (const inThread of [false, true]) {
    sharingRules.inThread = inThread
    const ensemble = new SuperLearner({ folds: new KFold({ folds: 3, shuffle: true }) }).add(
      new Pipeline({ steps: [new StandardScaler(), new Mapped()] }),
    )
    await ensemble.fit(X, y)
    const scaled = await (await new StandardScaler().fit(X)).transform(X)
    const signs = [...scaled.column(0)].map((value) => (Number(value) > 0 ? 1 : -1))
    assert.deepEqual([...(await ensemble.transform(X)).column(0)], signs)
    const share =
      [...ensemble.outOfFold.column(0)].filter((sign, i) => sign === signs[i]).length / n
    assert.ok(share > 0.9, `${share}`)
  }
})
