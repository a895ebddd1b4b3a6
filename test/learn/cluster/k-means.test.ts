/** KMeans: scikit-learn's results, a naive oracle, threads, starts, empty clusters, the contract. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { array, openArray, rowRanges, shared } from '../../../src/arrays/index.ts'
import {
  clone,
  estimatorChecks,
  KMeans,
  learnedState,
  Pipeline,
  restore,
  Ridge,
  StandardScaler,
} from '../../../src/learn/index.ts'
import { kernelThreads, setKernelThreads } from '../../../src/native/index.ts'
import { assertClose } from '../close.ts'
import { randomProblem, seeded } from '../random-problem.ts'

interface Case {
  readonly data: string
  readonly name: string
  readonly init: readonly (readonly number[])[]
  readonly options: { readonly max_iter?: number; readonly tol?: number }
  readonly weights: readonly number[] | null
  readonly centers: readonly (readonly number[])[]
  readonly labels: readonly number[]
  readonly inertia: number
  readonly iterations: number
  readonly distances: readonly (readonly number[])[]
}

const sklearn = new URL('../../fixtures/sklearn/', import.meta.url)
const { cases } = JSON.parse(readFileSync(new URL('k-means.json', sklearn), 'utf8')) as {
  readonly cases: readonly Case[]
}

for (const { data, name, init, options, weights, ...expected } of cases) {
  test(`from given centres as scikit-learn: ${data}, ${name}`, async () => {
    const X = openArray(fileURLToPath(new URL(`data/${data}-X.npy`, sklearn)))
    const { max_iter: maxIter = 300, tol = 1e-4 } = options
    const model = new KMeans({ clusters: init.length, init: init as number[][], maxIter, tol })
    await model.fit(X, undefined, weights === null ? {} : { weights: Float64Array.from(weights) })
    assert.deepEqual([...model.labels_], expected.labels)
    assert.equal(model.iterations_, expected.iterations)
    const centers = Float64Array.from(expected.centers.flat())
    assertClose(model.clusterCenters_.toTypedArray(), centers, 1e-11)
    assertClose([model.inertia_], [expected.inertia], 1e-11)
    const distances = await model.transform(X.rows(0, 2))
    assertClose(distances.toTypedArray(), Float64Array.from(expected.distances.flat()), 1e-11)
  })
}

/** Rows around so many centres that lie far apart. */
function groups(n: number, d: number, count: number, seed = 1) {
  const random = seeded(seed)
  const centers = Array.from({ length: count * d }, () => 100 * random())
  const X = shared([n, d], 'float64')
  for (let i = 0; i < n; i++)
    for (let j = 0; j < d; j++) X.set(centers[(i % count) * d + j]! + random(), i, j)
  return X
}

test('rows around centres far apart are told apart, from any seed', async () => {
  const X = groups(3000, 5, 6)
  for (const seed of [0, 1, 2]) {
    const { labels_: labels, inertia_ } = await new KMeans({ clusters: 6, seed, inits: 2 }).fit(X)
    for (const [i, label] of labels.entries()) assert.equal(label, labels[i % 6])
    assert.equal(new Set(labels).size, 6)
    assert.ok(inertia_ < 3000 * 5 * 0.1)
  }
})

test('has the same bytes for any number of threads, and other ones for another seed', async () => {
  const { X } = randomProblem(20_000, 4)
  const own = kernelThreads()
  const states = []
  try {
    for (const threads of [1, 2, 3, 16]) {
      setKernelThreads(threads)
      states.push(learnedState(await new KMeans({ clusters: 5, maxIter: 9 }).fit(X)))
    }
  } finally {
    setKernelThreads(own)
  }
  const bytes = states.map(({ clusterCenters_, labels_, inertia_ }) => [
    (clusterCenters_ as ReturnType<typeof array>).toTypedArray(),
    labels_,
    inertia_,
  ])
  for (const other of bytes.slice(1)) assert.deepEqual(other, bytes[0])
  const other = await new KMeans({ clusters: 5, maxIter: 9, seed: 1 }).fit(X)
  assert.notDeepEqual(other.clusterCenters_.toTypedArray(), bytes[0]![0])
})

test('labels and distances are those of a naive search, in any layout and type', async () => {
  const { X } = randomProblem(500, 3, { offset: 1e6 })
  const model = await new KMeans({ clusters: 4 }).fit(X)
  const centers = model.clusterCenters_
  const big = shared([500, 6], 'float64').slice(null, [5, null, -2])
  for (let i = 0; i < 500; i++) for (let j = 0; j < 3; j++) big.set(X.get(i, j), i, j)
  for (const view of [X, big]) {
    const labels = await model.predict(view)
    const distances = await model.transform(view)
    let inertia = 0
    for (let i = 0; i < 500; i++) {
      const own = Array.from({ length: 4 }, (_, c) =>
        Math.hypot(...[0, 1, 2].map((j) => X.get(i, j) - centers.get(c, j))),
      )
      assertClose(
        Float64Array.from(own),
        [0, 1, 2, 3].map((c) => distances.get(i, c)) as never,
        1e-9,
      )
      assert.equal(labels.get(i), own.indexOf(Math.min(...own)))
      assert.equal(labels.get(i), model.labels_[i])
      inertia += Math.min(...own) ** 2
    }
    assertClose([-(await model.score(view))], [inertia], 1e-9)
  }
  assertClose([model.inertia_], [-(await model.score(X))], 1e-12)
})

test('a weight of 2 counts a row twice, a weight of 0 not at all', async () => {
  const { X } = randomProblem(60, 2)
  const weights = Float64Array.from({ length: 60 }, (_, i) => i % 3)
  const rows = Int32Array.from(
    [...weights].flatMap((weight, i) => Array.from({ length: weight }, () => i)),
  )
  const repeated = array(
    Float64Array.from({ length: 2 * rows.length }, (_, at) => X.get(rows[at >> 1]!, at & 1)),
    { shape: [rows.length, 2] },
  )
  const init = [X.rows(0, 3).toArray()].flat() as number[][]
  const a = await new KMeans({ clusters: 3, init }).fit(X, undefined, { weights })
  const b = await new KMeans({ clusters: 3, init }).fit(repeated)
  assertClose(a.clusterCenters_.toTypedArray(), b.clusterCenters_.toTypedArray(), 1e-12)
  assertClose([a.inertia_], [b.inertia_], 1e-12)
  assert.equal(a.labels_.length, 40)
})

test('more clusters than different rows, and rows that are all the same', async () => {
  const X = array(
    Float64Array.from({ length: 20 }, (_, i) => i % 2),
    { shape: [20, 1] },
  )
  const model = await new KMeans({ clusters: 4 }).fit(X)
  assert.equal(model.inertia_, 0)
  assert.equal(new Set((await model.predict(X)).toArray() as number[]).size, 2)
  const same = await new KMeans({ clusters: 2 }).fit(
    array(new Float64Array(10), { shape: [10, 1] }),
  )
  assert.deepEqual([same.inertia_, ...same.clusterCenters_.toTypedArray()], [0, 0, 0])
})

test('is a step of a pipeline, which maps rows to distances', async () => {
  const { X, y } = randomProblem(80, 3)
  const model = new Pipeline({
    steps: { scale: new StandardScaler(), near: new KMeans({ clusters: 4 }), ridge: new Ridge() },
  })
  await model.fit(X, y)
  const fitted = model.step('near') as KMeans
  const scaled = await (model.step('scale') as StandardScaler).transform(X)
  const distances = await fitted.transform(scaled)
  const expected = await (model.step('ridge') as Ridge).predict(distances)
  assertClose((await model.predict(X)).toTypedArray(), expected.toTypedArray(), 1e-9)
})

describe('what is refused', () => {
  const { X } = randomProblem(10, 2)
  const fit = (options: object, given = X): Promise<unknown> => new KMeans(options).fit(given)
  test('options that can not be', async () => {
    for (const options of [
      { clusters: 0 },
      { inits: 0 },
      { tol: -1 },
      { seed: 0.5 },
      { init: 'far' },
    ])
      await assert.rejects(fit(options), { code: 'ERR_OPTION' })
    await assert.rejects(fit({ clusters: 2, init: [[1, 2]] }), {
      code: 'ERR_OPTION',
      message:
        'Expected `init` of KMeans to be centres of shape (2, 2), got shape (1, 2). Give a row for each cluster.',
    })
    const gap = [
      [1, 2],
      [NaN, 4],
    ]
    await assert.rejects(fit({ clusters: 2, init: gap }), {
      code: 'ERR_OPTION',
      message: 'Expected `init` of KMeans to be finite centres, got NaN in row 1, column 0.',
    })
    assert.throws(() => new KMeans({ n_clusters: 3 } as object), /onecopy calls it `clusters`/)
  })

  test('fewer rows than clusters', () =>
    assert.rejects(new KMeans({ clusters: 4 }).fit(X, undefined, { rows: rowRanges([[0, 3]]) }), {
      code: 'ERR_ROWS',
      message:
        'Expected at least 4 rows with a weight above 0, one for each cluster, got 3. Use fewer clusters.',
    }))

  test('values that are not finite, naming their place', async () => {
    const wrong = X.copy()
    wrong.set(NaN, 7, 1)
    await assert.rejects(fit({ clusters: 2 }, wrong), {
      code: 'ERR_VALUE',
      message: /got NaN in `X` at row 7, column 1/,
    })
    const model = await new KMeans({ clusters: 2 }).fit(X)
    await assert.rejects(model.predict(wrong), { code: 'ERR_VALUE' })
  })

  test('damaged learned values', async () => {
    const model = await new KMeans({ clusters: 2 }).fit(X)
    const state = learnedState(model)
    const damaged = { ...state, labels_: Int32Array.of(0, 2) }
    assert.throws(() => restore(clone(model), damaged), { code: 'ERR_FORMAT' })
  })
})

// It ignores y, and what its checks call the answer is that of predict, not of transform.
const except = [
  'NaN in y is refused',
  'y of another length is refused',
  'a block of rows is transformed like the same rows of the whole matrix, and no rows give no rows',
]
describe('contract', () => {
  for (const check of estimatorChecks(() => new KMeans({ clusters: 3 }), { except }))
    test(check.name, () => check.run())
})
