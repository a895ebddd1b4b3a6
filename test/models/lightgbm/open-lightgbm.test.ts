/** Models of LightGBM predict here what they predict there. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import * as fc from 'fast-check'
import { array, openArray } from '../../../src/arrays/index.ts'
import { isOneCopyError } from '../../../src/errors.ts'
import {
  GradientBoostingClassifier,
  GradientBoostingRegressor,
  learnedState,
  restore,
} from '../../../src/learn/index.ts'
import { openLightGBM } from '../../../src/models/index.ts'
import { parseLightGBM } from '../../../src/models/lightgbm/parse-lightgbm.ts'
import { NumberColumn, Table } from '../../../src/tables/index.ts'
import { assertNear } from '../near.ts'
import { naiveScore, type TextTree, writeText } from './naive-lightgbm.ts'
import { someTree, someValue } from './some-trees.ts'

const folder = new URL('../../fixtures/lightgbm/', import.meta.url)
const at = (name: string): string => fileURLToPath(new URL(name, folder))
const X = openArray<'float64'>(at('X.npy'))

async function openRegressor(path: string): Promise<GradientBoostingRegressor> {
  const model = await openLightGBM(path)
  assert.ok(model instanceof GradientBoostingRegressor)
  return model
}

async function openClassifier(path: string): Promise<GradientBoostingClassifier> {
  const model = await openLightGBM(path)
  assert.ok(model instanceof GradientBoostingClassifier)
  return model
}

/** Scores of rows: what Shapley values and their base add up to. */
async function rawScores(
  model: GradientBoostingRegressor | GradientBoostingClassifier,
): Promise<number[]> {
  const { values, base } = await model.shapValues(X, { background: X.rows(0, 1) })
  const scores = base.length
  const columns = X.shape[1]!
  return Array.from({ length: X.shape[0]! * scores }, (_, i) => {
    const [row, score] = [Math.floor(i / scores), i % scores]
    let sum = base[score]!
    for (let j = 0; j < columns; j++)
      sum += Number(values.data[(row * columns + j) * scores + score])
    return sum
  })
}

describe('models that LightGBM 4.6 has saved', () => {
  test('a regression predicts the same numbers', async () => {
    const model = await openRegressor(at('regression.txt'))
    assertNear(await model.predict(X), openArray(at('regression-predicted.npy')))
    assertNear(await model.predict(X), openArray(at('regression-raw.npy')))
    assert.equal(model.treeCount, 12)
    assert.equal(model.bestIteration_, 12)
  })

  test('counts of a Poisson regression are exponentials of scores', async () => {
    const model = await openRegressor(at('poisson.txt'))
    assert.equal(model.loss, 'poisson')
    assertNear(await model.predict(X), openArray(at('poisson-predicted.npy')))
    assertNear(array(await rawScores(model)), openArray(at('poisson-raw.npy')), 1e-11)
  })

  test('two classes have the same probabilities', async () => {
    const model = await openClassifier(at('binary.txt'))
    const expected = openArray(at('binary-predicted.npy'))
    const found = await model.predictProba(X)
    assertNear(found.column(1), expected)
    assertNear(array(await rawScores(model)), openArray(at('binary-raw.npy')), 1e-10)
    const labels = await model.predict(X)
    assert.deepEqual(
      [...labels.toTypedArray()],
      Array.from(expected.toTypedArray() as Float64Array, (p) => Number(p > 0.5)),
    )
  })

  test('three classes have the same probabilities', async () => {
    const model = await openClassifier(at('multiclass.txt'))
    assertNear(await model.predictProba(X), openArray(at('multiclass-predicted.npy')))
    assertNear(array(await rawScores(model)), openArray(at('multiclass-raw.npy')), 1e-10)
    assert.equal(model.treeCount, 36)
  })

  test('labels can be texts', async () => {
    const model = await openLightGBM(at('multiclass.txt'), { classes: ['a', 'b', 'c'] })
    const labels: unknown = await model.predict(X)
    assert.ok(Array.isArray(labels) && labels.every((label) => ['a', 'b', 'c'].includes(label)))
  })

  test('an opened model has learned state like one that was fitted', async () => {
    const model = await openRegressor(at('poisson.txt'))
    const copy = restore(new GradientBoostingRegressor(model.getParams()), learnedState(model))
    assert.deepEqual(
      (await copy.predict(X)).toTypedArray(),
      (await model.predict(X)).toTypedArray(),
    )
  })

  test('gains and numbers of splits are those of the file', async () => {
    const model = await openRegressor(at('regression.txt'))
    const text = readFileSync(at('regression.txt'), 'utf8')
    const lines = (name: string): number[] =>
      [...text.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].flatMap(([, words]) =>
        words!.split(' ').map(Number),
      )
    const [features, gains] = [lines('split_feature'), lines('split_gain')]
    const expected = new Float64Array(5)
    const counts = new Float64Array(5)
    for (const [i, feature] of features.entries()) {
      expected[feature]! += gains[i]!
      counts[feature]!++
    }
    assertNear(array(model.featureGains_), [...expected])
    assert.deepEqual(model.splitCounts(), counts)
  })

  test('fewer rounds are the first ones', async () => {
    const four = await openLightGBM(pathToFileURL(at('regression.txt')), { rounds: 4 })
    assert.equal(four.treeCount, 4)
    await assert.rejects(
      openLightGBM(at('regression.txt'), { rounds: 13 }),
      (error) => isOneCopyError(error) && error.code === 'ERR_OPTION',
    )
  })

  test('names of columns find the columns of a table', async () => {
    const text = readFileSync(at('regression.txt'), 'utf8').replace(
      /^feature_names=.*$/m,
      'feature_names=a b c d e',
    )
    const model = parseLightGBM('model.txt', text)
    assert.deepEqual(model.featureNamesIn_, ['a', 'b', 'c', 'd', 'e'])
    const columns = ['e', 'd', 'c', 'b', 'a'].map(
      (name, j) => new NumberColumn(name, X.column(4 - j).copy()),
    )
    assertNear(await model.predict(new Table(columns)), openArray(at('regression-predicted.npy')))
    assertNear(await model.predict(X), openArray(at('regression-predicted.npy')))
  })

  test('lines may end with carriage returns', async () => {
    const text = readFileSync(at('regression.txt'), 'utf8').replaceAll('\n', '\r\n')
    const model = parseLightGBM('model.txt', text)
    assertNear(await model.predict(X), openArray(at('regression-predicted.npy')))
  })
})

test('every kind of split decides as LightGBM does, for every number', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(someTree, { minLength: 1, maxLength: 3 }),
      fc.array(fc.tuple(someValue, someValue, someValue), { minLength: 1, maxLength: 40 }),
      async (trees, rows) => {
        const model = parseLightGBM('model.txt', writeText(trees))
        const expected = rows.map((row) =>
          trees.reduce((sum, tree) => sum + naiveScore(tree, row), 0),
        )
        const found = await model.predict(array(rows))
        assert.deepEqual([...found.toTypedArray()], expected)
      },
    ),
    { seed: 4, numRuns: 300 },
  )
})

describe('objectives', () => {
  const stump: TextTree = {
    splits: [{ feature: 0, threshold: 0, kind: 2, codes: [] }],
    left: [-1],
    right: [-2],
    leaves: [-0.75, 1.5],
  }
  const rows = array([
    [-1, 0, 0],
    [1, 0, 0],
  ])
  const scores = [-1.5, 3]
  const open = (header: string[]) => parseLightGBM('m.txt', writeText([stump, stump], { header }))

  const same = (value: number): number => value
  const cases: readonly [string, (value: number) => number][] = [
    ['regression', same],
    ['regression_l1', same],
    ['huber', same],
    ['fair', same],
    ['quantile alpha:0.9', same],
    ['mape', same],
    ['lambdarank', same],
    ['custom', same],
    ['poisson', Math.exp],
    ['gamma', Math.exp],
    ['tweedie tweedie_variance_power:1.2', Math.exp],
  ]
  for (const [objective, map] of cases)
    test(`${objective} predicts ${map === same ? 'scores' : 'exponentials of scores'}`, async () => {
      const model = open([`objective=${objective}`])
      assertNear(await model.predict(rows), scores.map(map))
    })

  test('a model without objective predicts scores', async () => {
    assertNear(await open([]).predict(rows), scores)
  })

  for (const objective of ['binary sigmoid:1', 'binary sigmoid:0.25', 'cross_entropy'])
    test(`${objective} predicts probabilities`, async () => {
      const model = open([`objective=${objective}`])
      assert.ok(model instanceof GradientBoostingClassifier)
      const slope = objective === 'binary sigmoid:0.25' ? 0.25 : 1
      const expected = scores.map((score) => 1 / (1 + Math.exp(-slope * score)))
      assertNear((await model.predictProba(rows)).column(1), expected)
    })

  test('a random forest predicts means', async () => {
    const model = open(['objective=regression', 'average_output'])
    assertNear(await model.predict(rows), [-0.75, 1.5])
  })

  test('a constant tree has one leaf', async () => {
    const constant: TextTree = { splits: [], left: [], right: [], leaves: [2.5] }
    const model = parseLightGBM('m.txt', writeText([constant, stump]))
    assertNear(await model.predict(rows), [1.75, 4])
  })

  const refused = [
    'multiclassova num_class:1 sigmoid:1',
    'cross_entropy_lambda',
    'regression sqrt',
    'binary sigmoid:x',
    'multiclass num_class:3',
    'toString',
  ]
  for (const objective of refused)
    test(`${objective} is refused`, () => {
      assert.throws(
        () => open([`objective=${objective}`]),
        (error) =>
          isOneCopyError(error) &&
          error.code === 'ERR_FORMAT' &&
          error.message.startsWith('Expected `objective` of the model in line 7 of m.txt to be '),
      )
    })
})

describe('damaged files are refused by line, tree and field', () => {
  const text = readFileSync(at('regression.txt'), 'utf8')
  const cases: readonly [string, RegExp, string, string][] = [
    [
      'a child that points to its own node',
      /^left_child=2 -2 4 -4 -1 -3 -5$/m,
      'left_child=0 -2 4 -4 -1 -3 -5',
      'Expected `left_child` of tree 0 in line 19 of m.txt to be children of one tree, each with one parent and at most 4000 splits above it, ' +
        'got 0 at position 0, which is a child already or the root. The file is damaged.',
    ],
    [
      'a child outside the tree',
      /^left_child=2 -2 4 -4 -1 -3 -5$/m,
      'left_child=7 -2 4 -4 -1 -3 -5',
      "Expected `left_child` of tree 0 in line 19 of m.txt to be whole numbers from -8 to 6, got '7' at position 0. The file is damaged.",
    ],
    [
      'a column that the model does not have',
      /^split_feature=3 0 3/m,
      'split_feature=5 0 3',
      "Expected `split_feature` of tree 0 in line 15 of m.txt to be whole numbers from 0 to 4, got '5' at position 0. The file is damaged.",
    ],
    [
      'too few leaves',
      /^leaf_value=1.5875554629567672 /m,
      'leaf_value=',
      'Expected `leaf_value` of tree 0 in line 21 of m.txt to be 8 numbers, got 7. The file is damaged.',
    ],
    [
      'a leaf that is no number',
      /^leaf_value=1.5875554629567672 /m,
      'leaf_value=nan ',
      "Expected `leaf_value` of tree 0 in line 21 of m.txt to be finite numbers, got 'nan' at position 0. The file is damaged.",
    ],
    [
      'a set of categories that is not there',
      /^threshold=0 /m,
      'threshold=2 ',
      'Expected `threshold` of tree 0 in line 17 of m.txt to be numbers of 2 sets of categories, got 2 at position 0. The file is damaged.',
    ],
    [
      'boundaries of sets that do not ascend',
      /^cat_boundaries=0 1 2$/m,
      'cat_boundaries=0 2 2',
      'Expected `cat_boundaries` of tree 0 in line 27 of m.txt to be numbers that ascend from 0 to 2, got others. The file is damaged.',
    ],
    [
      'a linear tree',
      /^is_linear=0$/m,
      'is_linear=1',
      'Expected `is_linear` of tree 0 in line 29 of m.txt to be 0, got 1. Trees with linear models in their leaves have no counterpart: train without `linear_tree`.',
    ],
    [
      'more leaves than memory has room for',
      /^num_leaves=8$/m,
      'num_leaves=268435456',
      'Expected `leaf_value` of tree 0 in line 21 of m.txt to be 268435456 numbers, got 8. The file is damaged.',
    ],
    [
      'a missing line',
      /^threshold=0.*\n/m,
      '',
      "Expected `threshold` of tree 0 in m.txt, got none. The file is damaged or not LightGBM's text model.",
    ],
    [
      'a line that comes twice',
      /^(threshold=0.*\n)/m,
      '$1$1',
      'Expected `threshold` of tree 0 in line 18 of m.txt to be each name once, got threshold a second time. The file is damaged.',
    ],
    [
      'another version',
      /^version=v4$/m,
      'version=v9',
      'Expected `version` of the model in line 2 of m.txt to be v2, v3, v4, got v9. Save it by LightGBM 2 to 4.',
    ],
    [
      'trees out of order',
      /^Tree=1$/m,
      'Tree=2',
      "Expected 'Tree=1' in line 33 of m.txt, got 'Tree=2'. The file is damaged.",
    ],
    [
      'names of too few columns',
      /^feature_names=Column_0 /m,
      'feature_names=',
      'Expected `feature_names` of the model in line 8 of m.txt to be 5 different names, as `max_feature_idx` says, got 4. The file is damaged.',
    ],
    [
      'a tree that is gone',
      /^tree_sizes=802 /m,
      'tree_sizes=802 802 ',
      'Expected 13 trees in m.txt, 1 for each round, got 12. The file is damaged.',
    ],
    [
      'a cut file',
      /^end of trees[^]*/m,
      '',
      "Expected the line 'end of trees' in m.txt, got the end of the file after 12 trees. The file is cut off.",
    ],
    [
      'another file',
      /^tree\n/,
      '{"a": 1}\n',
      "Expected m.txt to be LightGBM's text model, whose first line is 'tree', got '{\"a\": 1}'. Save it by `booster.save_model(path)`.",
    ],
  ]
  for (const [name, pattern, replacement, message] of cases)
    test(name, () => {
      const damaged = text.replace(pattern, replacement)
      assert.notEqual(damaged, text)
      assert.throws(
        () => parseLightGBM('m.txt', damaged),
        (error) => {
          assert.ok(isOneCopyError(error))
          assert.equal(error.message, message)
          assert.equal(error.code, 'ERR_FORMAT')
          return true
        },
      )
    })

  test('options and paths are checked', async (t) => {
    const path = at('binary.txt')
    const own = mkdtempSync(join(tmpdir(), 'onecopy-'))
    t.after(() => rmSync(own, { recursive: true }))
    writeFileSync(join(own, 'empty.txt'), '')
    const code = (expected: string) => (error: unknown) =>
      isOneCopyError(error) && error.code === expected
    await assert.rejects(openLightGBM(join(own, 'empty.txt')), code('ERR_FORMAT'))
    await assert.rejects(openLightGBM(join(own, 'none.txt')), code('ERR_FILE'))
    await assert.rejects(openLightGBM(own), code('ERR_FILE'))
    await assert.rejects(openLightGBM(path, { rounds: 0 }), code('ERR_OPTION'))
    await assert.rejects(openLightGBM(path, { classes: ['b', 'a'] }), code('ERR_OPTION'))
    await assert.rejects(openLightGBM(path, { classes: ['a', 'b', 'c'] }), code('ERR_OPTION'))
    await assert.rejects(openLightGBM(at('poisson.txt'), { classes: [0] }), code('ERR_OPTION'))
    await assert.rejects(openLightGBM(path, { rounds: '3' as unknown as number }), TypeError)
    await assert.rejects(openLightGBM(path, { round: 3 } as object), TypeError)
    await assert.rejects(openLightGBM(3 as unknown as string), TypeError)
  })
})

test('a long word that is no number is refused in one pass', () => {
  const text = readFileSync(at('regression.txt'), 'utf8')
  const wrong = text.replace(/leaf_value=\S+/, `leaf_value=${'1'.repeat(3_000_000)}x`)
  assert.throws(
    () => parseLightGBM('x.txt', wrong),
    (error) =>
      isOneCopyError(error) && /`leaf_value` of tree 0 in line \d+ of x.txt/.test(error.message),
  )
})

test('a pipe is refused, not waited for', { skip: process.platform === 'win32' }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'onecopy-pipe-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'pipe')
  execFileSync('mkfifo', [path])
  await assert.rejects(openLightGBM(path), {
    code: 'ERR_FILE',
    message: `Expected the model file ${path} to be a regular file, got a folder or a device.`,
  })
})
