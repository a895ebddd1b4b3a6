/** No native job loses the memory that it uses: every job, every argument, every way to take it. */

import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { isOneCopyError } from '../../src/errors.ts'
import {
  type BinEdges,
  type BinnedRows,
  type GrownTrees,
  type GrowthOptions,
  type KernelMatrix,
  native,
  type NetworkRows,
  type SvmRows,
  type TableCells,
} from '../../src/native/index.ts'
import { randomNumbers } from './matrices.ts'
import { freeingWays, makeVictims, places } from './moved-buffers.ts'

type Arrays = Record<string, NodeJS.TypedArray>

/** One native job over some arrays, each of which is an argument or part of one. */
interface Job {
  readonly arrays: Arrays
  /** Names of those that it writes to. */
  readonly writes: readonly string[]
  start(arrays: Arrays): Promise<unknown>
}

const [n, d, points, queries, k] = [12_000, 6, 3000, 1000, 3]
const random = randomNumbers(1)
const fill = (length: number): Float64Array => Float64Array.from({ length }, () => random())
const count = (length: number): Int32Array => Int32Array.from({ length }, (_, i) => i)

function matrix(data: NodeJS.TypedArray | undefined, columns: number): KernelMatrix {
  const rows = data!.length / columns
  const strides = { rowStride: columns, columnStride: 1 }
  return { data: data!, dtype: 'float64', offset: 0, rows, columns, ...strides }
}

const doubles = (array: NodeJS.TypedArray | undefined) => array as Float64Array
const ints = (array: NodeJS.TypedArray | undefined) => array as Int32Array

const design = { x: fill(n * d), y: fill(n), weights: fill(n), numbers: count(n) }
const scaled = { ...design, shift: fill(d + 1), scale: fill(d + 1) }

const order = count(points)
const nodes = native.treeNodes(points)
const boxes = new Float64Array(nodes * 2 * d)
const least = new Int32Array(nodes)
const cloud = { points: fill(points * d), scale: fill(d) }
const unbuilt = { ...cloud, order: order.slice(), boxes: boxes.slice(), least: least.slice() }
await native.buildTree(matrix(cloud.points, d), cloud.scale, { order, boxes, least }, 2)

const search = {
  ...cloud,
  queries: fill(queries * d),
  rows: count(queries),
  labels: Uint16Array.from({ length: points }, (_, i) => i % 3),
}
const lists = { found: new Int32Array(queries * k), squares: new Float64Array(queries * k) }
const means = {
  targets: fill(points),
  pointWeights: fill(points),
  out: new Float64Array(queries),
}
const tree = { order, boxes, least }
const pointRows = { pointRows: count(points) }

/** What both searches have in common: with a tree when the arrays of one are given. */
function searchOf(arrays: Arrays) {
  const byTree = arrays['order'] !== undefined
  return {
    points: matrix(arrays['points'], d),
    tree: byTree
      ? {
          order: ints(arrays['order']),
          boxes: doubles(arrays['boxes']),
          least: ints(arrays['least']),
        }
      : null,
    ...(byTree ? {} : { pointRows: { numbers: ints(arrays['pointRows']) } }),
    queries: matrix(arrays['queries'], d),
    queryRows: { numbers: ints(arrays['rows']) },
    scale: doubles(arrays['scale']),
    labels: arrays['labels'] as Uint16Array,
    skip: 1,
  }
}

function find(arrays: Arrays): Promise<number> {
  return native.findNeighbors(
    { ...searchOf(arrays), p: 2, neighbors: k },
    arrays['out'] === undefined
      ? { rows: ints(arrays['found']), squares: doubles(arrays['squares']) }
      : {
          targets: matrix(arrays['targets'], 1),
          weights: doubles(arrays['pointWeights']),
          byDistance: true,
          out: matrix(arrays['out'], 1),
          outColumn: 0,
        },
    2,
  )
}

/** Each of them sums over a third of all points. */
const few = 15
const range = {
  queries: fill(few * d),
  rows: count(few),
  counts: new Int32Array(few),
  means: new Float64Array(3 * few),
}
const classCodes = { codes: Uint16Array.from({ length: points }, (_, i) => i % 3) }

function within(arrays: Arrays): Promise<void> {
  return native.findWithin(
    { ...searchOf(arrays), p: 3, radius: 1 },
    {
      codes: arrays['codes'] as Uint16Array,
      classes: 3,
      weights: doubles(arrays['pointWeights']),
      byDistance: true,
      means: doubles(arrays['means']),
      counts: ints(arrays['counts']),
    },
    2,
  )
}

const cluster = { x: fill(n * d), weights: fill(n), numbers: count(n), centers: fill(3 * d) }
const clusterRows = (arrays: Arrays) => ({
  x: matrix(arrays['x'], d),
  rows: { numbers: ints(arrays['numbers']) },
  weights: doubles(arrays['weights']),
})
const threeCenters = (arrays: Arrays) => ({ count: 3, values: doubles(arrays['centers']) })

const allRows = { numbers: design.numbers }
const edges = await native.findEdges(matrix(design.x, d), allRows, null, 16, null, 2)
const binned = { bins: new Uint8Array(8 * n), columns: d } // rows of 6 bins and 2 bytes to fill up
await native.binRows(matrix(design.x, d), allRows, edges, binned, 2)
const growing = {
  ...edges,
  bins: binned.bins,
  y: design.y,
  weights: design.weights,
  numbers: design.numbers,
  monotone: Int8Array.from({ length: d }, (_, column) => (column === 0 ? 1 : 0)),
}

const edgesOf = (arrays: Arrays): BinEdges => ({
  edges: doubles(arrays['edges']),
  starts: ints(arrays['starts']),
})
const binsOf = (arrays: Arrays): BinnedRows => ({ bins: arrays['bins'] as Uint8Array, columns: d })

function growth(arrays: Arrays): GrowthOptions {
  return {
    binned: binsOf(arrays),
    edges: edgesOf(arrays),
    y: matrix(arrays['y'], 1),
    weights: doubles(arrays['weights']),
    rows: { numbers: ints(arrays['numbers']) },
    together: null,
    categorySmoothing: 0,
    maxLeaves: 8,
    maxDepth: 0,
    byLevel: false,
    columnsPerNode: d,
    histogramBytes: 1 << 20,
    randomCuts: false,
    columnBytes: 1e6,
    monotone: arrays['monotone'] as Int8Array,
    seed: 1,
    leastCount: 5,
    leastGain: 0,
  }
}

/** What has grown, in comparable form. */
async function grown(growing: Promise<GrownTrees>) {
  const { trees, ...rest } = await growing
  const slots = new BigUint64Array(rest.starts.at(-1) ?? 0)
  await native.takeTrees(trees, slots)
  return { ...rest, slots }
}

const forest = { trees: 3, bootstrap: true, classes: 0, entropy: false, outOfBag: null }
const ensemble = await grown(native.growForest({ ...growth(growing), ...forest }, 2))

/** Trees to take: they can be taken once, so there are some for every run. */
const untaken = await Promise.all(
  Array.from({ length: 64 }, () => native.growForest({ ...growth(growing), ...forest }, 1)),
)

/** Everything that {@link native.appendBytes} writes goes here, and is read again. */
const file = join(mkdtempSync(join(tmpdir(), 'onecopy-moved-')), 'bytes')
after(() => rmSync(dirname(file), { recursive: true }))

async function append({ bytes }: Arrays): Promise<unknown> {
  const fd = openSync(file, 'w')
  try {
    assert.equal(await native.appendBytes(fd, bytes as Uint8Array), 0)
  } finally {
    closeSync(fd)
  }
  return readFileSync(file, 'latin1')
}

const rbf = { name: 'rbf', gamma: 0.5, coef0: 0, degree: 0 } as const
const machine = {
  x: fill(points * d),
  rows: count(points),
  codes: Uint16Array.from({ length: points }, (_, i) => i % 3),
  factors: new Float64Array(points).fill(1),
}
const machineOfNumbers = { numbers: fill(points), factors: machine.factors }
const vectorsOfMachine = {
  starts: Int32Array.of(0, 200, 300, 500),
  vectors: fill(500 * d),
  coefficients: fill(2 * 500),
  intercepts: fill(3),
  labels: Float64Array.of(1, 2, 3),
}

/** Rows of three classes, or of numbers. */
function machineRows(arrays: Arrays): SvmRows {
  const numbers = arrays['numbers']
  return {
    x: matrix(arrays['x'], d),
    rows: { numbers: ints(arrays['rows']) },
    classes: numbers === undefined ? 3 : 0,
    codes: numbers === undefined ? (arrays['codes'] as Uint16Array) : null,
    targets: numbers === undefined ? null : doubles(numbers),
    cost: 1,
    factors: doubles(arrays['factors']),
    epsilon: numbers === undefined ? 0 : 0.1,
  }
}

const twoLayers = { activation: 'relu', hidden: [30, 20] } as const
const oneEpoch = {
  batchRows: 100,
  epochs: 1,
  patience: 10,
  tol: 0,
  rate: 0.001,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  alpha: 0,
  shuffles: true,
  seed: 1,
}

/** Rows of three classes, or of numbers; the latter are not scaled. */
function networkRows(arrays: Arrays): NetworkRows {
  const numbers = arrays['numbers']
  const isScaled = arrays['scale'] !== undefined
  return {
    x: matrix(arrays['x'], d),
    shift: isScaled ? doubles(arrays['shift']) : null,
    scale: isScaled ? doubles(arrays['scale']) : null,
    rows: { numbers: ints(arrays['rows']) },
    validation: { ranges: Float64Array.of(0, 10) },
    classes: numbers === undefined ? 3 : 0,
    codes: numbers === undefined ? (arrays['codes'] as Uint16Array) : null,
    targets: numbers === undefined ? null : matrix(numbers, 1),
    factors: doubles(arrays['factors']),
  }
}

const bitsOf = (length: number, byte: number): Uint8Array => new Uint8Array(length >> 3).fill(byte)
const cells = (
  values: NodeJS.TypedArray | undefined,
  validity?: NodeJS.TypedArray,
  isCode = false,
): TableCells => ({
  values: { ...matrix(values, 1), dtype: values instanceof Int32Array ? 'int32' : 'float64' },
  validity: (validity as Uint8Array | undefined) ?? null,
  isCode,
})
const column = { values: fill(n), validity: bitsOf(n, 0b1110_1111) }

const genotypes = {
  head: new TextEncoder().encode('##fileformat=VCFv4.3\n'),
  contigs: new Int8Array(points),
  contigBytes: new TextEncoder().encode('chr1'),
  contigStarts: Float64Array.of(0, 4),
  positions: Int32Array.from({ length: points }, (_, i) => i + 1),
  references: Int8Array.from({ length: points }, (_, i) => i % 4),
  letters: new TextEncoder().encode('ACGT'),
  letterStarts: Float64Array.of(0, 1, 2, 3, 4),
  // Homozygous calls of the four bases, and a missing one.
  distinct: Uint16Array.from([0, 1, 2, 3, 126], (base) => base | (base << 7)),
  codes: Int8Array.from({ length: points }, (_, i) => (i % 5) - 1),
  calls: Uint16Array.of(0, 1, 2, 3, 4),
  numbers: count(points),
}

/** Writes lines to a file. Resolves to them, and to what is said of them. */
async function writeLines(arrays: Arrays): Promise<unknown> {
  const texts = (bytes: string, starts: string) => ({
    bytes: arrays[bytes] as Uint8Array,
    starts: doubles(arrays[starts]),
  })
  const path = join(dirname(file), 'lines.vcf')
  const fd = openSync(path, 'w')
  try {
    const written = await native.writeGenotypes(
      fd,
      arrays['head'] as Uint8Array,
      {
        rows: points,
        chromosome: {
          codes: arrays['contigs'] as Int8Array,
          texts: texts('contigBytes', 'contigStarts'),
        },
        position: ints(arrays['positions']),
        id: null,
        reference: {
          codes: arrays['references'] as Int8Array,
          texts: texts('letters', 'letterStarts'),
        },
        alternate: null,
        defects: null,
        swaps: null,
      },
      {
        distinct: arrays['distinct'] as Uint16Array,
        individuals: [
          { codes: arrays['codes'] as Int8Array, calls: arrays['calls'] as Uint16Array },
        ],
      },
      { numbers: ints(arrays['numbers']) },
      {
        isLetters: true,
        isVariantOnly: false,
        info: '.',
        level: -1,
        withIndex: false,
        minShift: 14,
        depth: 5,
      },
      2,
    )
    return [written, new Uint8Array(readFileSync(path))]
  } finally {
    closeSync(fd)
  }
}

const jobs: Readonly<Record<string, Job>> = {
  appendBytes: {
    arrays: { bytes: Uint8Array.from({ length: 3 << 20 }, () => 256 * random()) },
    writes: [],
    start: append,
  },
  moments: {
    arrays: { ...design, shift: fill(d + 1) },
    writes: [],
    start: ({ x, y, weights, numbers, shift }) =>
      native.moments(
        matrix(x, d),
        matrix(y, 1),
        doubles(weights),
        [{ numbers: ints(numbers) }],
        doubles(shift),
        2,
      ),
  },
  leastSquaresQr: {
    arrays: scaled,
    writes: [],
    start: ({ x, y, weights, numbers, shift, scale }) =>
      native.leastSquaresQr(
        matrix(x, d),
        matrix(y, 1),
        doubles(weights),
        [{ numbers: ints(numbers) }],
        doubles(shift),
        doubles(scale),
        2,
      ),
  },
  leastSquaresGradient: {
    arrays: { ...scaled, coefficients: fill(d + 1) },
    writes: [],
    start: ({ x, y, weights, numbers, shift, scale, coefficients }) =>
      native.leastSquaresGradient(
        matrix(x, d),
        matrix(y, 1),
        doubles(weights),
        [{ numbers: ints(numbers) }],
        doubles(shift),
        doubles(scale),
        doubles(coefficients),
        2,
      ),
  },
  affinePredict: {
    arrays: {
      x: design.x,
      numbers: design.numbers,
      coefficients: fill(2 * d),
      intercepts: fill(2),
      out: new Float64Array(2 * n),
      outColumns: Int32Array.of(1, 0),
    },
    writes: ['out'],
    start: ({ x, numbers, coefficients, intercepts, out, outColumns }) =>
      native.affinePredict(
        matrix(x, d),
        { numbers: ints(numbers) },
        doubles(coefficients),
        doubles(intercepts),
        matrix(out, 2),
        ints(outColumns),
        2,
      ),
  },
  logisticSums: {
    arrays: {
      x: design.x,
      codes: Uint16Array.from({ length: n }, () => 2 * random()),
      weights: design.weights,
      numbers: design.numbers,
      shift: fill(d),
      coefficients: fill(d + 1),
      classWeights: Float64Array.of(1, 2),
    },
    writes: [],
    start: ({ x, codes, weights, numbers, shift, coefficients, classWeights }) =>
      native.logisticSums(
        {
          x: matrix(x, d),
          codes: codes as Uint16Array,
          weights: doubles(weights),
          groups: [{ numbers: ints(numbers) }],
          shift: doubles(shift),
        },
        {
          count: 1,
          scores: 1,
          coefficients: doubles(coefficients),
          classWeights: doubles(classWeights),
          withHessians: true,
        },
        2,
      ),
  },
  logisticPredict: {
    arrays: {
      x: design.x,
      numbers: design.numbers,
      coefficients: fill(3 * (d + 1)),
      means: fill(3 * d),
      labels: fill(3),
      out: new Float64Array(3 * n),
    },
    writes: ['out'],
    start: ({ x, numbers, coefficients, means, labels, out }) =>
      native.logisticPredict(
        matrix(x, d),
        { numbers: ints(numbers) },
        {
          scores: 3,
          coefficients: doubles(coefficients),
          means: doubles(means),
          answer: 'probability',
          labels: doubles(labels),
        },
        matrix(out, 3),
        2,
      ),
  },
  columnRanges: {
    arrays: { x: design.x, weights: design.weights, numbers: design.numbers },
    writes: [],
    start: ({ x, weights, numbers }) =>
      native.columnRanges(matrix(x, d), doubles(weights), { numbers: ints(numbers) }, 2),
  },
  buildTree: {
    arrays: unbuilt,
    writes: ['order', 'boxes', 'least'],
    start: ({ points, scale, ...arrays }) =>
      native.buildTree(
        matrix(points, d),
        doubles(scale),
        {
          order: ints(arrays['order']),
          boxes: doubles(arrays['boxes']),
          least: ints(arrays['least']),
        },
        2,
      ),
  },
  findEdges: {
    arrays: { x: design.x, numbers: design.numbers, weights: design.weights },
    writes: [],
    start: ({ x, numbers, weights }) =>
      native.findEdges(matrix(x, d), { numbers: ints(numbers) }, doubles(weights), 16, null, 2),
  },
  binRows: {
    arrays: { ...edges, x: design.x, numbers: design.numbers, bins: new Uint8Array(8 * n) },
    writes: ['bins'],
    start: ({ x, numbers, ...arrays }) =>
      native.binRows(matrix(x, d), { numbers: ints(numbers) }, edgesOf(arrays), binsOf(arrays), 2),
  },
  boostTrees: {
    arrays: { ...growing, validation: count(n / 4) },
    writes: [],
    start: ({ validation, ...arrays }) =>
      grown(
        native.boostTrees(
          {
            ...growth(arrays),
            loss: 'squared',
            lossParameter: 0,
            classes: 1,
            rounds: 3,
            rate: 0.1,
            rowShare: 1,
            validation: { numbers: ints(validation) },
            patience: 3,
            tolerance: 0,
            known: null,
            l1: 0,
            l2: 0,
            mostValue: Infinity,
            leastHessian: 0,
          },
          2,
        ),
      ),
  },
  growForest: {
    arrays: { ...growing, outOfBag: new Float64Array(n) },
    writes: ['outOfBag'],
    start: ({ outOfBag, ...arrays }) =>
      grown(native.growForest({ ...growth(arrays), ...forest, outOfBag: doubles(outOfBag) }, 2)),
  },
  takeTrees: {
    arrays: { slots: new BigUint64Array(ensemble.slots.length) },
    writes: ['slots'],
    start: ({ slots }) => native.takeTrees(untaken.pop()!.trees, slots as BigUint64Array),
  },
  predictTrees: {
    arrays: {
      ...edges,
      x: design.x,
      numbers: design.numbers,
      slots: ensemble.slots,
      treeStarts: ensemble.starts,
      baselines: new Float64Array(1),
      out: new Float64Array(n),
    },
    writes: ['out'],
    start: ({ x, numbers, slots, treeStarts, baselines, out, ...arrays }) =>
      native.predictTrees(
        {
          edges: edgesOf(arrays),
          slots: slots as BigUint64Array,
          starts: doubles(treeStarts),
          baselines: doubles(baselines),
          factor: 1 / 3,
          map: 'score',
        },
        matrix(x, d),
        { numbers: ints(numbers) },
        matrix(out, 1),
        2,
      ),
  },
  'findNeighbors by a tree': {
    arrays: { ...search, ...tree, ...lists },
    writes: ['found', 'squares'],
    start: find,
  },
  'findNeighbors by comparison': {
    arrays: { ...search, ...pointRows, ...lists },
    writes: ['found', 'squares'],
    start: find,
  },
  trainSvm: {
    arrays: machine,
    writes: [],
    start: (arrays) =>
      native.trainSvm(machineRows(arrays), rbf, { tol: 1e-9, maxIter: 60, cacheBytes: 2 ** 20 }, 2),
  },
  'trainSvm of numbers': {
    arrays: { ...machineOfNumbers, x: machine.x, rows: machine.rows },
    writes: [],
    start: (arrays) =>
      native.trainSvm(machineRows(arrays), rbf, { tol: 1e-9, maxIter: 60, cacheBytes: 2 ** 20 }, 2),
  },
  trainLinearSvm: {
    arrays: machine,
    writes: [],
    start: (arrays) => {
      const options = { squared: false, intercept: 1, seed: 1 }
      return native.trainLinearSvm(machineRows(arrays), options, { tol: 1e-9, maxIter: 2 }, 2)
    },
  },
  svmPredict: {
    arrays: {
      ...vectorsOfMachine,
      x: machine.x,
      rows: machine.rows,
      out: new Float64Array(points),
    },
    writes: ['out'],
    start: (arrays) => {
      const model = {
        kernel: rbf,
        starts: ints(arrays['starts']),
        vectors: doubles(arrays['vectors']),
        coefficients: doubles(arrays['coefficients']),
        intercepts: doubles(arrays['intercepts']),
        answer: 'label' as const,
        labels: doubles(arrays['labels']),
      }
      const rows = { numbers: ints(arrays['rows']) }
      const out = matrix(arrays['out'], 1)
      return native.svmPredict(matrix(arrays['x'], d), rows, model, out, 2)
    },
  },
  trainNetwork: {
    arrays: { ...machine, shift: fill(d), scale: new Float64Array(d).fill(2) },
    writes: [],
    start: (arrays) => native.trainNetwork(networkRows(arrays), twoLayers, oneEpoch, 2),
  },
  'trainNetwork of numbers': {
    arrays: { ...machineOfNumbers, x: machine.x, rows: machine.rows },
    writes: [],
    start: (arrays) => native.trainNetwork(networkRows(arrays), twoLayers, oneEpoch, 2),
  },
  networkPredict: {
    arrays: {
      coefficients: fill((d + 1) * 30 + 31 * 20 + 21 * 3),
      labels: Float64Array.of(1, 2, 3),
      x: machine.x,
      rows: machine.rows,
      out: new Float64Array(points),
    },
    writes: ['out'],
    start: (arrays) => {
      const model = {
        ...twoLayers,
        outputs: 3,
        softmax: true,
        coefficients: doubles(arrays['coefficients']),
        answer: 'label' as const,
        labels: doubles(arrays['labels']),
      }
      const rows = { numbers: ints(arrays['rows']) }
      return native.networkPredict(matrix(arrays['x'], d), rows, model, matrix(arrays['out'], 1), 2)
    },
  },
  assignCenters: {
    arrays: { ...cluster, labels: new Int32Array(n), squares: new Float64Array(n) },
    writes: ['labels', 'squares'],
    start: (arrays) => {
      const { labels, squares } = arrays
      const results = { labels: ints(labels), squares: doubles(squares), withSums: true }
      return native.assignCenters(clusterRows(arrays), threeCenters(arrays), results, 2)
    },
  },
  weighCandidates: {
    arrays: { ...cluster, closest: new Float64Array(n).fill(Infinity) },
    writes: ['closest'],
    start: (arrays) =>
      native.weighCandidates(
        clusterRows(arrays),
        threeCenters(arrays),
        doubles(arrays['closest']),
        false,
        2,
      ),
  },
  'findWithin by a tree': {
    arrays: { ...search, ...tree, ...classCodes, pointWeights: means.pointWeights, ...range },
    writes: ['counts', 'means'],
    start: within,
  },
  'findWithin by comparison': {
    arrays: { ...search, ...pointRows, ...classCodes, pointWeights: means.pointWeights, ...range },
    writes: ['counts', 'means'],
    start: within,
  },
  'findNeighbors, means by a tree': {
    arrays: { ...search, ...tree, ...means },
    writes: ['out'],
    start: find,
  },
  'findNeighbors, means by comparison': {
    arrays: { ...search, ...pointRows, ...means },
    writes: ['out'],
    start: find,
  },
  hashElements: {
    arrays: { data: fill(1 << 18) },
    writes: [],
    start: ({ data }) => native.hashElements(data!, 0, [1 << 18], [1], 2),
  },
  findTableRows: {
    arrays: { ...column, bounds: Float64Array.of(0.2, 0.7), bits: bitsOf(n, 0) },
    writes: ['bits'],
    start: ({ values, validity, bounds, bits }) =>
      native.findTableRows(
        [cells(values, validity)],
        [{ test: 'range', column: 0, values: doubles(bounds) }],
        n,
        bits as Uint8Array,
        2,
      ),
  },
  listBits: {
    arrays: { bits: bitsOf(n, 0b0101_0101), listed: new Int32Array(n / 2) },
    writes: ['listed'],
    start: ({ bits, listed }) => native.listBits(bits as Uint8Array, n, ints(listed), false, 2),
  },
  groupTableRows: {
    arrays: {
      codes: Int32Array.from({ length: n }, (_, i) => i % 7),
      list: count(n),
      order: new Int32Array(n),
    },
    writes: ['order'],
    start: ({ codes, list, order: to }) =>
      native.groupTableRows([cells(codes, undefined, true)], n, ints(list), ints(to), 2),
  },
  sortTableRows: {
    arrays: { ...column, list: count(n), order: new Int32Array(n) },
    writes: ['order'],
    start: ({ values, validity, list, order: to }) =>
      native.sortTableRows([cells(values, validity)], [false], n, ints(list), ints(to), 2),
  },
  summariseGroups: {
    arrays: { ...column, order: count(n), starts: Float64Array.of(0, n / 3, n) },
    writes: [],
    start: ({ values, validity, order: rows, starts }) =>
      native.summariseGroups(
        [cells(values, validity)],
        n,
        ints(rows),
        doubles(starts),
        false,
        true,
        true,
        2,
      ),
  },
  tableQuartiles: {
    arrays: column,
    writes: [],
    start: ({ values, validity }) => native.tableQuartiles([cells(values, validity)], n, 2),
  },
  matchTableRows: {
    arrays: {
      left: Int32Array.from({ length: n }, (_, i) => i % 3),
      right: Int32Array.of(0, 1, 2),
      codes: Int32Array.of(2, 0, 1),
      matches: new Int32Array(n),
    },
    writes: ['matches'],
    start: ({ left, right, codes, matches }) =>
      native.matchTableRows(
        [cells(left, undefined, true)],
        n,
        [cells(right, undefined, true)],
        3,
        [ints(codes)],
        ints(matches),
        2,
      ),
  },
  takeTableRows: {
    arrays: { ...column, numbers: count(n), out: new Float64Array(n), outBits: bitsOf(n, 0) },
    writes: ['out', 'outBits'],
    start: ({ values, validity, numbers, out, outBits }) =>
      native.takeTableRows(
        [
          {
            ...cells(values, validity),
            out: matrix(out, 1),
            outValidity: outBits as Uint8Array,
          },
        ],
        n,
        { numbers: ints(numbers) },
        2,
      ),
  },
  writeGenotypes: { arrays: genotypes, writes: [], start: writeLines },
}

/** Entries that return when they are done with the memory, which nobody can take in the meantime. */
const synchronous = [
  'adoptMapping',
  'atomicAdd',
  'atomicMax',
  'atomicMin',
  'compareExchange',
  'createScratch',
  'dieWithParent',
  'discardPages',
  'findBuffer',
  'finishJob',
  'giveAway',
  'hasBytes',
  'hasPrivatePages',
  'hashElementsNow',
  'hintMemoryPressure',
  'holdFile',
  'holdMapping',
  'holdPages',
  'holdScratch',
  'isGone',
  'leavePages',
  'linkFile',
  'lockFile',
  'mapFile',
  'nameBuffer',
  'plainBuffer',
  'releaseHold',
  'reserveSpace',
  'scratchBytes',
  'simdLevel',
  'spinWhile',
  'startedJobs',
  'stopJob',
  'treeNodes',
  'trimHeap',
  'trimScratch',
  'writeScratch',
]

test('every native function is a job of this table, or done when it returns', () => {
  const functions = Object.entries(native).flatMap(([name, value]) =>
    typeof value === 'function' ? [name] : [],
  )
  const known = [...Object.keys(jobs).map((name) => name.replace(/ .*|,.*/, '')), ...synchronous]
  assert.deepEqual(functions.toSorted(), [...new Set(known)].toSorted())
})

/** Fresh arrays for every run: a job may write to them. */
function copyArrays(arrays: Arrays): Arrays {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, array.slice()]))
}

/** What a job has answered and written, in comparable form. */
function outcome(answer: unknown, writes: readonly string[], arrays: Arrays): unknown {
  return structuredClone([answer, ...writes.map((name) => arrays[name]!.slice())])
}

for (const [title, job] of Object.entries(jobs)) {
  for (const [kind, place] of Object.entries(places)) {
    test(`${title}: memory stays right while a ${kind} argument is moved`, async () => {
      const undisturbed = copyArrays(job.arrays)
      const expected = outcome(await job.start(undisturbed), job.writes, undisturbed)
      for (const [name, source] of Object.entries(job.arrays)) {
        for (const way of Object.keys(place(source).ways)) {
          const { array, ways } = place(source)
          const arrays = { ...copyArrays(job.arrays), [name]: array }
          const running = job.start(arrays)
          ways[way]!()
          const areUntouched = makeVictims(source.byteLength)
          const isShort = array.length < source.length || freeingWays.includes(way)
          const isLost = isShort && job.writes.includes(name)
          const what = `${title}, ${name}, ${way}`
          try {
            const answer = await running
            assert.ok(!isLost, `${what}: results are lost, and nobody says so`)
            assert.deepEqual(outcome(answer, job.writes, arrays), expected, what)
          } catch (error) {
            if (!isOneCopyError(error)) throw error
            assert.ok(isLost, `${what}: ${error.message}`)
            assert.equal(error.code, 'ERR_DETACHED', what)
          }
          assert.ok(areUntouched(), `${what}: another array was overwritten`)
        }
      }
    })
  }
}

test('what was detached before is refused by name', () => {
  const x = new Float64Array(new ArrayBuffer(8 * n * d))
  x.buffer.transfer()
  const call = (): unknown =>
    native.moments({ ...matrix(design.x, d), data: x }, null, null, [], fill(d), 1)
  assert.throws(call, {
    code: 'ERR_DETACHED',
    message:
      'The memory of `x.data` was moved away, by transfer() or with a message. Use a copy, or move a copy.',
  })
})

test('what was freed before is refused by name', () => {
  const { id, buffer } = native.createScratch(8 * n * d, true)
  native.discardPages(id)
  const x = new Float64Array(buffer)
  const call = (): unknown =>
    native.moments({ ...matrix(design.x, d), data: x }, null, null, [], fill(d), 1)
  assert.throws(call, {
    code: 'ERR_DETACHED',
    message:
      'The memory of `x.data` was freed by [Symbol.dispose](). Dispose of a shared array after its last use.',
  })
})
