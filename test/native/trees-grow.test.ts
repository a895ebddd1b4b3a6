/** Grown trees against naive ones: random problems, threads, kinds of growth. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import {
  type BinEdges,
  type BoostingOptions,
  type ColumnSets,
  type ForestOptions,
  type GrownTrees,
  native,
} from '../../src/native/index.ts'
import { requireBestSplits } from './naive-gains.ts'
import { bytesOf, makeMatrix, numbers, randomNumbers, ranges } from './matrices.ts'
import {
  goesLeftBy,
  gridStep,
  growNaively,
  type NaiveProblem,
  plainTree,
  type PlainTree,
  readSlots,
  roundEven,
} from './naive-trees.ts'

const runs = Number(process.env['ONECOPY_FUZZ_RUNS'] ?? 150)

/** A small problem, and how its tree is grown. */
interface Problem {
  readonly bins: number[][]
  readonly binCounts: number[]
  readonly y: number[]
  readonly weights: number[] | null
  readonly maxLeaves: number
  readonly maxDepth: number
  readonly byLevel: boolean
  readonly monotone: number[] | null
  readonly leastCount: number
  readonly leastHessian: number
  readonly leastGain: number
  readonly l1: number
  readonly l2: number
  readonly mostValue: number
  /** Columns with categories. */
  readonly categorical: number[]
  readonly smoothing: number
  readonly together: number[][] | null
}

/** What problems without anything new have. */
const plain = { l1: 0, l2: 0, mostValue: Infinity, categorical: [], smoothing: 0, together: null }

const problems: fc.Arbitrary<Problem> = fc
  .record({
    n: fc.integer({ min: 1, max: 60 }),
    d: fc.integer({ min: 1, max: 6 }),
    bins: fc.constantFrom(2, 4, 12, 255),
    missing: fc.constantFrom(0, 0, 0.2, 0.9),
    targets: fc.constantFrom(2, 5, 1000),
    weighted: fc.constantFrom(0, 1, 4096),
    bound: fc.constantFrom(false, false, true),
    categories: fc.constantFrom(0, 0, 0.4, 1),
    smoothing: fc.constantFrom(0, 0.5, 3),
    bounded: fc.constantFrom(false, false, true),
    l1: fc.constantFrom(0, 0, 1.5),
    mostValue: fc.constantFrom(Infinity, Infinity, 0.8),
    seed: fc.nat(),
    maxLeaves: fc.constantFrom(0, 1, 2, 5, 31),
    maxDepth: fc.constantFrom(0, 0, 1, 3),
    byLevel: fc.boolean(),
    leastCount: fc.constantFrom(1, 1, 2, 7),
    leastHessian: fc.constantFrom(0, 0, 1.5),
    leastGain: fc.constantFrom(0, 0, 0.3),
    l2: fc.constantFrom(0, 0, 2.5),
  })
  .map(({ n, d, bins, missing, targets, weighted, bound, categories, bounded, seed, ...rest }) => {
    const random = randomNumbers(seed)
    const below = (limit: number): number => Math.floor(random() * limit)
    const categorical = Array.from({ length: d }, (_, j) => j).filter(() => random() < categories)
    const binCounts = Array.from({ length: d }, (_, j) =>
      Math.min(1 + below(bins), categorical.includes(j) ? 254 : 255),
    )
    const sets = Array.from({ length: 1 + below(4) }, () =>
      Array.from({ length: d }, (_, j) => j).filter(() => random() < 0.5),
    )
    const others = Array.from({ length: d }, (_, j) => j).filter((j) => !sets.flat().includes(j))
    const together = [...sets, others].filter((set) => set.length > 0)
    return {
      ...rest,
      categorical,
      together: bounded ? together : null,
      leastGain: Math.max(rest.leastGain, weighted > 1 ? 1e-3 : 0),
      binCounts,
      bins: Array.from({ length: n }, () =>
        binCounts.map((count) => (random() < missing ? 255 : below(count))),
      ),
      // Where rounding decides between equal gains, other grids decide otherwise: so there are none.
      y: Array.from({ length: n }, () => below(weighted > 1 ? 1e5 : targets) / 7),
      // One weight that is much greater than the others makes every node have grids of its own.
      weights:
        weighted > 0
          ? Array.from({ length: n }, (_, i) => 0.25 * (1 + below(9)) * (i === 0 ? weighted : 1))
          : null,
      monotone: bound
        ? Array.from({ length: d }, (_, j) => (categorical.includes(j) ? 0 : below(3) - 1))
        : null,
    }
  })

/** Edges that give columns so many bins; where they lie doesn't matter to a grower. */
function edgesOf({ binCounts, categorical }: Problem): BinEdges {
  const starts = Int32Array.from([0, ...binCounts])
  for (let j = 1; j < starts.length; j++)
    starts[j]! += starts[j - 1]! - (categorical.includes(j - 1) ? 0 : 1)
  return {
    edges: new Float64Array(starts.at(-1)!),
    starts,
    categorical: Int32Array.from(categorical),
  }
}

function setsOf(sets: readonly (readonly number[])[]): ColumnSets {
  const starts = new Float64Array(sets.length + 1)
  for (const [s, set] of sets.entries()) starts[s + 1] = starts[s]! + set.length
  return { columns: Int32Array.from(sets.flat()), starts }
}

function packBins(bins: readonly (readonly number[])[], columns: number): Uint8Array {
  const stride = Math.ceil(columns / 4) * 4
  const packed = new Uint8Array(bins.length * stride).fill(9)
  for (const [i, row] of bins.entries()) packed.set(row, i * stride)
  return packed
}

function growthOf(problem: Problem): Omit<ForestOptions, 'trees' | 'bootstrap' | 'outOfBag'> {
  const { bins, binCounts, y, weights, monotone, maxLeaves, maxDepth, byLevel } = problem
  const { leastCount, leastGain, together } = problem
  return {
    binned: { bins: packBins(bins, binCounts.length), columns: binCounts.length },
    edges: edgesOf(problem),
    y: makeMatrix(y.length, 1, (i) => y[i]!),
    weights: weights && Float64Array.from(weights),
    rows: ranges(0, y.length),
    columnsPerNode: binCounts.length,
    histogramBytes: 1e8,
    columnBytes: 150_000,
    randomCuts: false,
    together: together && setsOf(together),
    categorySmoothing: problem.smoothing,
    monotone: monotone && Int8Array.from(monotone),
    seed: 1,
    maxLeaves,
    maxDepth,
    byLevel,
    leastCount,
    leastGain,
    classes: 0,
    entropy: false,
  }
}

function boostingOf(problem: Problem, more: Partial<BoostingOptions> = {}): BoostingOptions {
  return {
    ...growthOf(problem),
    loss: 'squared',
    lossParameter: 0,
    classes: 1,
    rounds: 1,
    rate: 1,
    rowShare: 1,
    validation: ranges(),
    patience: 1,
    tolerance: 0,
    known: null,
    l1: problem.l1,
    l2: problem.l2,
    mostValue: problem.mostValue,
    leastHessian: problem.leastHessian,
    ...more,
  }
}

async function treesOf(grown: GrownTrees): Promise<BigUint64Array[]> {
  const slots = new BigUint64Array(grown.starts.at(-1))
  await native.takeTrees(grown.trees, slots)
  return Array.from({ length: grown.starts.length - 1 }, (_, t) =>
    slots.slice(grown.starts[t], grown.starts[t + 1]),
  )
}

/** Gradients and hessians as the core rounds them, about a baseline that it found. */
function naiveProblem(problem: Problem, baseline: number): NaiveProblem {
  const { y, weights } = problem
  const gradients = y.map((value, i) => (weights?.[i] ?? 1) * (baseline - value))
  // Nodes that have grids of their own have finer ones.
  const bits = weights !== null && Math.max(...weights) > 1000 ? 45 : 30
  const gradientStep = gridStep(Math.max(...gradients.map(Math.abs)), bits)
  const hessianStep = weights === null ? 1 : gridStep(Math.max(...weights), bits)
  return {
    ...problem,
    rows: y.map((_, i) => i),
    gradients: gradients.map((value) => roundEven(value / gradientStep)),
    hessians: y.map((_, i) => (weights === null ? 1 : roundEven(weights[i]! / hessianStep))),
    times: y.map(() => 1),
    gradientStep,
    hessianStep,
  }
}

/** Trees are equal, values up to what the grids round. */
function assertSameTree(got: PlainTree, expected: PlainTree): void {
  if (typeof got === 'number' || typeof expected === 'number') {
    const size = Math.max(1, Math.abs(Number(expected)))
    const near = Math.abs(Number(got) - Number(expected)) <= 1e-6 * size
    assert.ok(near, `leaf ${JSON.stringify(got)}, expected ${JSON.stringify(expected)}`)
    return
  }
  assert.deepEqual(got.slice(0, 3), expected.slice(0, 3))
  assertSameTree(got[3], expected[3])
  assertSameTree(got[4], expected[4])
}

describe('a grown tree', () => {
  test('of boosting is the naive one', async () => {
    await fc.assert(
      fc.asyncProperty(problems, async (problem) => {
        const grown = await native.boostTrees(boostingOf(problem), 2)
        const naive = growNaively(naiveProblem(problem, grown.baselines[0]!))
        const [tree] = await treesOf(grown)
        assertSameTree(
          readSlots(tree!),
          plainTree(naive, (value) => value),
        )
      }),
      { numRuns: runs, seed: 11 },
    )
  })

  test('of a forest without draws is the naive one', async () => {
    await fc.assert(
      fc.asyncProperty(problems, async (drawn) => {
        const problem = { ...drawn, l1: 0, l2: 0, mostValue: Infinity, leastHessian: 0 }
        const options = { ...growthOf(problem), trees: 1, bootstrap: false, outOfBag: null }
        const [tree] = await treesOf(await native.growForest(options, 2))
        const { y, weights } = problem
        const total = y.reduce((sum, _, i) => sum + (weights?.[i] ?? 1), 0)
        const mean = y.reduce((sum, value, i) => sum + (weights?.[i] ?? 1) * value, 0) / total
        const naive = growNaively(naiveProblem(problem, mean))
        assertSameTree(
          readSlots(tree!),
          plainTree(naive, (value) => mean + value),
        )
      }),
      { numRuns: runs, seed: 12 },
    )
  })
})

/** What the log loss of many rows makes of gradients: whole numbers on grids of so few bits that they are packed. */
describe('a tree of the log loss of many rows', () => {
  const n = 66_000
  const random = randomNumbers(21)
  // All rows are in one bin of the first column, whose cell holds the largest sum that there can be.
  const binCounts = [1, 12, 2, 5]
  const base: Problem = {
    ...plain,
    binCounts,
    bins: Array.from({ length: n }, () =>
      binCounts.map((count, j) => (j === 3 && random() < 0.1 ? 255 : Math.floor(random() * count))),
    ),
    y: [],
    weights: null,
    maxLeaves: 4,
    maxDepth: 0,
    byLevel: false,
    monotone: null,
    leastCount: 20,
    leastHessian: 1e-3,
    leastGain: 0,
  }
  const labels = (share: number): number[] =>
    base.bins.map(([, a, c, e]) => Number(random() < share * (a! / 6 + c! * 0.5 + (e! % 2) * 0.3)))

  /** The problem on grids of so many bits; a score of every row may be known. */
  const onGrids = (
    problem: Problem,
    score: number,
    bits: readonly [number, number],
  ): NaiveProblem => {
    const { y, weights } = problem
    const p = 1 / (1 + Math.exp(-score))
    const weight = (i: number): number => weights?.[i] ?? 1
    const most = weights === null ? 1 : weights.reduce((a, b) => Math.max(a, b))
    // The greatest size itself fits on grids of few bits.
    const within = bits[0] < 30 ? most * (1 - Number.EPSILON / 2) : most
    const [gradientStep, hessianStep] = [gridStep(within, bits[0]), gridStep(within / 4, bits[1])]
    return {
      ...problem,
      rows: y.map((_, i) => i),
      gradients: y.map((label, i) => roundEven((weight(i) * (p - label)) / gradientStep)),
      hessians: y.map((_, i) => roundEven((weight(i) * (p * (1 - p))) / hessianStep)),
      times: y.map(() => 1),
      gradientStep,
      hessianStep,
    }
  }
  const assertIsNaive = async (
    problem: Problem,
    bits: readonly [number, number],
    score?: number,
  ): Promise<void> => {
    const known =
      score === undefined
        ? null
        : {
            slots: new BigUint64Array(new Float64Array([score]).buffer),
            starts: Float64Array.of(0, 1),
            baselines: Float64Array.of(0),
            gains: new Float64Array(binCounts.length),
          }
    const options = boostingOf(problem, { loss: 'logistic', known })
    const grown = await native.boostTrees(options, 3)
    const naive = growNaively(onGrids(problem, score ?? grown.baselines[0]!, bits))
    const [tree] = await treesOf(grown)
    assertSameTree(
      readSlots(tree!),
      plainTree(naive, (value) => value),
    )
  }

  test('is the naive one on grids of 15 and 12 bits, with and without weights', async () => {
    await assertIsNaive({ ...base, y: labels(0.4) }, [15, 12])
    const weights = base.bins.map(() => 0.3 + random() * 2.2)
    await assertIsNaive({ ...base, y: labels(0.4), weights }, [15, 12])
  })

  test('is the naive one where all gradients or hessians are as large as they can be', async () => {
    await assertIsNaive({ ...base, y: labels(0.4) }, [15, 12], 0)
    // Gradients of the same size don't ask for a split; the leaf has their sum.
    for (const score of [-45, 45]) {
      const y = base.bins.map(() => Number(score < 0))
      await assertIsNaive({ ...base, y, leastHessian: 0, l2: 1 }, [15, 12], score)
    }
  })

  test('is the naive one on grids of 30 bits where gradients are near 0 on average', async () => {
    await assertIsNaive({ ...base, y: labels(0.004) }, [30, 30])
  })

  test('does not depend on the order of rows, nor on rows of weight 0', async () => {
    const problem = { ...base, y: labels(0.4), maxLeaves: 31 }
    const options = boostingOf(problem, { loss: 'logistic', rounds: 3, rate: 0.3 })
    const order = numbers(...problem.y.map((_, i) => (i * 7919) % n))
    assert.equal(await boostedBytes({ ...options, rows: order }, 2), await boostedBytes(options, 2))
    const some = Float64Array.from(problem.y, (_, i) => (i < n - 300 ? 1.5 : 0))
    assert.equal(
      await boostedBytes({ ...options, weights: some }, 2),
      await boostedBytes({ ...options, weights: some.fill(1.5), rows: ranges(0, n - 300) }, 2),
    )
  })

  test('is the same whichever way it grows', async () => {
    const problem = { ...base, y: labels(0.4), leastCount: 100 }
    const way = (maxLeaves: number): BoostingOptions =>
      boostingOf({ ...problem, maxLeaves }, { loss: 'logistic' })
    assert.equal(await boostedBytes(way(n), 2), await boostedBytes(way(0), 2))
  })
})

/** Targets and weights of many sizes: a few of 10^far among whole numbers up to 9, weights up to 10^10. */
const farApart: fc.Arbitrary<Problem> = fc
  .record({
    n: fc.integer({ min: 2, max: 50 }),
    d: fc.integer({ min: 1, max: 4 }),
    bins: fc.constantFrom(2, 12, 200),
    missing: fc.constantFrom(0, 0, 0.3),
    far: fc.constantFrom(2, 7, 12, 20, 60),
    share: fc.constantFrom(0.02, 0.1, 0.5),
    heavy: fc.constantFrom(0, 0, 3, 10),
    scale: fc.constantFrom(0, 0, -250, 250),
    leastCount: fc.constantFrom(1, 1, 3),
    seed: fc.nat(),
  })
  .map(({ n, d, bins, missing, far, share, heavy, scale, leastCount, seed }) => {
    const random = randomNumbers(seed)
    const below = (limit: number): number => Math.floor(random() * limit)
    const binCounts = Array.from({ length: d }, () => 1 + below(bins))
    const weight = (): number => 10 ** ((random() < 0.3 ? heavy : 0) + scale) * (1 + below(3))
    return {
      binCounts,
      leastCount,
      bins: Array.from({ length: n }, () =>
        binCounts.map((count) => (random() < missing ? 255 : below(count))),
      ),
      y: Array.from({ length: n }, () => (1 + below(9)) * (random() < share ? 10 ** far : 1)),
      weights: heavy > 0 || scale !== 0 ? Array.from({ length: n }, weight) : null,
      maxLeaves: 0,
      maxDepth: 0,
      byLevel: false,
      monotone: null,
      leastHessian: 0,
      leastGain: 0,
      ...plain,
    }
  })

describe('trees of classes', () => {
  test('every split is the best for the rows of its node, and leaves have their shares', async () => {
    await fc.assert(
      fc.asyncProperty(problems, fc.integer({ min: 2, max: 5 }), async (drawn, classes) => {
        const y = drawn.y.map((value) => Math.round(value * 7) % classes)
        const bare = { ...plain, maxLeaves: 0, maxDepth: 0, leastGain: 0, monotone: null }
        // Cuts of an order tell all that categories can of two classes only.
        const categorical = classes === 2 ? drawn.categorical : []
        const problem = { ...drawn, ...bare, y, categorical, hasClasses: true }
        const draws = { trees: 1, bootstrap: false, outOfBag: null, classes }
        const grown = await native.growForest({ ...growthOf(problem), ...draws }, 2)
        const tree = readSlots((await treesOf(grown))[0]!)
        requireBestSplits(problem, tree)
        const leaves = new Map<number, number[]>()
        const byLeaf = y.map((_, i) => leafOf(tree, problem.bins[i]!))
        for (const [i, leaf] of byLeaf.entries()) leaves.set(leaf, [...(leaves.get(leaf) ?? []), i])
        for (const [leaf, rows] of leaves) {
          // Leaves of one class have the same value, its number.
          const share = (k: number): number =>
            leaf >= 0 ? Number(leaf === k) : grown.shares[-1 - leaf + k]!
          const weight = (i: number): number => problem.weights?.[i] ?? 1
          const total = rows.reduce((sum, i) => sum + weight(i), 0)
          for (let k = 0; k < classes; k++) {
            const own = rows.filter((i) => y[i] === k).reduce((sum, i) => sum + weight(i), 0)
            assert.ok(Math.abs(share(k) - own / total) < 1e-12)
          }
        }
      }),
      { numRuns: runs, seed: 15 },
    )
  })

  test('1, 2, 3 and 16 threads give the same bytes, by entropy and at random cuts too', async () => {
    const large = largeProblem(9_000, { maxLeaves: 0, leastCount: 1 })
    const y = large.y.map((value) => Math.abs(Math.floor(value)) % 4)
    const weights = y.map((_, i) => 0.5 + (i % 3))
    const draws = { trees: 3, bootstrap: true, classes: 4 }
    for (const more of [
      {},
      { entropy: true },
      { randomCuts: true },
      { maxLeaves: 40 },
      { categorical: [2, 3, 5] },
      { categorical: [2, 3, 5], randomCuts: true, entropy: true },
    ]) {
      const bytes = async (threads: number): Promise<string> => {
        const outOfBag = new Float64Array(9_000 * 4)
        const problem = { ...large, y, weights, ...more }
        const options = { ...growthOf(problem), ...draws, ...more, outOfBag }
        const grown = await native.growForest(options, threads)
        return bytesOf([...(await treesOf(grown)), grown.gains, grown.shares, outOfBag])
      }
      const expected = await bytes(1)
      for (const threads of [2, 16]) assert.equal(await bytes(threads), expected, `${threads}`)
    }
  })
})

describe('targets and weights that are far apart', () => {
  test('every split of a forest is the best for the rows of its node', async () => {
    await fc.assert(
      fc.asyncProperty(farApart, async (problem) => {
        const options = { ...growthOf(problem), trees: 1, bootstrap: false, outOfBag: null }
        const [tree] = await treesOf(await native.growForest(options, 2))
        requireBestSplits(problem, readSlots(tree!))
      }),
      { numRuns: runs, seed: 13 },
    )
  })

  // Boosting learns errors, which are float64 numbers: near 1e12 they have steps of 1e-4.
  test('every split of boosting is the best for the rows of its node', async () => {
    await fc.assert(
      fc.asyncProperty(farApart, async (drawn) => {
        const problem = { ...drawn, y: drawn.y.map((y) => Math.min(y, 1e12)) }
        const [tree] = await treesOf(await native.boostTrees(boostingOf(problem), 2))
        requireBestSplits(problem, readSlots(tree!), 1e-3)
      }),
      { numRuns: runs, seed: 14 },
    )
  })

  test('1, 2, 3 and 16 threads give the same bytes, in any order of the rows', async () => {
    const random = randomNumbers(8)
    const problem = largeProblem(9_000)
    const y = problem.y.map((value) => value * (random() < 0.01 ? 1e9 : 1))
    const options = boostingOf({ ...problem, y }, { rounds: 3, rate: 0.3 })
    const expected = await boostedBytes(options, 1)
    for (const threads of [2, 3, 16]) assert.equal(await boostedBytes(options, threads), expected)
    const order = numbers(...y.map((_, i) => (i * 7919) % 9_000))
    assert.equal(await boostedBytes({ ...options, rows: order }, 2), expected)
  })

  test('weights that are too far apart are refused', async () => {
    const options = boostingOf({
      ...largeProblem(50),
      weights: [1e300, ...Array(48).fill(1), 1e-300],
    })
    await assert.rejects(native.boostTrees(options, 1), {
      code: 'ERR_VALUE',
      message:
        'Expected weights above 0 to be within a factor of 1e12 of each other, got 1e-300 for row 49 and 1e+300 for row 0. Set weights that are next to nothing to 0.',
    })
  })
})

/** A problem of many rows, on which several threads work, with every kind of column. */
function largeProblem(n: number, more: Partial<Problem> = {}): Problem {
  const random = randomNumbers(n)
  const binCounts = [255, 255, 30, 2, 1, 200, 255]
  const bins = Array.from({ length: n }, () =>
    binCounts.map((count, j) => (j > 4 && random() < 0.1 ? 255 : Math.floor(random() * count))),
  )
  return {
    bins,
    binCounts,
    y: bins.map(([a, b, c, , , e]) => a! / 20 + Math.sin(b! / 40) * 5 + c! + (e! % 7) + random()),
    weights: null,
    maxLeaves: 31,
    maxDepth: 0,
    byLevel: false,
    monotone: null,
    leastCount: 5,
    leastHessian: 0,
    leastGain: 0,
    ...plain,
    ...more,
  }
}

/** All bytes of what boosting gives. */
async function boostedBytes(options: BoostingOptions, threads: number): Promise<string> {
  const { trees, starts, ...figures } = await native.boostTrees(options, threads)
  const slots = await treesOf({ trees, starts, gains: figures.gains })
  return bytesOf([...Object.values(figures), starts, ...slots])
}

describe('large trees', () => {
  // From 65536 rows on, the squared loss without weights keeps no scores.
  const large = largeProblem(66_000)
  const weights = large.y.map((_, i) => 0.5 * (i % 4))
  const ways: Record<string, BoostingOptions> = {
    'squared loss': boostingOf(large, { rounds: 5, rate: 0.3 }),
    'with weights': boostingOf({ ...large, weights }, { rounds: 3, rate: 0.3 }),
    'without a limit of leaves': boostingOf({ ...large, maxLeaves: 0 }, { rounds: 2, rate: 0.3 }),
    'with drawn rows and columns': boostingOf(large, {
      rounds: 3,
      rowShare: 0.4,
      columnsPerNode: 3,
    }),
    'with validation rows': boostingOf(large, {
      rounds: 4,
      rows: ranges(0, 65_600),
      validation: ranges(65_600, 66_000),
    }),
    'with bound columns': boostingOf({ ...large, monotone: [1, 0, 1, 0, 0, -1, 0] }, { rounds: 3 }),
    'with categories': boostingOf(
      { ...large, categorical: [2, 3, 5], smoothing: 10 },
      { rounds: 3, rate: 0.3 },
    ),
    'with categories without a limit of leaves': boostingOf(
      { ...large, categorical: [2, 3, 5], smoothing: 2, maxLeaves: 0, leastCount: 20 },
      { rounds: 2, rate: 0.3 },
    ),
    'with columns that may not be together': boostingOf(
      {
        ...large,
        together: [
          [0, 1],
          [1, 2, 3],
          [4, 5, 6],
        ],
      },
      { rounds: 3, columnsPerNode: 2 },
    ),
    'with penalties and bound values': boostingOf(
      { ...large, l1: 50, l2: 3, mostValue: 1.5 },
      { rounds: 3, rate: 0.3 },
    ),
    'absolute loss': boostingOf(large, { rounds: 3, loss: 'absolute' }),
    'Huber loss': boostingOf(large, { rounds: 3, loss: 'huber', lossParameter: 2 }),
    'Poisson loss': boostingOf(
      { ...large, y: large.y.map((value) => Math.round(Math.abs(value))) },
      { rounds: 3, loss: 'poisson' },
    ),
    'gamma loss': boostingOf(
      { ...large, y: large.y.map((value) => Math.abs(value) + 0.1) },
      { rounds: 2, loss: 'gamma' },
    ),
    'Tweedie loss': boostingOf(
      { ...large, y: large.y.map((value) => Math.max(0, value - 12)) },
      { rounds: 2, loss: 'tweedie', lossParameter: 1.5 },
    ),
    'logistic loss': boostingOf(
      { ...large, y: large.y.map((value) => (value > 15 ? 1 : 0)) },
      { rounds: 3, loss: 'logistic' },
    ),
    'softmax loss': boostingOf(
      { ...large, y: large.y.map((value) => Math.abs(Math.floor(value)) % 3) },
      { rounds: 2, loss: 'softmax', classes: 3 },
    ),
  }
  for (const [name, options] of Object.entries(ways)) {
    test(`${name}: 1, 3 and 16 threads give the same bytes`, async () => {
      const expected = await boostedBytes(options, 1)
      for (const threads of [3, 16]) {
        assert.equal(await boostedBytes(options, threads), expected, `${threads} threads`)
      }
    })
  }

  test('going on from known trees makes the same bytes as one run', async () => {
    for (const name of [
      'squared loss',
      'with weights',
      'with drawn rows and columns',
      'with validation rows',
      'with categories',
      'absolute loss',
      'softmax loss',
    ]) {
      const options = { ...ways[name]!, patience: 100 }
      const whole = await native.boostTrees({ ...options, rounds: 5 }, 2)
      const first = await native.boostTrees({ ...options, rounds: 2 }, 1)
      const { starts, baselines, gains } = first
      const slots = new BigUint64Array(starts.at(-1))
      await native.takeTrees(first.trees, slots)
      const known = { slots, starts, baselines, gains }
      const rest = await native.boostTrees({ ...options, rounds: 3, known }, 3)
      const trees = await treesOf(whole)
      const joined = [...(await treesOf({ ...first, trees: rest.trees, starts: rest.starts }))]
      assert.equal(joined.length, trees.length - (starts.length - 1))
      assert.equal(
        bytesOf([...joined, rest.gains, rest.baselines, rest.losses]),
        bytesOf([...trees.slice(starts.length - 1), whole.gains, whole.baselines, whole.losses]),
        name,
      )
      slots[0]! |= (1n << 30n) - 1n
      assert.throws(() => native.boostTrees({ ...options, known }, 1), { code: 'ERR_FORMAT' })
    }
  })

  test('whether columns are copied makes no difference', async () => {
    for (const more of [{}, { maxLeaves: 0 }, { categorical: [2, 5] }]) {
      const options = boostingOf({ ...large, ...more }, { rounds: 2, rate: 0.3 })
      const expected = await boostedBytes({ ...options, columnBytes: 0 }, 2)
      assert.equal(await boostedBytes({ ...options, columnBytes: 1e8 }, 2), expected)
    }
  })

  test('how many histograms are kept makes no difference', async () => {
    const odd = {
      categorical: [2, 5],
      together: [
        [0, 1, 2],
        [2, 3, 4, 5, 6],
      ],
      l1: 1,
    }
    for (const more of [
      {},
      { weights },
      { maxLeaves: 0 },
      { maxLeaves: 200, byLevel: true },
      odd,
    ]) {
      const options = boostingOf({ ...large, ...more }, { rounds: 3, rate: 0.3 })
      const expected = await boostedBytes(options, 2)
      assert.equal(await boostedBytes({ ...options, histogramBytes: 0 }, 2), expected)
    }
  })

  test('the order of rows makes no difference to trees of squared loss', async () => {
    const options = boostingOf(large, { rounds: 5, rate: 0.3 })
    const order = numbers(...large.y.map((_, i) => (i * 7919) % 66_000))
    assert.equal(await boostedBytes({ ...options, rows: order }, 2), await boostedBytes(options, 2))
  })

  test('scores that are kept and scores that follow from gradients make the same trees', async () => {
    const ones = Float64Array.from(large.y, () => 1)
    for (const more of [{}, { rowShare: 0.999 }]) {
      const options = boostingOf(large, { rounds: 4, rate: 0.5, ...more })
      const [implied, kept] = [
        await treesOf(await native.boostTrees(options, 2)),
        await treesOf(await native.boostTrees({ ...options, weights: ones }, 2)),
      ]
      for (const [t, tree] of kept.entries())
        assertSameTree(readSlots(implied[t]!), readSlots(tree))
    }
  })

  test('rows of weight 0 count as little as rows that are left out', async () => {
    const some = Float64Array.from(large.y, (_, i) => (i < 30_000 ? 1.5 : 0))
    const options = boostingOf(large, { rounds: 3, rate: 0.3, weights: some })
    const rows = ranges(0, 30_000)
    assert.equal(
      await boostedBytes(options, 2),
      await boostedBytes({ ...options, weights: some.fill(1.5), rows }, 2),
    )
  })

  test('a tree without a limit is the same whichever way it grows', async () => {
    const problem = largeProblem(12_000)
    const odd = {
      categorical: [2, 5],
      smoothing: 4,
      together: [
        [0, 1, 2],
        [2, 3, 4, 5, 6],
      ],
    }
    for (const more of [{}, odd, { ...odd, weights: problem.y.map((_, i) => 1 + (i % 3)) }]) {
      const way = (maxLeaves: number): BoostingOptions =>
        boostingOf({ ...problem, ...more, maxLeaves })
      assert.equal(await boostedBytes(way(12_000), 2), await boostedBytes(way(0), 2))
    }
  })

  test('a leaf has at least so many rows, whatever their weights', async () => {
    const options = boostingOf({ ...large, weights, leastCount: 100 }, { rounds: 2 })
    const grown = await native.boostTrees(options, 2)
    for (const tree of await treesOf(grown)) {
      const plain = readSlots(tree)
      const counts = new Map<number, number>()
      for (const [i, row] of large.bins.entries()) {
        if (weights[i] === 0) continue
        const leaf = leafOf(plain, row)
        counts.set(leaf, (counts.get(leaf) ?? 0) + 1)
      }
      assert.ok(Math.min(...counts.values()) >= 100)
      assert.equal(counts.size, 31)
    }
  })
})

function leafOf(tree: PlainTree, row: readonly number[]): number {
  if (typeof tree === 'number') return tree
  const [column, last, missingLeft, left, right] = tree
  return leafOf(goesLeftBy(last, missingLeft, row[column]!) ? left : right, row)
}

describe('forests', () => {
  const problem = largeProblem(9_000, { maxLeaves: 0, leastCount: 1 })
  const forest = (more: Partial<ForestOptions> = {}): ForestOptions => ({
    ...growthOf(problem),
    trees: 7,
    bootstrap: true,
    outOfBag: null,
    ...more,
  })
  const forestBytes = async (options: ForestOptions, threads: number): Promise<string> => {
    const outOfBag = new Float64Array(problem.y.length)
    const grown = await native.growForest({ ...options, outOfBag }, threads)
    return bytesOf([...(await treesOf(grown)), grown.gains, outOfBag])
  }

  test('1, 2, 3 and 16 threads give the same bytes', async () => {
    for (const more of [
      {},
      { columnsPerNode: 2 },
      { maxLeaves: 50 },
      { weights: Float64Array.from(problem.y, (_, i) => i % 3) },
    ]) {
      const expected = await forestBytes(forest(more), 1)
      for (const threads of [2, 3, 16])
        assert.equal(await forestBytes(forest(more), threads), expected, `${threads} threads`)
    }
  })

  test('a row has the mean of the trees that did not draw it out of bag, or NaN', async () => {
    const outOfBag = new Float64Array(problem.y.length)
    const trees = (await treesOf(await native.growForest(forest({ outOfBag }), 2))).map(readSlots)
    const error = (predicted: (i: number) => number): number => {
      const squares = problem.y.map((y, i) => (y - predicted(i)) ** 2)
      const known = squares.filter((square) => !Number.isNaN(square))
      return known.reduce((sum, square) => sum + square, 0) / known.length
    }
    const missing = outOfBag.filter((value) => Number.isNaN(value)).length / outOfBag.length
    assert.ok(
      missing > 0 && missing < 0.08,
      'a row is drawn by all 7 trees with chance 0.63^7 = 0.04',
    )
    const inBag = error((i) => {
      const values = trees.map((tree) => leafOf(tree, problem.bins[i]!))
      return values.reduce((sum, value) => sum + value, 0) / values.length
    })
    assert.ok(error((i) => outOfBag[i]!) > 1.5 * inBag, 'trees know the rows that they have drawn')
  })

  test('every tree of a fully grown forest without draws fits its rows', async () => {
    const [tree] = await treesOf(await native.growForest(forest({ trees: 1, bootstrap: false }), 1))
    const plain = readSlots(tree!)
    const worst = Math.max(
      ...problem.y.map((y, i) => Math.abs(y - leafOf(plain, problem.bins[i]!))),
    )
    assert.ok(worst < 1e-6)
  })
})

type Grown = [slots: BigUint64Array, starts: Float64Array, edges: BinEdges]

describe('rows that walk trees', () => {
  const large = largeProblem(2_200, { leastCount: 1 })
  // A value that is the number of its bin.
  const x = makeMatrix(2_200, 7, (i, j) => {
    const bin = large.bins[i]![j]!
    return bin === 255 ? Number.NaN : bin
  })
  const edgesFor = (categorical: number[]): BinEdges => {
    const edges = edgesOf({ ...large, categorical })
    for (const [j, start] of edges.starts.subarray(0, -1).entries())
      for (let at = start; at < edges.starts[j + 1]!; at++)
        edges.edges[at] = at - start + (categorical.includes(j) ? 0 : 0.5)
    return edges
  }
  const predict = async ([slots, starts, edges]: Grown, n: number): Promise<Float64Array> => {
    const out = new Float64Array(2_200)
    const model = {
      edges,
      slots,
      starts,
      baselines: new Float64Array(1),
      factor: 1,
      map: 'score',
    } as const
    const to = {
      data: out,
      dtype: 'float64',
      rows: 2_200,
      columns: 1,
      offset: 0,
      rowStride: 1,
      columnStride: 1,
    } as const
    await native.predictTrees(model, x, ranges(0, n), to, 2)
    return out.subarray(0, n)
  }
  const grow = async (maxLeaves: number, categorical: number[]): Promise<Grown> => {
    const edges = edgesFor(categorical)
    const options = boostingOf(
      { ...large, categorical, maxLeaves },
      { rounds: 3, rate: 0.5, edges },
    )
    const grown = await native.boostTrees(options, 2)
    const slots = new BigUint64Array(grown.starts.at(-1))
    await native.takeTrees(grown.trees, slots)
    return [slots, grown.starts, edges]
  }

  test('come to the leaves that plain trees say, whatever the number of leaves and of rows', async () => {
    for (const maxLeaves of [1, 2, 31, 32, 33, 127, 129, 0]) {
      for (const categorical of [[], [2]]) {
        const grown = await grow(maxLeaves, categorical)
        const [slots, starts] = grown
        const plain = [0, 1, 2].map((t) => readSlots(slots.slice(starts[t], starts[t + 1])))
        for (const n of [1, 15, 16, 31, 33, 2_050]) {
          const predicted = await predict(grown, n)
          for (const [i, value] of predicted.entries()) {
            const sum = plain.reduce<number>(
              (total, tree) => total + leafOf(tree, large.bins[i]!),
              0,
            )
            if (value !== sum) assert.fail(`${maxLeaves} leaves, row ${i} of ${n}`)
          }
        }
      }
    }
  })

  test('damaged trees are refused, or say something', async () => {
    const random = randomNumbers(3)
    for (const [maxLeaves, categorical] of [
      [20, []],
      [20, [2]],
      [100, [2]],
    ] as const) {
      const [sound, starts, edges] = await grow(maxLeaves, [...categorical])
      for (let time = 0; time < 150; time++) {
        const slots = sound.slice()
        const bit = BigInt(Math.floor(64 * random()))
        slots[Math.floor(random() * slots.length)]! ^= 1n << bit
        await predict([slots, starts, edges], 100).catch((error: unknown) => {
          if ((error as { code?: string }).code !== 'ERR_FORMAT') throw error
        })
      }
    }
  })
})

test('wrong arguments are refused', async () => {
  const good = boostingOf(largeProblem(50))
  const refused: [Partial<BoostingOptions>, string][] = [
    [{ rows: ranges() }, 'ERR_ROWS'],
    [{ weights: new Float64Array(50) }, 'ERR_ROWS'],
    [{ weights: new Float64Array(50).fill(-1) }, 'ERR_VALUE'],
    [{ weights: new Float64Array(3) }, 'ERR_SHAPE'],
    [{ y: makeMatrix(49, 1, () => 0) }, 'ERR_SHAPE'],
    [{ monotone: new Int8Array(3) }, 'ERR_SHAPE'],
    [{ columnsPerNode: 8 }, 'ERR_INDEX'],
    [{ rate: Number.NaN }, 'ERR_INDEX'],
    [{ rows: ranges(0, 51) }, 'ERR_INDEX'],
  ]
  for (const [more, code] of refused) {
    assert.throws(() => native.boostTrees({ ...good, ...more }, 1), { code }, JSON.stringify(more))
  }
  const y = (value: number): BoostingOptions['y'] => makeMatrix(50, 1, (i) => (i === 9 ? value : i))
  for (const value of [Number.NaN, Infinity, 1e200]) {
    await assert.rejects(native.boostTrees({ ...good, y: y(value) }, 1), { code: 'ERR_VALUE' })
  }
  for (const value of [-1, 0.5, 3, 1e9]) {
    const classes = makeMatrix(50, 1, (i) => (i === 9 ? value : i % 2))
    for (const loss of ['logistic', 'softmax'] as const) {
      const options = { ...good, y: classes, loss, classes: 3 }
      await assert.rejects(native.boostTrees(options, 1), { code: 'ERR_VALUE' }, `${loss} ${value}`)
    }
  }
})
