/** Classifications of SuperLearner on workers: bytes, weights, failures. */

import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { isOneCopyError } from '../../../src/errors.ts'
import { array, type NDArray, type Rows, shared, toRowNumbers } from '../../../src/arrays/index.ts'
import {
  crossValidate,
  DecisionTreeClassifier,
  type Estimator,
  ExtraTreesClassifier,
  type FoldData,
  type FoldSharing,
  GaussianNB,
  GradientBoostingClassifier,
  KFold,
  KNeighborsClassifier,
  LinearSVC,
  LogisticRegression,
  MLPClassifier,
  PCA,
  PolynomialFeatures,
  RandomForestClassifier,
  RepeatedKFold,
  RidgeClassifier,
  type SharingEstimator,
  type Splitter,
  StandardScaler,
  StratifiedKFold,
  SubsetSplit,
  SuperLearner,
  SVC,
  TemporalSplit,
} from '../../../src/learn/index.ts'
import { Parallel } from '../../../src/parallel/index.ts'
import { Deadly, FailingClassifier } from '../../fixtures/learn/failing-classes.ts'
import { randomProblem, seeded } from '../random-problem.ts'

const n = 150
const problem = randomProblem(n, 5)
const X = shared([n, 5], 'float64')
X.data.set(problem.X.toTypedArray())
const random = seeded(3)
const labels = Array.from({ length: n }, (_, i) => {
  const value = X.get(i, 0) + 0.5 * X.get(i, 1) ** 2 + 0.3 * random()
  return value > 1 ? 'top' : value > 0 ? 'mid' : 'low'
})

function everyKind(parallel?: Parallel): SuperLearner {
  return new SuperLearner({ folds: 3, seed: 3, parallel })
    .add([new LogisticRegression(), new KNeighborsClassifier(), new SVC()], {
      preprocess: new StandardScaler(),
    })
    .add([
      new GaussianNB(),
      new RandomForestClassifier({ trees: 4 }),
      new ExtraTreesClassifier({ trees: 4 }),
      new GradientBoostingClassifier({ maxIter: 3 }),
      new MLPClassifier({ hiddenLayerSizes: [4], tol: 10, iterNoChange: 1 }),
    ])
    .add([new RidgeClassifier(), new LinearSVC()], { preprocess: new PolynomialFeatures() })
    .add({ labels: new KNeighborsClassifier({ neighbors: 3 }) }, { proba: false })
    .addMeta(new LogisticRegression())
}

const bytesOf = (values: NDArray): Buffer => Buffer.from(values.copy().toTypedArray().buffer)

describe('the same seed gives the same bytes', () => {
  const results = async (parallel?: Parallel): Promise<Buffer[]> => {
    const ensemble = await everyKind(parallel).fit(X, labels)
    return [ensemble.outOfFold, await ensemble.predictProba(X)].map(bytesOf)
  }
  let expected: Buffer[]
  test('without workers', async () => {
    expected = await results()
    assert.deepEqual(await results(), expected)
  })
  for (const [workers, backend] of [
    [1, 'serial'],
    [1, 'threads'],
    [3, 'threads'],
    [2, 'processes'],
  ] as const) {
    test(`on ${workers} ${backend}`, async () => {
      const parallel = new Parallel({ workers, backend })
      try {
        assert.deepEqual(await results(parallel), expected)
      } finally {
        await parallel.close()
      }
    })
  }
})

test('default folds have the same shares of classes, drawn by the seed', async () => {
  const fits = await Promise.all(
    [1, 2].map((seed) => new SuperLearner({ folds: 3, seed }).add(new GaussianNB()).fit(X, labels)),
  )
  for (const [i, ensemble] of fits.entries()) {
    const folds = new StratifiedKFold({ folds: 3, shuffle: true, seed: i + 1 }).split(
      labels.length,
      labels,
    )
    const model = await new GaussianNB().fit(X, labels, { rows: folds[0]!.train })
    const want = await model.predictProba(X, { rows: folds[0]!.test })
    for (const [at, row] of toRowNumbers(folds[0]!.test).entries())
      for (let k = 0; k < 3; k++)
        assert.ok(Math.abs(ensemble.outOfFold.get(row, k) - want.get(at, k)) < 1e-12)
  }
  assert.notDeepEqual(bytesOf(fits[0]!.outOfFold), bytesOf(fits[1]!.outOfFold))
})

test('scores are the share of right labels on each held-out fold', async () => {
  const folds = new KFold({ folds: 3 })
  const ensemble = await new SuperLearner({ folds })
    .add({ bayes: new GaussianNB(), logistic: new LogisticRegression() })
    .addMeta(new LogisticRegression())
    .fit(X, labels)
  for (const [k, fold] of folds.split(n).entries()) {
    const rows = toRowNumbers(fold.test)
    const models = [new GaussianNB<string>(), new LogisticRegression<string>()]
    for (const [m, model] of models.entries()) {
      await model.fit(X, labels, { rows: fold.train })
      const predicted = await model.predict(X, { rows: fold.test })
      const right = predicted.filter((label, i) => label === labels[rows[i]!]).length
      assert.equal(ensemble.scores.learners[m]!.folds[k], right / rows.length)
    }
    const meta = await new LogisticRegression<string>().fit(ensemble.outOfFold, labels, {
      rows: fold.train,
    })
    const combined = await meta.predict(ensemble.outOfFold, { rows: fold.test })
    const right = combined.filter((label, i) => label === labels[rows[i]!]).length
    assert.equal(ensemble.scores.ensemble!.folds[k], right / rows.length)
  }
})

describe('weights', () => {
  test('of 0 leave rows out, whatever their labels and values', async () => {
    const kept = Array.from({ length: n }, (_, i) => i % 5 !== 2)
    const values = X.copy()
    for (const [row, keep] of kept.entries()) if (!keep) values.set(NaN, row, 1)
    const weights = kept.map(Number)
    const others = labels.map((label, row) => (kept[row] ? label : 'other'))
    const folds = new KFold({ folds: 3 })
    const make = (): SuperLearner =>
      new SuperLearner({ folds })
        .add([new GaussianNB(), new LogisticRegression(), new RidgeClassifier()])
        .addMeta(new LogisticRegression())
    const weighted = await make().fit(values, others, { weights })
    assert.deepEqual(weighted.classes_, ['low', 'mid', 'top'])
    const [first] = folds.split(n)
    const rows = toRowNumbers(first!.train).filter((row) => kept[row])
    const model = await new GaussianNB().fit(X, labels, { rows })
    const want = await model.predictProba(X)
    for (const row of toRowNumbers(first!.test))
      for (let k = 0; k < 9; k++) {
        const got = weighted.outOfFold.get(row, k)
        if (!kept[row]) assert.ok(Number.isNaN(got))
        else if (k < 3) assert.ok(Math.abs(got - want.get(row, k)) < 1e-9)
      }
    assert.ok(weighted.scores.ensemble!.score > 0.6)
  })

  test('of 2 count a row twice, in fits and scores', async () => {
    const weights = labels.map((label) => (label === 'top' ? 2 : 1))
    const twice = labels.flatMap((label, row) => (label === 'top' ? [row, row] : [row]))
    const copy = array(twice.map((row) => X.row(row).toArray() as number[]))
    const folds = new KFold({ folds: 2 })
    const ensemble = await new SuperLearner({ folds })
      .add(new LogisticRegression())
      .fit(X, labels, { weights })
    const half = n / 2
    const rows = twice.flatMap((row, i) => (row >= half ? [i] : []))
    const model = await new LogisticRegression<string>().fit(
      copy,
      twice.map((row) => labels[row]!),
      { rows },
    )
    const want = await model.predictProba(X)
    for (let row = 0; row < half; row++)
      for (let k = 0; k < 3; k++)
        assert.ok(Math.abs(ensemble.outOfFold.get(row, k) - want.get(row, k)) < 1e-7)
    const predicted = await model.predict(X)
    const held = [...weights.keys()].filter((row) => row < half)
    const sum = (list: number[]): number => list.reduce((total, row) => total + weights[row]!, 0)
    assert.equal(
      ensemble.scores.learners[0]!.folds[0],
      sum(held.filter((row) => predicted[row] === labels[row])) / sum(held),
    )
  })
})

describe('failures', () => {
  const parallel = new Parallel({ workers: 2 })
  after(() => parallel.close())

  for (const [where, options] of [
    ['in this thread', {}],
    ['on workers', { parallel }],
  ] as const) {
    test(`a learner that fails is left out with its columns, ${where}`, async () => {
      const ensemble = await new SuperLearner({ folds: 3, onError: 'skip', ...options })
        .add({
          first: new GaussianNB(),
          bad: new FailingClassifier(),
          last: new LogisticRegression(),
        })
        .addMeta(new LogisticRegression())
        .fit(X, labels)
      assert.deepEqual(
        ensemble.outOfFoldColumns,
        ['first', 'last'].flatMap((name) =>
          ['low', 'mid', 'top'].map((label) => `${name}:${label}`),
        ),
      )
      const alone = await new SuperLearner({ folds: 3 })
        .add({ last: new LogisticRegression() })
        .fit(X, labels)
      assert.deepEqual(ensemble.outOfFold.slice(null, [3, 6]).toArray(), alone.outOfFold.toArray())
      assert.match(ensemble.scores.skipped[0]!.reason, /^Learner `bad` failed on fold [012]: /)
      assert.equal((await ensemble.transform(X)).shape[1], 6)
    })
  }

  test('a signal ends the fit, and the ensemble keeps what it has learned', async () => {
    const ensemble = await everyKind(parallel).fit(X, labels)
    const before = bytesOf(ensemble.outOfFold)
    const controller = new AbortController()
    const fit = ensemble.fit(
      X,
      labels.map((label) => label === 'top'),
      {
        signal: controller.signal,
        onProgress: () => controller.abort(new Error('enough')),
      },
    )
    await assert.rejects(fit, /enough/)
    assert.deepEqual(ensemble.classes_, ['low', 'mid', 'top'])
    assert.deepEqual(bytesOf(ensemble.outOfFold), before)
  })

  test('a worker that is killed ends the fit', async () => {
    const processes = new Parallel({ workers: 2, backend: 'processes' })
    try {
      const ensemble = new SuperLearner({
        folds: 3,
        parallel: processes,
        task: 'classification',
      }).add([new GaussianNB(), new Deadly()])
      await assert.rejects(ensemble.fit(X, labels), (error) => {
        assert.ok(isOneCopyError(error) && isOneCopyError(error.cause))
        assert.equal(error.code, 'ERR_LEARNER')
        assert.match(error.message, /^Learner `deadly` failed on fold [012]: The worker \(process /)
        assert.equal(error.cause.code, 'ERR_WORKER_LOST')
        return true
      })
      assert.throws(() => ensemble.scores, { code: 'ERR_NOT_FITTED' })
    } finally {
      await processes.close()
    }
  })
})

test('a learner that takes down its worker is left out like any other that fails', async () => {
  const parallel = new Parallel({ workers: 2, backend: 'processes' })
  const options = { folds: 3, parallel, onError: 'skip' } as const
  try {
    const ensemble = new SuperLearner({ ...options, task: 'classification' })
      .add({ bayes: new GaussianNB(), deadly: new Deadly() })
      .add({ mapped: new Deadly() }, { preprocess: new PCA({ components: 2 }) })
    await ensemble.fit(X, labels)
    assert.deepEqual(Object.keys(ensemble.learners), ['bayes'])
    const { skipped } = ensemble.scores
    assert.deepEqual(skipped.map(({ name }) => name).toSorted(), ['deadly', 'mapped'])
    for (const { name, reason, fold } of skipped)
      assert.ok(
        reason.startsWith(`Learner \`${name}\` failed on fold ${fold}: The worker `),
        reason,
      )

    const { mean, failure } = await crossValidate(new Deadly(), X, labels, options)
    assert.ok(Number.isNaN(mean))
    assert.match(failure!, /^Learner `deadly` failed on fold [012]: The worker /)
  } finally {
    await parallel.close()
  }
})

test('progress counts up to all parts of the work', async () => {
  const seen: number[] = []
  let total = 0
  await everyKind().fit(X, labels, {
    onProgress: (progress) => {
      seen.push(progress.done)
      total = progress.total
    },
  })
  assert.deepEqual(
    seen,
    Array.from({ length: total }, (_, i) => i + 1),
  )
})

describe('any folds', () => {
  const models = { bayes: new GaussianNB(), logistic: new LogisticRegression() }
  const stack = (folds: Splitter): SuperLearner =>
    new SuperLearner({ folds }).add(models).addMeta(new LogisticRegression())
  /** The probabilities of a model of some rows, by hand. */
  const predict = async (rows: Rows): Promise<NDArray> =>
    (await new GaussianNB().fit(X, labels, { rows })).predictProba(X)

  test('that hold out rows several times: the mean of their probabilities', async () => {
    const folds = new RepeatedKFold({ folds: 2, repeats: 2, stratified: true })
    const ensemble = await stack(folds).fit(X, labels)
    const want = new Float64Array(3 * n)
    for (const fold of folds.split(n, labels)) {
      const found = await predict(fold.train)
      for (const row of toRowNumbers(fold.test))
        for (let k = 0; k < 3; k++) want[3 * row + k]! += Number(found.get(row, k)) / 2
    }
    for (let i = 0; i < 3 * n; i++)
      assert.ok(Math.abs(ensemble.outOfFold.get(Math.floor(i / 3), i % 3) - want[i]!) < 1e-12)
    assert.equal(ensemble.combinedOutOfFold!.shape[1], 3)
  })

  test('of partitions: columns of each class for each partition', async () => {
    const folds = new SubsetSplit({ partitions: 2, folds: 2, shuffle: true })
    const ensemble = await stack(folds).fit(X, labels)
    assert.deepEqual(
      ensemble.outOfFoldColumns,
      ['bayes/0', 'bayes/1', 'logistic/0', 'logistic/1'].flatMap((name) =>
        ['low', 'mid', 'top'].map((label) => `${name}:${label}`),
      ),
    )
    for (const fold of folds.split(n)) {
      const found = await predict(fold.train)
      for (const row of toRowNumbers(fold.test))
        for (let k = 0; k < 3; k++) {
          const got = ensemble.outOfFold.get(row, 3 * fold.partition! + k)
          assert.ok(Math.abs(got - Number(found.get(row, k))) < 1e-12)
        }
    }
    assert.equal((await ensemble.predictProba(X)).shape[1], 3)
  })

  test('that hold out some rows only: NaN for the others', async () => {
    const folds = new TemporalSplit({ burnIn: 60, stepSize: 30 })
    const ensemble = await stack(folds).fit(X, labels)
    for (let row = 0; row < n; row++)
      for (const Z of [ensemble.outOfFold, ensemble.combinedOutOfFold!])
        if (row < 60) assert.ok(Number.isNaN(Z.get(row, 0)))
    const [first] = folds.split(n)
    const found = await predict(first!.train)
    for (const row of toRowNumbers(first!.test))
      assert.ok(Math.abs(ensemble.outOfFold.get(row, 1) - Number(found.get(row, 1))) < 1e-12)
    assert.equal((await ensemble.predict(X)).length, n)
  })

  test('of your own get the labels', async () => {
    let seen: unknown
    const folds: Splitter = {
      *split(count, given) {
        seen = given
        yield { train: { ranges: [[0, 100]] }, test: { ranges: [[100, count]] } }
        yield { train: { ranges: [[50, count]] }, test: { ranges: [[0, 50]] } }
      },
    }
    await stack(folds).fit(X, labels)
    assert.deepEqual(seen, labels)
  })
})

describe('what learners share over folds is made once', () => {
  let made = 0
  /** A class that counts the objects which its learners share. */
  function counting<C extends new (options?: never) => SharingEstimator<never>>(Class: C): C {
    return class extends (Class as new (options?: never) => SharingEstimator<never>) {
      override foldSharing(folds: number): FoldSharing<never> | undefined {
        const sharing = super.foldSharing(folds)!
        const make = (data: FoldData): Promise<never> => {
          made++
          return sharing.make(data)
        }
        return { ...sharing, make }
      }
    } as unknown as C
  }

  for (const [name, Class, options] of [
    ['bins of trees', DecisionTreeClassifier, [{ maxDepth: 2 }, { maxDepth: 3 }]],
    ['an index of neighbours', KNeighborsClassifier, [{ neighbors: 3 }, { neighbors: 5 }]],
    ['models of all folds', LogisticRegression, [{}, {}]],
  ] as const) {
    test(name, async () => {
      const Counting = counting(Class as never) as new (options: object) => Estimator
      made = 0
      const ensemble = await new SuperLearner({ folds: 4 })
        .add(options.map((one) => new Counting(one)))
        .fit(X, labels)
      assert.equal(made, 1)
      const plain = await new SuperLearner({ folds: 4 })
        .add(options.map((one) => new (Class as unknown as typeof Counting)(one)))
        .fit(X, labels)
      assert.deepEqual(bytesOf(ensemble.outOfFold), bytesOf(plain.outOfFold))
    })
  }
})
