/** Models of XGBoost predict here what they predict there. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import * as fc from 'fast-check'
import { array, type NDArray, openArray } from '../../../src/arrays/index.ts'
import { isOneCopyError } from '../../../src/errors.ts'
import { GradientBoostingClassifier, GradientBoostingRegressor } from '../../../src/learn/index.ts'
import { openXGBoost } from '../../../src/models/index.ts'
import { parseXGBoost } from '../../../src/models/xgboost/parse-xgboost.ts'
import { NumberColumn, Table } from '../../../src/tables/index.ts'
import { assertNear } from '../near.ts'
import { type JsonModel, type JsonTree, naiveScores } from './naive-xgboost.ts'

const folder = new URL('../../fixtures/xgboost/', import.meta.url)
const at = (name: string): string => fileURLToPath(new URL(name, folder))
const read = (name: string): string => readFileSync(at(name), 'utf8')
const modelOf = (name: string): JsonModel =>
  JSON.parse(read(`${name}.json`).replaceAll('NaN', 'null')) as JsonModel
const baseOf = (name: string): number =>
  Math.fround(Number(modelOf(name).learner.learner_model_param.base_score))
const answers = JSON.parse(read('answers.json')) as Record<
  string,
  { predicted: number[] | number[][]; margin: number[] | number[][]; all?: number[]; best?: number }
>
const X = openArray<'float64'>(at('X.npy'))
const codes = openArray<'float64'>(at('X-codes.npy'))
/** Sums of float32, of a few trees. */
const float32Sums = 2e-6

function rowsOf(matrix: NDArray): number[][] {
  const [n, d] = matrix.shape as [number, number]
  return Array.from({ length: n }, (_, row) =>
    Array.from({ length: d }, (_, column) => Number(matrix.get(row, column))),
  )
}

/** Scores of all rows by the naive walker, with the score before the first tree. */
function scoresOf(name: string, base: number, matrix = X): number[][] {
  const model = modelOf(name)
  return rowsOf(matrix).map((row) => naiveScores(model, row, base))
}

/** XGBoost's own numbers have the precision of float32, also where they are near 0. */
function assertCloseToXGBoost(found: NDArray, expected: number[] | number[][]): void {
  const [a, b] = [found.toTypedArray() as Float64Array, expected.flat()]
  assert.equal(a.length, b.length)
  for (const [i, y] of b.entries())
    assert.ok(Math.abs(a[i]! - y) <= float32Sums * Math.max(1, Math.abs(y)), `${a[i]} for ${y}`)
}

async function openRegressor(name: string): Promise<GradientBoostingRegressor> {
  const model = await openXGBoost(at(`${name}.json`))
  assert.ok(model instanceof GradientBoostingRegressor)
  return model
}

async function openClassifier(name: string): Promise<GradientBoostingClassifier> {
  const model = await openXGBoost(at(`${name}.json`))
  assert.ok(model instanceof GradientBoostingClassifier)
  return model
}

const logistic = (score: number): number => 1 / (1 + Math.exp(-score))
const logit = (p: number): number => -Math.log(1 / Math.fround(p) - 1)
const softmax = (scores: readonly number[]): number[] => {
  const powers = scores.map((score) => Math.exp(score - Math.max(...scores)))
  const total = powers.reduce((sum, power) => sum + power, 0)
  return powers.map((power) => power / total)
}

describe('models that XGBoost 1.7 has saved', () => {
  const same = (value: number): number => value
  const numbers: readonly [string, number, (score: number) => number][] = [
    ['squared', 0.25, same],
    ['absolute', baseOf('absolute'), same],
    ['dart', 0.5, same],
    ['forest', 0.5, same],
    ['rank', 0.5, same],
    ['poisson', Math.log(0.5), Math.exp],
    ['tweedie', Math.log(0.5), Math.exp],
    ['gamma', Math.log(2), Math.exp],
  ]
  for (const [name, base, map] of numbers)
    test(`${name} predicts the same numbers`, async () => {
      const found = await (await openRegressor(name)).predict(X)
      assertNear(
        found,
        scoresOf(name, base).map(([s]) => map(s!)),
      )
      assertCloseToXGBoost(found, answers[name]!.predicted)
    })

  for (const [name, base] of [
    ['binary', 0.3],
    ['logistic-numbers', 0.5],
  ] as const)
    test(`${name} predicts the same probabilities`, async () => {
      const found = (await (await openClassifier(name)).predictProba(X)).column(1)
      assertNear(
        found,
        scoresOf(name, logit(base)).map(([s]) => logistic(s!)),
      )
      assertCloseToXGBoost(found.copy(), answers[name]!.predicted)
    })

  for (const name of ['softprob', 'softmax', 'forest-classes'])
    test(`${name} predicts the same classes`, async () => {
      const model = await openClassifier(name)
      const found = await model.predictProba(X)
      const expected = scoresOf(name, 0.5).map(softmax)
      assertNear(found, expected.flat())
      const labels = [...(await model.predict(X)).toTypedArray()]
      assert.deepEqual(
        labels,
        expected.map((row) => row.indexOf(Math.max(...row))),
      )
      const { predicted } = answers[name]!
      if (name === 'softmax') assert.deepEqual(labels, predicted)
      else assertCloseToXGBoost(found, predicted)
    })

  for (const name of ['one-hot', 'partition'])
    test(`${name}: categories go where XGBoost sends them`, async () => {
      const model = await openRegressor(name)
      assert.ok(modelOf(name).learner.gradient_booster.model.trees.some(hasCategories))
      const found = await model.predict(codes)
      assertNear(
        found,
        scoresOf(name, 0.5, codes).map(([s]) => s!),
      )
      assertCloseToXGBoost(found, answers[name]!.predicted)
      const columns = ['kind', 'b', 'a'].map(
        (own, j) => new NumberColumn(own, codes.column(2 - j).copy()),
      )
      assert.deepEqual(await model.predict(new Table(columns)), found)
    })

  test('a model that stopped early keeps its best rounds, or as many as wanted', async () => {
    const { best, all, predicted } = answers['early']!
    const model = await openRegressor('early')
    assert.equal(model.bestIteration_, best! + 1)
    assertCloseToXGBoost(await model.predict(X), predicted)
    const rounds = modelOf('early').learner.gradient_booster.model.trees.length
    const whole = await openXGBoost(pathToFileURL(at('early.json')), { rounds })
    assertCloseToXGBoost(await whole.predict(X), all!)
    await assert.rejects(
      openXGBoost(at('early.json'), { rounds: rounds + 1 }),
      (error) => isOneCopyError(error) && error.code === 'ERR_OPTION',
    )
  })

  test('labels can be booleans', async () => {
    const model = await openXGBoost(at('binary.json'), { classes: [false, true] })
    const labels: unknown = await model.predict(X)
    const expected = (answers['binary']!.predicted as number[]).map((p) => p > 0.5)
    assert.deepEqual(labels, expected)
  })
})

function hasCategories({ categories_nodes }: JsonTree): boolean {
  return categories_nodes.length > 0
}

/** A float32 in decimal digits, as XGBoost writes it. */
const someFloat32 = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -20, max: 20 }).map((value) => Math.fround(value / 10)),
  fc.constantFrom(0, -0, 2 ** 128 - 2 ** 104, -(2 ** 128 - 2 ** 104), 2 ** -149, -(2 ** -149)),
)

/** Numbers about a threshold: float64 neighbours of the point where rounding to float32 turns. */
function numbersAbout(threshold: number): number[] {
  const bits = new DataView(new ArrayBuffer(8))
  const shift = (value: number, by: bigint): number => {
    bits.setFloat64(0, value)
    bits.setBigInt64(0, bits.getBigInt64(0) + by)
    return bits.getFloat64(0)
  }
  bits.setFloat32(0, threshold)
  bits.setInt32(0, bits.getInt32(0) + 1)
  const next = bits.getFloat32(0)
  bits.setFloat32(0, threshold)
  bits.setInt32(0, Math.max(0, bits.getInt32(0) - 1))
  const before = bits.getFloat32(0)
  const middles = [(threshold + next) / 2, (threshold + before) / 2].filter(Number.isFinite)
  return [
    threshold,
    ...middles.flatMap((middle) => [middle, shift(middle, 1n), shift(middle, -1n)]),
  ]
}

test('rows come to the same leaves for every number, threshold and set of categories', async () => {
  const someSplit = fc.record({
    column: fc.nat(1),
    threshold: someFloat32,
    isLeft: fc.boolean(),
    codes: fc.option(fc.uniqueArray(fc.nat(40), { maxLength: 8 })),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(someSplit, { minLength: 1, maxLength: 6 }),
      fc.array(
        fc.oneof(
          fc.double(),
          fc.integer({ min: -3, max: 45 }).map((x) => x / 2),
        ),
      ),
      async (splits, others) => {
        const model = modelOf('squared')
        const { learner } = model
        learner.learner_model_param.num_feature = '2'
        learner.learner_model_param.base_score = '0'
        const booster = learner.gradient_booster.model
        booster.trees = splits.map((split, i) => stump(split, 2 ** i))
        booster.tree_info = splits.map(() => 0)
        learner.attributes = {}
        const opened = parseXGBoost('m.json', Buffer.from(JSON.stringify(model)))
        const values = [NaN, 0, -0, ...splits.flatMap((s) => numbersAbout(s.threshold)), ...others]
        const rows = values.map((value, i) => [value, values[(i * 7) % values.length]!])
        const found = await opened.predict(array(rows))
        const expected = rows.map((row) => naiveScores(model, row)[0]!)
        assert.deepEqual([...found.toTypedArray()], expected)
      },
    ),
    { seed: 5, numRuns: 400 },
  )
})

function stump(
  split: {
    readonly column: number
    readonly threshold: number
    readonly isLeft: boolean
    readonly codes: readonly number[] | null
  },
  leaf: number,
): JsonTree {
  const { column, threshold, isLeft, codes: own } = split
  return {
    left_children: [1, -1, -1],
    right_children: [2, -1, -1],
    split_indices: [column, 0, 0],
    split_conditions: [threshold, leaf, -leaf],
    default_left: [isLeft, false, false],
    split_type: [own === null ? 0 : 1, 0, 0],
    categories: own === null ? [] : [...own],
    categories_nodes: own === null ? [] : [0],
    categories_segments: own === null ? [] : [0],
    categories_sizes: own === null ? [] : [own.length],
    tree_param: { num_nodes: '3', num_feature: '2', size_leaf_vector: '0' },
  }
}

describe('damaged and foreign files are refused by field', () => {
  const first = 'learner.gradient_booster.model.trees[0]'
  const damaged = ' The file is damaged.'
  const change =
    (name: string, edit: (model: JsonModel, tree: JsonTree) => void) => (): unknown => {
      const model = modelOf(name)
      edit(model, model.learner.gradient_booster.model?.trees?.[0] as JsonTree)
      return parseXGBoost('m.json', Buffer.from(JSON.stringify(model)))
    }
  const cases: readonly [string, () => unknown, string][] = [
    [
      'a node that is its own child',
      change('squared', (_, tree) => (tree.left_children[3] = 3)),
      `\`${first}.left_children[3]\` of m.json to be a child with one parent, got node 3, which is a child already or the root.${damaged}`,
    ],
    [
      'a child outside the tree',
      change('squared', (_, tree) => (tree.right_children[0] = 15)),
      `\`${first}.right_children[0]\` of m.json to be a whole number from -1 to 14, got 15.${damaged}`,
    ],
    [
      'a split with one child',
      change('squared', (_, tree) => (tree.right_children[0] = -1)),
      `\`${first}.right_children[0]\` of m.json to be a child with one parent, got none.${damaged}`,
    ],
    [
      'a column that the model does not have',
      change('squared', (_, tree) => (tree.split_indices[0] = 4)),
      `\`${first}.split_indices[0]\` of m.json to be a column from 0 to 3, got 4.${damaged}`,
    ],
    [
      'a threshold beyond float32',
      change('squared', (_, tree) => (tree.split_conditions[0] = 1e39)),
      `\`${first}.split_conditions[0]\` of m.json to be a finite float32, got 1e+39.${damaged}`,
    ],
    [
      'lists of different lengths',
      change('squared', (_, tree) => tree.default_left.pop()),
      `\`${first}.default_left\` of m.json to be a list of 15, got 14.${damaged}`,
    ],
    [
      'a negative category',
      change('partition', (model) => {
        const tree = model.learner.gradient_booster.model.trees.find(hasCategories)!
        tree.categories[0] = -1
      }),
      `\`learner.gradient_booster.model.trees[1].categories[0]\` of m.json to be a whole number from 0 to 16777215, got -1.${damaged}`,
    ],
    [
      'categories beyond their list',
      change('partition', (model) => {
        const tree = model.learner.gradient_booster.model.trees.find(hasCategories)!
        tree.categories_sizes[1]! += 1
      }),
      `\`learner.gradient_booster.model.trees[1].categories_segments[1]\` of m.json to be 5, with as many categories as it says, got 5.${damaged}`,
    ],
    [
      'a tree of another class',
      change('softprob', ({ learner }) => (learner.gradient_booster.model.tree_info[1] = 2)),
      `\`learner.gradient_booster.model.tree_info[1]\` of m.json to be 1, got 2.${damaged}`,
    ],
    [
      'part of a round',
      change('softprob', ({ learner }) => learner.gradient_booster.model.trees.pop()),
      `\`learner.gradient_booster.model.trees\` of m.json to be whole rounds of 3 trees, got 11 trees.${damaged}`,
    ],
    [
      'more columns than trees can have',
      change('squared', ({ learner }) => (learner.learner_model_param.num_feature = '999999999')),
      `\`learner.learner_model_param.num_feature\` of m.json to be a whole number from 1 to 4194304, got '999999999'.${damaged}`,
    ],
    [
      'a probability that is none',
      change('binary', ({ learner }) => (learner.learner_model_param.base_score = '1')),
      `\`learner.learner_model_param.base_score\` of m.json to be a probability above 0 and below 1, got '1'.${damaged}`,
    ],
    [
      'names of too few columns',
      change('partition', ({ learner }) => learner.feature_names.pop()),
      `\`learner.feature_names\` of m.json to be a list of 3, got 2.${damaged}`,
    ],
    [
      'a linear model',
      change('linear', () => undefined),
      "`learner.gradient_booster.name` of m.json to be 'gbtree' or 'dart', got 'gblinear'. Fit a linear model of onecopy on the same data.",
    ],
    [
      'labels without probabilities',
      change('hinge', () => undefined),
      "`learner.objective.name` of m.json to be an objective whose predictions are scores, their exponentials or probabilities of classes, got 'binary:hinge'. Its predictions have no counterpart here.",
    ],
    [
      'several targets',
      change('squared', ({ learner }) =>
        Object.assign(learner.learner_model_param, { num_target: '2' }),
      ),
      '`learner.learner_model_param.num_target` of m.json to be 1, got more. Train one model for each target.',
    ],
    [
      'vectors in leaves',
      change('squared', (_, tree) => (tree.tree_param.size_leaf_vector = '2')),
      `\`${first}.tree_param.size_leaf_vector\` of m.json to be at most 1, got more. Train one model for each target.`,
    ],
    [
      'a list in place of an object',
      () => parseXGBoost('m.json', Buffer.from('{"learner": []}')),
      '`learner` of m.json to be an object, got an array of length 0. The file is damaged.',
    ],
    [
      'the old binary format',
      () => parseXGBoost('m.bin', Buffer.from('binf\0\0\0?', 'latin1')),
      "m.bin to be XGBoost's JSON or UBJSON model, got another format. Save it by `booster.save_model('model.json')`.",
    ],
    [
      'a cut file',
      () => parseXGBoost('m.json', Buffer.from(read('squared.json').slice(0, 18))),
      "m.json to be XGBoost's JSON model, got text that is no JSON. The file is damaged.",
    ],
  ]
  for (const [name, open, message] of cases)
    test(name, () => {
      assert.throws(open, (error) => {
        assert.ok(isOneCopyError(error))
        const found = error.message.replace(/(no JSON): .*\. The/, '$1. The')
        assert.equal(found, `Expected ${message}`)
        assert.equal(error.code, 'ERR_FORMAT')
        return true
      })
    })
})

test('base scores of newer versions are lists', () => {
  const model = modelOf('softprob')
  model.learner.learner_model_param.base_score = '[1E-1,2E-1,3E-1]'
  const opened = parseXGBoost('m.json', Buffer.from(JSON.stringify(model)))
  assert.ok(opened instanceof GradientBoostingClassifier)
  assert.deepEqual([...opened.baselines_], [0.1, 0.2, 0.3].map(Math.fround))
})

describe('UBJSON', () => {
  for (const [name, rows] of [
    ['softprob', X],
    ['partition', codes],
  ] as const)
    test(`${name}.ubj is the model that ${name}.json is`, async () => {
      const [json, binary] = [
        await openXGBoost(at(`${name}.json`)),
        await openXGBoost(at(`${name}.ubj`)),
      ]
      assert.deepEqual(await binary.predict(rows), await json.predict(rows))
      assert.deepEqual(binary.nodes_.toTypedArray(), json.nodes_.toTypedArray())
    })

  const refuse = (bytes: string, message: string): void =>
    assert.throws(
      () => parseXGBoost('m.ubj', Buffer.from(bytes, 'latin1')),
      (error) => {
        assert.ok(isOneCopyError(error))
        assert.equal(
          error.message,
          `Expected ${message}. The file is damaged, or no model of XGBoost.`,
        )
        return error.code === 'ERR_FORMAT'
      },
    )

  test('damaged files are refused by byte', () => {
    refuse('{i', 'a number at byte 2 of m.ubj, got the end of the file')
    refuse('{i\x01a', 'a value at byte 4 of m.ubj, got the end of the file')
    refuse('{i\xffa', 'a length of at most 1 at byte 3 of m.ubj, got -1')
    refuse(
      '{L\x7f\0\0\0\0\0\0\0a',
      'a length of at most 1 at byte 10 of m.ubj, got 9151314442816848000',
    )
    refuse('{i\x01aQ}', "the type of a value at byte 5 of m.ubj, got 'Q'")
    refuse('{i\x01aT}}', 'the end of the file at byte 6 of m.ubj, got 1 more bytes')
    refuse('{i\x01aTi\x01aT}', "each name once at byte 8 of m.ubj, got 'a' again")
    refuse('{i\x01a[$d#l\x7f\0\0\0', 'a length of at most 0 at byte 13 of m.ubj, got 2130706432')
    refuse('{i\x01a[$Z#i\x7f}', "a list of numbers at byte 8 of m.ubj, got one of 'Z'")
    refuse(`{i\x01a${'['.repeat(200)}`, 'at most 100 levels at byte 105 of m.ubj, got more')
  })
})

test('a long base score that is no number is refused in one pass', () => {
  const model = modelOf('squared')
  model.learner.learner_model_param.base_score = `${'1'.repeat(3_000_000)}x`
  assert.throws(
    () => parseXGBoost('x.json', Buffer.from(JSON.stringify(model))),
    (error) => isOneCopyError(error) && error.message.includes('base_score` of x.json'),
  )
})
