/** SimpleImputer and RobustScaler: scikit-learn's numbers, the contract, refusals. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array } from '../../../src/arrays/index.ts'
import {
  estimatorChecks,
  learnedState,
  restore,
  RobustScaler,
  SimpleImputer,
} from '../../../src/learn/index.ts'
import { assertClose } from '../close.ts'
import { fixture, flat, matrix } from './fixture.ts'

const plain = array(fixture.plain)
const missing = matrix(fixture.missing)
const nan = Number.NaN

describe('SimpleImputer', () => {
  for (const { strategy, addIndicator, statistics, transformed } of fixture.imputers) {
    test(`${strategy}${addIndicator ? ' with indicators' : ''} has the numbers of scikit-learn 1.2`, async () => {
      const imputer = await new SimpleImputer({ strategy, addIndicator, fillValue: -7 }).fit(
        missing,
      )
      assertClose(imputer.statistics_, statistics as number[], 1e-14)
      const found = await imputer.transform(missing)
      assert.deepEqual(found.shape, [40, transformed[0]!.length])
      assertClose(found.toTypedArray(), flat(transformed), 1e-14)
    })
  }

  test('drops a column without values, or keeps it as 0', async () => {
    const X = array([
      [nan, 1],
      [nan, nan],
    ])
    const dropped = await (await new SimpleImputer().fit(X)).transform(X)
    assert.deepEqual(dropped.toArray(), [[1], [1]])
    const keeper = new SimpleImputer({
      strategy: 'median',
      keepEmptyFeatures: true,
      addIndicator: true,
    })
    const kept = await (await keeper.fit(X)).transform(X)
    assert.deepEqual(kept.toArray(), [
      [0, 1, 1, 0],
      [0, 1, 1, 1],
    ])
    await assert.rejects(new SimpleImputer().fit(array([[nan]])), {
      code: 'ERR_VALUE',
      message:
        'Expected at least one column of `X` with a value, got only NaN. Set keepEmptyFeatures: true to fill it in.',
    })
  })

  test('takes another number for missing as well, also in integers', async () => {
    const X = array([4, -1, 2, -1, -1, 9], { dtype: 'int16' }).reshape(6, 1)
    const imputer = await new SimpleImputer({
      strategy: 'median',
      missing: -1,
      addIndicator: true,
    }).fit(X)
    assert.deepEqual((await imputer.transform(X)).toArray(), [
      [4, 0],
      [4, 1],
      [2, 0],
      [4, 1],
      [4, 1],
      [9, 0],
    ])
    const floats = array([[5], [nan], [-1], [7]])
    for (const strategy of ['mean', 'median'] as const) {
      const both = await new SimpleImputer({ strategy, missing: -1 }).fit(floats)
      assert.deepEqual([...both.statistics_], [6])
    }
  })

  test('weighs means, medians and frequencies', async () => {
    const X = array([[1], [2], [2], [nan], [10]])
    const weights = [1, 1, 1, 9, 4]
    const value = async (strategy: 'mean' | 'median' | 'mostFrequent') =>
      (await new SimpleImputer({ strategy }).fit(X, undefined, { weights })).statistics_[0]
    assert.equal(await value('mean'), 45 / 7)
    assert.equal(await value('median'), 10)
    assert.equal(await value('mostFrequent'), 10)
  })

  test('refuses infinity, wrong options and wrong learned values', async () => {
    for (const strategy of ['mean', 'median', 'mostFrequent', 'constant'] as const) {
      await assert.rejects(new SimpleImputer({ strategy }).fit(array([[nan], [Infinity]])), {
        code: 'ERR_VALUE',
        message:
          'Expected finite numbers, or NaN for missing ones, got Infinity in `X` at row 1, column 0 (counted from 0). ' +
          'Leave such rows out, or replace their values first.',
      })
    }
    await assert.rejects(new SimpleImputer({ strategy: 'most_frequent' as 'mean' }).fit(missing), {
      code: 'ERR_OPTION',
      message:
        "Expected `strategy` of SimpleImputer to be 'mean', 'median', 'mostFrequent' or 'constant', got 'most_frequent'." +
        " onecopy calls it 'mostFrequent'.",
    })
    assert.throws(() => new SimpleImputer({ add_indicator: true } as object), {
      message: /no option `add_indicator`; onecopy calls it `addIndicator`/,
    })
    assert.throws(() => new SimpleImputer({ missing_values: -1 } as object), {
      message: /no option `missing_values`; onecopy calls it `missing`/,
    })
    const state = learnedState(await new SimpleImputer({ addIndicator: true }).fit(missing))
    for (const wrong of [
      { statistics_: new Float64Array([nan]) },
      { statistics_: new Float64Array([Infinity]) },
      { indicatorColumns_: new Int32Array([4]) },
    ])
      assert.throws(() => restore(new SimpleImputer(), { ...state, ...wrong }), {
        code: 'ERR_FORMAT',
      })
  })
})

describe('RobustScaler', () => {
  for (const { options, center, scale, transformed } of fixture.scalers) {
    test(`${JSON.stringify(options)} has the numbers of scikit-learn 1.2`, async () => {
      const scaler = await new RobustScaler(options).fit(plain)
      if (center !== null) assertClose(scaler.shift_, center, 1e-14)
      if (scale !== null) assertClose(scaler.scale_, scale, 1e-13)
      const found = await scaler.transform(fixture.fresh)
      assertClose(found.toTypedArray(), flat(transformed), 1e-12)
    })
  }

  test('divides a column whose quantiles are equal by 1', async () => {
    const scaler = await new RobustScaler().fit(array([[1], [1], [1], [1], [50]]))
    assert.deepEqual([...scaler.shift_, ...scaler.scale_, ...scaler.range_], [1, 1, 0])
  })

  test('refuses quantiles that are none', async () => {
    await assert.rejects(new RobustScaler({ quantileRange: [75, 25] }).fit(plain), {
      code: 'ERR_OPTION',
      message:
        'Expected `quantileRange` of RobustScaler to be percentages with 0 <= low < high <= 100, got [75, 25].',
    })
    await assert.rejects(
      new RobustScaler({ quantileRange: [0, 75], unitVariance: true }).fit(plain),
      {
        code: 'ERR_OPTION',
        message: /with unitVariance to lie between 0 and 100/,
      },
    )
    await assert.rejects(new RobustScaler({ quantileRange: 50 as unknown as [0, 1] }).fit(plain), {
      name: 'TypeError',
    })
  })
})

const allowsMissing = ['NaN in X is refused']
for (const [name, maker, except] of [
  ['SimpleImputer', SimpleImputer, allowsMissing],
  [
    'SimpleImputer by medians',
    () => new SimpleImputer({ strategy: 'median', addIndicator: true }),
    allowsMissing,
  ],
  [
    'SimpleImputer by frequencies',
    () => new SimpleImputer({ strategy: 'mostFrequent' }),
    allowsMissing,
  ],
  ['RobustScaler', RobustScaler, []],
] as const) {
  describe(`${name} keeps the contract`, () => {
    for (const check of estimatorChecks(maker, { except })) test(check.name, () => check.run())
  })
}
