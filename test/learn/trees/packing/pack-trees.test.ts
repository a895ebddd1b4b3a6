/** Trees of other libraries predict in our form what their splits say. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { array, shared } from '../../../../src/arrays/index.ts'
import { isOneCopyError } from '../../../../src/errors.ts'
import {
  GradientBoostingRegressor,
  learnedState,
  plotTree,
  restore,
} from '../../../../src/learn/index.ts'
import {
  findWrongChild,
  type IntervalSplit,
  mostDepth,
  packTrees,
  type SplitTree,
} from '../../../../src/learn/internal.ts'

const columns = 3

function modelOf(trees: readonly SplitTree[], columns = 3): GradientBoostingRegressor {
  return restore(new GradientBoostingRegressor(), {
    ...packTrees(trees, columns),
    className_: 'GradientBoostingRegressor',
    featureGains_: new Float64Array(columns),
    featureImportances_: new Float64Array(columns),
    targetShape_: [],
    bestIteration_: trees.length,
    validationLosses_: new Float64Array(),
    monotonicSigns_: new Int32Array(columns),
    interactions_: 'any',
    baseline_: 0,
    map_: 'score',
    loss_: 'squared',
    lossParameter_: 0,
  })
}

function goesLeft(split: IntervalSplit, value: number): boolean {
  if (Number.isNaN(value)) return split.missingLeft
  const below = split.bounds.filter((bound) => bound < value).length
  return split.firstLeft === (below % 2 === 0)
}

function naive({ splits, left, right, leaves }: SplitTree, row: readonly number[]): number {
  let child = splits.length === 0 ? -1 : 0
  while (child >= 0) {
    const split = splits[child]!
    child = (goesLeft(split, row[split.column]!) ? left : right)[child]!
  }
  return leaves[-1 - child]!
}

/** Whole numbers, so that sums don't depend on their order, and values often meet a bound. */
const someValue = fc.oneof(
  fc.integer({ min: -9, max: 9 }),
  fc.constantFrom(NaN, Infinity, -Infinity, -0, 1e300, 5e-324),
)

const someSplit = fc.record({
  column: fc.nat(columns - 1),
  bounds: fc
    .uniqueArray(fc.integer({ min: -8, max: 8 }), { maxLength: 5 })
    .map((bounds) => bounds.toSorted((a, b) => a - b)),
  firstLeft: fc.boolean(),
  missingLeft: fc.boolean(),
})

/** A tree that grows by splitting a leaf that a number chooses. */
const someTree = fc
  .array(fc.record({ split: someSplit, leaf: fc.nat() }), { maxLength: 12 })
  .map((steps): SplitTree => {
    const [left, right]: number[][] = [[], []]
    const places: [side: number[], at: number][] = [[[], 0]]
    for (const [i, { leaf }] of steps.entries()) {
      const chosen = leaf % places.length
      const [side, at] = places[chosen]!
      side[at] = i
      left!.push(-1 - chosen)
      right!.push(-1 - places.length)
      places[chosen] = [left!, i]
      places.push([right!, i])
    }
    const leaves = places.map((_, k) => 2 ** (k % 20) * (k % 3 === 0 ? -1 : 1))
    return { splits: steps.map(({ split }) => split), left: left!, right: right!, leaves }
  })

const someRows = fc.array(fc.tuple(someValue, someValue, someValue), {
  minLength: 1,
  maxLength: 40,
})

test('packed trees predict what their splits say, for every number', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(someTree, { minLength: 1, maxLength: 4 }),
      someRows,
      async (trees, rows) => {
        for (const tree of trees) assert.equal(findWrongChild(tree), undefined)
        const model = modelOf(trees)
        const found = await model.predict(array(rows))
        const expected = rows.map((row) => trees.reduce((sum, tree) => sum + naive(tree, row), 0))
        assert.deepEqual([...found.toTypedArray()], expected)
        const { values, base } = await model.shapValues(array(rows), {
          background: array(rows.slice(0, 2)),
        })
        for (const [i, score] of expected.entries()) {
          const own = [...values.toTypedArray().subarray(columns * i, columns * (i + 1))]
          const sum = own.reduce((total, value) => total + value, base[0]!)
          assert.ok(Math.abs(sum - score) < 1e-6 * Math.max(1, Math.abs(score)), `${sum}, ${score}`)
        }
        for (const tree of trees.keys()) assert.match(plotTree(model, { tree }), /^<svg/)
      },
    ),
    { seed: 12, numRuns: 300 },
  )
})

/** A chain of splits that all have their bounds in column 1. */
function chain(bounds: readonly (readonly number[])[]): SplitTree {
  return {
    splits: bounds.map((own, i) => ({
      column: 1,
      bounds: own,
      firstLeft: i % 2 === 0,
      missingLeft: i % 3 === 0,
    })),
    left: bounds.map((_, i) => -1 - i),
    right: bounds.map((_, i) => (i + 1 < bounds.length ? i + 1 : -2 - i)),
    leaves: Array.from({ length: bounds.length + 1 }, (_, i) => i),
  }
}

test('a column that is split at more than 254 places becomes several binned columns', async () => {
  const single = chain(Array.from({ length: 700 }, (_, i) => [(i * 37) % 701]))
  const sets = chain(
    Array.from({ length: 60 }, (_, i) => Array.from({ length: 9 }, (_, k) => 11 * i + k * k)),
  )
  const model = modelOf([single, sets])
  assert.ok(model.binStarts_.length - 1 > columns)
  const rows = Array.from({ length: 750 }, (_, i) => [NaN, i < 749 ? i - 20.5 : NaN, 0])
  const found = await model.predict(array(rows))
  const expected = rows.map((row) => naive(single, row) + naive(sets, row))
  assert.deepEqual([...found.toTypedArray()], expected)
  assert.equal(model.splitCounts()[1], 760)
  const { values } = await model.shapValues(array(rows.slice(0, 3)), { background: array(rows) })
  assert.deepEqual(values.shape, [3, columns])
  assert.match(plotTree(model, { tree: 1 }), /x\[1\] in/)
  await assert.rejects(
    new GradientBoostingRegressor().fit(array(rows), found, { continueFrom: model }),
    (error) => isOneCopyError(error) && /model of another library/.test(error.message),
  )
})

/** A tree whose leaves are all as deep; its splits are in the last columns. */
function completeTree(depth: number, columns: number): SplitTree {
  const count = 2 ** depth - 1
  const child = (at: number): number => (at < count ? at : -1 - (at - count))
  return {
    splits: Array.from({ length: count }, (_, i) => ({
      column: columns - 1 - (i % 3),
      bounds: [(i % 50) - 25],
      firstLeft: true,
      missingLeft: false,
    })),
    left: Array.from({ length: count }, (_, i) => child(2 * i + 1)),
    right: Array.from({ length: count }, (_, i) => child(2 * i + 2)),
    leaves: Array.from({ length: count + 1 }, (_, i) => i),
  }
}

test('a small tree among large ones stays in the room of a batch, whatever the number of columns', async () => {
  const wide = 1000
  const trees = [completeTree(15, wide), completeTree(2, wide)]
  const X = shared([9000, wide], 'float32')
  for (let at = 0; at < X.size; at++) X.data[at] = ((at * 7919) % 61) - 30
  const found = (await modelOf(trees, wide).predict(X)).toTypedArray()
  for (const [row, value] of found.entries()) {
    const own = Array.from(X.data.subarray(row * wide, (row + 1) * wide))
    assert.equal(
      value,
      trees.reduce((sum, tree) => sum + naive(tree, own), 0),
      `row ${row}`,
    )
  }
})

test('a model whose nodes hold sets of bins is not continued, another one is', async () => {
  const rows = array(Array.from({ length: 200 }, (_, i) => [i % 7, i % 13, i % 5]))
  const y = array(Array.from({ length: 200 }, (_, i) => (i % 13 < 6 ? 3 : 1) + (i % 5)))
  const plain = modelOf([chain([[3], [5], [9]])])
  const continued = new GradientBoostingRegressor({ maxIter: 4, minSamplesLeaf: 5 })
  await continued.fit(rows, y, { continueFrom: plain })
  assert.equal(continued.treeCount, 5)
  const own = plain.nodes_.toTypedArray()
  assert.deepEqual(continued.nodes_.toTypedArray().slice(0, own.length), own)
  await assert.rejects(
    continued.fit(rows, y, { continueFrom: modelOf([chain([[1, 3]])]) }),
    (error) => isOneCopyError(error) && error.code === 'ERR_OPTION',
  )
})

test('a model with a damaged list of binned columns is refused', () => {
  const model = modelOf([chain(Array.from({ length: 300 }, (_, i) => [i]))])
  const learned = learnedState(model)
  const restored = (changed: object) =>
    restore(new GradientBoostingRegressor(), { ...learned, ...changed })
  restored({})
  const { binColumns_ } = model
  const damaged = [
    { binColumns_: binColumns_!.subarray(1) },
    { binColumns_: binColumns_!.map((column) => column + 1) },
    { binColumns_: binColumns_!.toReversed() },
    { setColumns_: Int32Array.of(9) },
    { featureGains_: new Float64Array(2) },
  ]
  for (const changed of damaged)
    assert.throws(
      () => restored(changed),
      (error) => isOneCopyError(error) && error.code === 'ERR_FORMAT',
      JSON.stringify(changed),
    )
})

test('a split of more than 254 bounds is refused', () => {
  assert.throws(
    () => modelOf([chain([Array.from({ length: 255 }, (_, i) => i)])]),
    (error) => isOneCopyError(error) && error.code === 'ERR_FORMAT',
  )
})

test('children that make no tree are found', () => {
  const three = chain([[1], [2], [3]])
  const changed = (side: 'left' | 'right', at: number, child: number): SplitTree => ({
    ...three,
    [side]: Array.from(three[side]).with(at, child),
  })
  const cases = [
    ['right', 1, 1, 'repeated'],
    ['right', 1, 0, 'repeated'],
    ['left', 2, -1, 'repeated'],
    ['right', 2, -9, 'missing'],
    ['right', 1, 3, 'missing'],
    ['right', 1, NaN, 'missing'],
  ] as const
  for (const [side, split, child, reason] of cases)
    assert.deepEqual(findWrongChild(changed(side, split, child)), { side, split, child, reason })
  const deep = chain(Array.from({ length: mostDepth + 1 }, (_, i) => [i]))
  assert.equal(findWrongChild(deep)?.reason, 'deep')
})
