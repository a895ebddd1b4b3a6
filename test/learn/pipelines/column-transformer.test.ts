/** ColumnTransformer: as its parts by hand, the contract, paths, refusals. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array } from '../../../src/arrays/index.ts'
import {
  clone,
  type ColumnPart,
  ColumnTransformer,
  estimatorChecks,
  learnedState,
  MinMaxScaler,
  Pipeline,
  PolynomialFeatures,
  restore,
  Ridge,
  RobustScaler,
  SelectKBest,
  SimpleImputer,
  StandardScaler,
} from '../../../src/learn/index.ts'
import { assertClose } from '../close.ts'
import { randomProblem } from '../random-problem.ts'

const { X, y } = randomProblem(60, 6)

/** Some columns of X, copied. */
function columnsOf(columns: readonly number[]) {
  return array(Array.from({ length: 60 }, (_, i) => columns.map((column) => X.get(i, column))))
}

describe('ColumnTransformer', () => {
  for (const columns of [[1], [0, 2, 4], [4, 0, 1], [5, 3, 1]]) {
    test(`transforms columns ${columns.join(', ')} like copies of them`, async () => {
      for (const make of [
        () => new StandardScaler(),
        () => new RobustScaler(),
        () => new PolynomialFeatures({ includeBias: false }),
        () => new SelectKBest({ score: 'fRegression', k: 1 }),
        () => new Pipeline({ steps: [new SimpleImputer(), new RobustScaler()] }),
      ]) {
        const copy = columnsOf(columns)
        const expected = await (await make().fit(copy, y)).transform(copy)
        const parts = { part: { columns, transformer: make() } }
        const found = await (
          await new ColumnTransformer({ transformers: parts }).fit(X, y)
        ).transform(X)
        assertClose(found.toTypedArray(), expected.toTypedArray(), 1e-12, { floor: 1 })
      }
    })
  }

  test('puts parts side by side, the other columns last', async () => {
    const transformer = new ColumnTransformer({
      transformers: {
        product: {
          columns: [2, 0],
          transformer: new PolynomialFeatures({ interactionOnly: true }),
        },
        gone: { columns: [3], transformer: 'drop' },
        kept: { columns: [0], transformer: 'passthrough' },
      },
      remainder: 'passthrough',
    })
    await transformer.fit([[1, 2, 3, 4, 5]])
    const found = await transformer.transform([[10, 20, 30, 40, 50]])
    assert.deepEqual(found.toArray(), [[1, 30, 10, 300, 10, 20, 50]])
    assert.deepEqual([...transformer.widths_], [4, 1, 2])
  })

  test('feeds a linear model without a copy, and its remainder may be a transformer', async () => {
    const columns = () =>
      new ColumnTransformer({
        transformers: { first: { columns: [0, 1, 2], transformer: new StandardScaler() } },
        remainder: new MinMaxScaler(),
      })
    const mapped = await (await columns().fit(X)).transform(X)
    const alone = await new Ridge().fit(mapped, y)
    const pipeline = await new Pipeline({ steps: { columns: columns(), ridge: new Ridge() } }).fit(
      X,
      y,
    )
    assertClose(
      (await pipeline.predict(X)).toTypedArray(),
      (await alone.predict(mapped)).toTypedArray(),
      1e-10,
    )
    pipeline.setParams({
      'columns.first.withMean': false,
      'columns.remainder.featureRange': [-1, 1],
    })
    const params = pipeline.getParams({ deep: true })
    assert.equal(params['columns.first.withMean'], false)
    assert.deepEqual(params['columns.remainder.featureRange'], [-1, 1])
  })

  test('transforms two matrices at once like one after the other', async () => {
    const steps = [new StandardScaler(), new PolynomialFeatures({ includeBias: false })]
    const transformer = new ColumnTransformer({
      transformers: { part: { columns: [0, 1], transformer: new Pipeline({ steps }) } },
    })
    await transformer.fit(X)
    const halves = [X.rows(0, 30), X.rows(30, 60)]
    const apart = [await transformer.transform(halves[0]!), await transformer.transform(halves[1]!)]
    const together = await Promise.all(halves.map((half) => transformer.transform(half)))
    for (const [k, found] of together.entries())
      assert.deepEqual(found.toArray(), apart[k]!.toArray())
  })

  test('options by path are set in copies', () => {
    const scale = new StandardScaler()
    const given = { scale: { columns: [0], transformer: scale } }
    const transformer = new ColumnTransformer({ transformers: given })
    transformer.setParams({ 'scale.withMean': false, remainder: 'passthrough' })
    assert.equal(scale.withMean, true)
    assert.equal((transformer.transformers['scale']!.transformer as StandardScaler).withMean, false)
    assert.equal(transformer.remainder, 'passthrough')
    transformer.setParams({ scale: 'drop' })
    assert.equal(transformer.transformers['scale']!.transformer, 'drop')
    assert.throws(() => transformer.setParams({ scale__with_mean: true }), { code: 'ERR_OPTION' })
  })

  test('refuses what is no part', async () => {
    const fit = (transformers: unknown, options = {}) =>
      new ColumnTransformer({
        transformers: transformers as Record<string, ColumnPart>,
        ...options,
      }).fit(X)
    const transformer = new StandardScaler()
    await assert.rejects(fit({ a: { columns: [6], transformer } }), {
      code: 'ERR_INDEX',
      message:
        'Expected `columns` of part `a` of ColumnTransformer to be column numbers in [0, 6), got 6.',
    })
    await assert.rejects(fit({ a: { columns: [0], transformer: new Ridge() } }), {
      name: 'TypeError',
      message: /^Expected part `a` of ColumnTransformer to have a transformer/,
    })
    await assert.rejects(fit({ a: { transformer } }), { name: 'TypeError' })
    await assert.rejects(fit([['a', transformer, [0]]]), { name: 'TypeError' })
    await assert.rejects(fit({ remainder: { columns: [0], transformer } }), { code: 'ERR_OPTION' })
    await assert.rejects(fit({}), {
      code: 'ERR_OPTION',
      message: /keep at least one column, got none/,
    })
    await assert.rejects(fit({}, { remainder: 'keep' }), { name: 'TypeError' })
  })

  test('learned values are checked when they are restored', async () => {
    const make = () =>
      new ColumnTransformer({
        transformers: { a: { columns: [0], transformer: new StandardScaler() } },
      })
    const state = learnedState(await make().fit(X))
    assert.deepEqual(
      (await restore(make(), state).transform(X)).toArray(),
      (await restore(clone(make()), state).transform(X)).toArray(),
    )
    for (const wrong of [
      { transformers_: {} },
      { transformers_: { a: { mean_: 3 } } },
      { widths_: new Int32Array(2) },
    ])
      assert.throws(() => restore(make(), { ...state, ...wrong }), { code: 'ERR_FORMAT' })
  })
})

describe('ColumnTransformer keeps the contract', () => {
  const make = () =>
    new ColumnTransformer({
      transformers: { first: { columns: [0], transformer: new RobustScaler() } },
      remainder: new StandardScaler(),
    })
  for (const check of estimatorChecks(make)) test(check.name, () => check.run())
})
