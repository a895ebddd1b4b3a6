/** Pipelines: as their steps by hand, the contract, names, paths, memory. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { array, type NDArray, shared, toRowNumbers } from '../../../src/arrays/index.ts'
import {
  BaseEstimator,
  clone,
  type Estimator,
  estimatorChecks,
  type FitOptions,
  type Fold,
  GradientBoostingClassifier,
  isEstimator,
  isTransformer,
  KFold,
  KNeighborsRegressor,
  Lasso,
  learnedState,
  LinearRegression,
  MinMaxScaler,
  PCA,
  Pipeline,
  type PipelineSteps,
  PolynomialFeatures,
  restore,
  Ridge,
  RobustScaler,
  SelectKBest,
  SimpleImputer,
  StandardScaler,
  SuperLearner,
  type Transformer,
} from '../../../src/learn/index.ts'
import { sharedPool } from '../../shared-pools.ts'
import { assertClose } from '../close.ts'
import { randomProblem } from '../random-problem.ts'

const { X, y } = randomProblem(400, 5, { offset: 3 })
const weights = Float64Array.from({ length: 400 }, (_, i) => i % 4)

/** A transformer of a user's, which knows nothing of blocks: adds the least value of each column. */
class AddLeast extends BaseEstimator implements Transformer {
  declare least_: Float64Array
  async fit(X: NDArray, _y?: NDArray, { rows }: FitOptions = {}): Promise<this> {
    assert.equal(rows, undefined)
    this.least_ = Float64Array.from({ length: X.shape[1]! }, (_, j) =>
      Math.min(...Array.from(X.column(j).copy().toTypedArray(), Number)),
    )
    return this
  }
  async transform(X: NDArray): Promise<NDArray> {
    const moved = X.copy() as NDArray<'float64'>
    for (let i = 0; i < moved.size; i++) moved.data[i]! += this.least_[i % this.least_.length]!
    return moved
  }
}

/** Fits steps one after the other on copies. */
async function byHand(
  transformers: readonly Transformer[],
  learner: Estimator,
  options: FitOptions = {},
): Promise<NDArray> {
  let input: NDArray = X
  for (const step of transformers) {
    await step.fit(input, y, options)
    input = await step.transform(input)
  }
  return (await learner.fit(input, y, options)).predict(input)
}

const cases: Record<string, () => { transformers: Transformer[]; learner: Estimator }> = {
  'affine steps and a linear model': () => ({
    transformers: [new StandardScaler(), new MinMaxScaler()],
    learner: new Ridge(),
  }),
  'a scaler that needs rows and a linear model': () => ({
    transformers: [new RobustScaler(), new StandardScaler()],
    learner: new Lasso({ alpha: 0.01, tol: 1e-10 }),
  }),
  'products of columns and a linear model': () => ({
    transformers: [new PolynomialFeatures({ includeBias: false }), new StandardScaler()],
    learner: new Ridge({ alpha: 0.1 }),
  }),
  'nearly dependent columns, affine': () => ({
    transformers: [new StandardScaler()],
    learner: new LinearRegression(),
  }),
  'dependent columns after a map': () => ({
    transformers: [new PolynomialFeatures()],
    learner: new LinearRegression(),
  }),
  'steps that need rows after others': () => ({
    transformers: [
      new StandardScaler(),
      new SimpleImputer({ strategy: 'median' }),
      new RobustScaler(),
    ],
    learner: new Ridge(),
  }),
  'components and neighbours': () => ({
    transformers: [new StandardScaler(), new PCA({ components: 3 })],
    learner: new KNeighborsRegressor(),
  }),
  'columns chosen by the target': () => ({
    transformers: [new StandardScaler(), new SelectKBest({ score: 'fRegression', k: 2 })],
    learner: new Ridge(),
  }),
}

describe('a pipeline predicts as its steps on copies', () => {
  for (const [name, make] of Object.entries(cases))
    for (const options of [{}, { weights }, { rows: { ranges: [[7, 300]] } } as const]) {
      test(`${name}, with ${Object.keys(options).join() || 'no options'}`, async () => {
        const { transformers, learner } = make()
        const expected = await byHand(transformers, learner, options)
        const again = make()
        const pipeline = new Pipeline({ steps: [...again.transformers, again.learner] })
        await pipeline.fit(X, y, options)
        const found = await pipeline.predict(X)
        assertClose(found.toTypedArray(), expected.toTypedArray() as Float64Array, 1e-9, {
          floor: 1,
        })
      })
    }

  test('steps of a user, which know nothing of blocks', async () => {
    const expected = await byHand(
      [new AddLeast(), new StandardScaler(), new AddLeast()],
      new Ridge(),
    )
    const steps = [new AddLeast(), new StandardScaler(), new AddLeast(), new Ridge()]
    const pipeline = await new Pipeline({ steps }).fit(X, y)
    const found = await pipeline.predict(X)
    assertClose(found.toTypedArray(), expected.toTypedArray() as Float64Array, 1e-9)
  })

  test('a learner of a user that keeps its rows where nobody sees them', async () => {
    class Nearest extends BaseEstimator implements Estimator {
      declare done_: true
      #rows: NDArray | undefined
      async fit(X: NDArray): Promise<this> {
        this.#rows = X
        this.done_ = true
        return this
      }
      async predict(X: NDArray): Promise<NDArray> {
        return array(
          Float64Array.from({ length: X.shape[0]! }, (_, i) => Number(this.#rows!.get(i, 0))),
        )
      }
    }
    const pipeline = await new Pipeline({ steps: [new StandardScaler(), new Nearest()] }).fit(X, y)
    const scaled = await (await new StandardScaler().fit(X)).transform(X)
    assert.deepEqual((await pipeline.predict(X)).toArray(), scaled.column(0).toArray())
  })

  test('many blocks, as one', async () => {
    const n = 60_000
    const wide = shared([n, 12], 'float32')
    for (let i = 0; i < wide.size; i++) wide.data[i] = Math.sin(i * i)
    const target = array(
      Float64Array.from({ length: n }, (_, i) => wide.get(i, 0) * wide.get(i, 1) + 5),
    )
    const make = () =>
      [new PolynomialFeatures({ includeBias: false }), new StandardScaler()] as const
    const [products, scaler] = make()
    const mapped = await (await products.fit(wide)).transform(wide)
    const scaled = await (await scaler.fit(mapped)).transform(mapped)
    const model = await new Ridge({ alpha: 0 }).fit(scaled, target)
    const pipeline = await new Pipeline({ steps: [...make(), new Ridge({ alpha: 0 })] }).fit(
      wide,
      target,
    )
    const found = await pipeline.predict(wide)
    assertClose(found.toTypedArray(), (await model.predict(scaled)).toTypedArray(), 1e-11)
    const fitted = pipeline.step('ridge') as Ridge
    assertClose(fitted.coef_.toTypedArray(), model.coef_.toTypedArray(), 1e-9, { floor: 1 })
  })

  test('classifiers: classes and probabilities', async () => {
    const labels = array(Float64Array.from({ length: 400 }, (_, i) => (X.get(i, 0) > 3 ? 7 : 2)))
    const options = { maxIter: 5, minSamplesLeaf: 2 }
    const scaled = await (await new StandardScaler().fit(X)).transform(X)
    const alone = await new GradientBoostingClassifier(options).fit(scaled, labels)
    const steps = [new StandardScaler(), new GradientBoostingClassifier(options)]
    const pipeline = await new Pipeline({ steps }).fit(X, labels)
    assert.deepEqual(pipeline.classes_, alone.classes_)
    assert.deepEqual((await pipeline.predict(X)).toArray(), (await alone.predict(scaled)).toArray())
    const out = shared([400, 2], 'float32')
    await pipeline.predictProba(X, { rows: { ranges: [[10, 20]] }, out })
    const expected = (await alone.predictProba(scaled)).rows(10, 20)
    assertClose(
      out.rows(10, 20).copy().toTypedArray(),
      [...expected.copy().toTypedArray()].map(Number),
      1e-6,
    )
    assert.equal(out.get(9, 0), 0)
    assert.equal(new Pipeline({ steps: [new Ridge()] }).predictProba, undefined)
  })

  test('several targets', async () => {
    const Y = array(Array.from({ length: 400 }, (_, i) => [y.get(i), -2 * y.get(i)]))
    for (const last of [new Ridge(), new KNeighborsRegressor()]) {
      const pipeline = await new Pipeline({ steps: [new StandardScaler(), last] }).fit(X, Y)
      const found = await pipeline.predict(X, { rows: [3, 1] })
      assert.deepEqual(found.shape, [2, 2])
      assert.ok(Math.abs(found.get(0, 0) * 2 + found.get(0, 1)) < 1e-6)
    }
  })
})

describe('Pipeline', () => {
  const steps = (): PipelineSteps => ({
    fill: new SimpleImputer(),
    inner: new Pipeline({
      steps: { scale: new StandardScaler(), pca: new PCA({ components: 1 }) },
    }),
    ridge: new Ridge({ alpha: 2 }),
  })

  test('is a learner or a transformer by its last step', async () => {
    const learner = new Pipeline({ steps: steps() })
    assert.deepEqual([isEstimator(learner), isTransformer(learner)], [true, false])
    const transformer = new Pipeline({ steps: [new StandardScaler()] })
    assert.deepEqual([isEstimator(transformer), isTransformer(transformer)], [false, true])
    await transformer.fit(X)
    await assert.rejects(transformer.predict(X), {
      code: 'ERR_OPTION',
      message:
        'Expected a Pipeline whose last step is a learner, to call predict() of, got the transformer `standard-scaler`. Call transform().',
    })
    await learner.fit(X, y)
    await assert.rejects(learner.transform(X), {
      code: 'ERR_OPTION',
      message:
        'Expected a Pipeline whose last step is a transformer, to transform rows by, got the learner `ridge`. Call predict().',
    })
  })

  test('reads and sets options by path, in copies of the steps', () => {
    const given = steps()
    const pipeline = new Pipeline({ steps: given })
    const params = pipeline.getParams({ deep: true })
    assert.equal(params['ridge.alpha'], 2)
    assert.equal(params['inner.pca.components'], 1)
    pipeline.setParams({ 'ridge.alpha': 5, 'inner.pca.components': 2, fill: new StandardScaler() })
    const changed = pipeline.getParams({ deep: true })
    assert.equal(changed['ridge.alpha'], 5)
    assert.equal(changed['inner.pca.components'], 2)
    assert.ok(changed['fill'] instanceof StandardScaler)
    assert.equal(((given as Record<string, unknown>)['ridge'] as Ridge).alpha, 2)
    assert.deepEqual(Object.keys(pipeline.getParams()), ['steps'])
    assert.throws(() => pipeline.setParams({ ridge__alpha: 3 }), {
      code: 'ERR_OPTION',
      message: /^Pipeline has no option `ridge__alpha`; onecopy calls it `ridge\.alpha`\./,
    })
    assert.throws(() => pipeline.setParams({ inner__pca__n: 3 }), { code: 'ERR_OPTION' })
    assert.throws(() => pipeline.setParams({ 'ridge.beta': 3 }), {
      code: 'ERR_OPTION',
      message: /^Ridge has no option `beta`/,
    })
  })

  test('sets an option of a step that is replaced in the same call, in any order of both', () => {
    for (const params of [
      { 'last.alpha': 5, last: new Lasso() },
      { last: new Lasso(), 'last.alpha': 5 },
      { 'last.ridge.alpha': 5, last: new Pipeline({ steps: { ridge: new Ridge() } }) },
    ]) {
      const pipeline = new Pipeline({ steps: { last: new Ridge() } }).setParams(params)
      const { 'last.alpha': alpha, 'last.ridge.alpha': inner } = pipeline.getParams({ deep: true })
      assert.equal(alpha ?? inner, 5)
    }
  })

  test('a clone shares no step, and learns alone', async () => {
    const pipeline = await new Pipeline({ steps: steps() }).fit(X, y)
    const copy = clone(pipeline)
    assert.notEqual(
      (copy.steps as Record<string, object>)['ridge'],
      (pipeline.steps as Record<string, object>)['ridge'],
    )
    await assert.rejects(copy.predict(X), { code: 'ERR_NOT_FITTED' })
    assert.throws(() => restore(copy, {}), { code: 'ERR_FORMAT' })
    const heir = restore(copy, learnedState(pipeline))
    assert.deepEqual((await heir.predict(X)).toArray(), (await pipeline.predict(X)).toArray())
    const state = learnedState(pipeline) as { steps_: Record<string, unknown> }
    for (const wrong of [{ steps_: {} }, { steps_: { ...state.steps_, ridge: { coef_: 3 } } }])
      assert.throws(() => restore(clone(pipeline), { ...state, ...wrong }), {
        code: 'ERR_FORMAT',
      })
  })

  test('gives fitted steps, and leaves the given ones unfitted', async () => {
    const given = { scale: new StandardScaler(), ridge: new Ridge() }
    const pipeline = await new Pipeline({ steps: given }).fit(X, y)
    assert.equal((pipeline.step('scale') as StandardScaler).mean_.length, 5)
    assert.throws(() => learnedState(given.scale), { code: 'ERR_NOT_FITTED' })
    assert.throws(() => pipeline.step('scaler'), {
      code: 'ERR_OPTION',
      message: "Expected the name of a step of Pipeline, got 'scaler'. It has: scale, ridge.",
    })
  })

  test('names the row of X and the step when a mapped value is not finite', async () => {
    const huge = array([[1e200], [1], [2], [3]])
    const make = () => new Pipeline({ steps: [new PolynomialFeatures(), new Ridge()] })
    await assert.rejects(make().fit(huge, [1, 2, 3, 4], { rows: [2, 0, 1] }), {
      code: 'ERR_VALUE',
      message:
        'Expected finite numbers, got Infinity in row 0, column 2 after step `polynomial-features` of Pipeline (counted from 0). ' +
        'Leave such rows out, or fill in their values first.',
    })
    await assert.rejects(make().fit(array([[1], [2]]), [1, Number.NaN]), {
      code: 'ERR_VALUE',
      message: /NaN in `y` at row 1/,
    })
  })

  test('refuses steps that can not stand where they do', async () => {
    const fit = (given: unknown) => new Pipeline({ steps: given as PipelineSteps }).fit(X, y)
    await assert.rejects(fit([new Ridge(), new StandardScaler()]), {
      name: 'TypeError',
      message:
        'Expected step `ridge` of Pipeline to be a transformer with fit() and transform(), as every step but the last one, got a Ridge. ' +
        'Only the last step may be a learner.',
    })
    const refused: readonly (readonly [unknown, string])[] = [
      [
        [
          ['s', new StandardScaler()],
          ['r', new Ridge()],
        ],
        'Expected `steps` of Pipeline to be steps by name, got a list that holds lists. ' +
          'Write steps: { s: …, … } in place of pairs of a name and a step.',
      ],
      [
        { scale: 'passthrough', ridge: new Ridge() },
        'Expected step `scale` of Pipeline to be a transformer with fit() and transform(), as every step but the last one, ' +
          "got 'passthrough'. Leave the step out, as a step that does nothing.",
      ],
    ]
    for (const [steps, message] of refused)
      await assert.rejects(fit(steps), { name: 'TypeError', message })
    const Positional = Pipeline as unknown as new (...steps: unknown[]) => unknown
    for (const given of [new StandardScaler(), [new StandardScaler(), new Ridge()]])
      assert.throws(() => new Positional(given, new Ridge()), {
        name: 'TypeError',
        message:
          /^Expected one object of options, got .*\. Write new Pipeline\(\{ steps: \{ scale: new StandardScaler\(\), ridge: /,
      })
    await assert.rejects(fit([]), { code: 'ERR_OPTION', message: /at least one step, got none/ })
    await assert.rejects(fit([StandardScaler]), { name: 'TypeError' })
    await assert.rejects(fit('ridge'), { name: 'TypeError' })
    await assert.rejects(fit({ 'a.b': new Ridge() }), {
      code: 'ERR_OPTION',
      message: /without dots/,
    })
  })

  test('is stacked like any learner, in this thread and with steps by name', async () => {
    const pipeline = new Pipeline({
      steps: { scale: new RobustScaler(), knn: new KNeighborsRegressor() },
    })
    const folds = new KFold({ folds: 3, shuffle: true })
    const ensemble = new SuperLearner({ folds })
      .add({ pipeline, ridge: new Ridge() })
      .addMeta(new Ridge())
    await ensemble.fit(X, y)
    const [{ train, test: held }] = folds.split(400) as [Fold]
    const alone = await clone(pipeline).fit(X, y, { rows: train })
    const found = (await alone.predict(X, { rows: held })).toTypedArray()
    const outOfFold = ensemble.outOfFold.column(0)
    assertClose(
      Array.from(toRowNumbers(held), (row) => outOfFold.get(row)),
      found,
      1e-12,
    )
  })
})

test('a pipeline in a pipeline is stacked on workers, with the same bytes', async () => {
  const make = (options: object) =>
    new SuperLearner({ folds: 3, ...options })
      .add({
        nested: new Pipeline({
          steps: {
            inner: new Pipeline({ steps: [new PolynomialFeatures(), new PCA({ components: 3 })] }),
            knn: new KNeighborsRegressor(),
          },
        }),
      })
      .addMeta(new Ridge())
  const alone = await make({}).fit(X, y)
  const parallel = sharedPool()
  const onWorkers = await make({ parallel }).fit(X, y)
  assert.deepEqual(onWorkers.outOfFold.toArray(), alone.outOfFold.toArray())
  assert.deepEqual((await onWorkers.predict(X)).toArray(), (await alone.predict(X)).toArray())
})

test('a pipeline keeps no copy of the rows in memory', async () => {
  const program = new URL('../../fixtures/learn/pipeline-memory.ts', import.meta.url)
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(program)])
  const growth = JSON.parse(stdout) as { streamed: number; kept: number }
  // Shares of the 51 MB that the mapped rows would take.
  assert.ok(growth.streamed < 0.5, `a linear model takes ${growth.streamed} of a copy`)
  assert.ok(growth.kept < 1.7, `trees take ${growth.kept} of a copy`)
})

const inOneStep =
  (...list: (Estimator | Transformer)[]) =>
  () =>
    new Pipeline({ steps: list.map((step) => clone(step)) })
for (const [name, make] of Object.entries({
  'scaler and Ridge': inOneStep(new StandardScaler(), new Ridge()),
  'products, components and neighbours': inOneStep(
    new PolynomialFeatures({ includeBias: false }),
    new StandardScaler(),
    new KNeighborsRegressor({ neighbors: 1 }),
  ),
  'transformers only': inOneStep(new MinMaxScaler(), new RobustScaler()),
  'a pipeline in a pipeline': inOneStep(
    new Pipeline({ steps: [new RobustScaler()] }),
    new Pipeline({ steps: [new MinMaxScaler(), new Ridge()] }),
  ),
})) {
  describe(`${name} keep the contract`, () => {
    const keepsRows = ['fit keeps no reference to X or y']
    const except = name.includes('neighbours') ? keepsRows : []
    for (const check of estimatorChecks(make, { except })) test(check.name, () => check.run())
  })
}
