/** Classifications of SuperLearner against scikit-learn and refits by hand. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray, toRowNumbers } from '../../../src/arrays/index.ts'
import {
  clone,
  DecisionTreeClassifier,
  type Estimator,
  GaussianNB,
  GradientBoostingClassifier,
  KFold,
  KNeighborsClassifier,
  LinearSVC,
  LogisticRegression,
  Pipeline,
  PolynomialFeatures,
  RandomForestClassifier,
  Ridge,
  RidgeClassifier,
  StandardScaler,
  StratifiedKFold,
  SuperLearner,
  SVC,
} from '../../../src/learn/index.ts'
import { openData, readAnswers } from '../sklearn.ts'

interface StackingCase {
  readonly data: string
  readonly step: number
  readonly folds: number
  readonly learners: readonly string[]
  /** Every seventh row. */
  readonly Z: readonly (readonly number[])[]
  readonly probabilities?: readonly (readonly number[])[]
  readonly predicted?: readonly number[]
}

/** Rows of a data set in the order of the fixture. */
function openCase({ data, step }: Pick<StackingCase, 'data' | 'step'>): {
  X: NDArray<'float64'>
  y: NDArray<'float64'>
} {
  const [X, y] = [openData(`${data}-X`), openData(`${data}-y`)]
  const n = y.size
  const order = Array.from({ length: n }, (_, i) => (i * step) % n)
  return {
    X: array(order.map((row) => X.row(row).toArray() as number[])),
    y: array(order.map((row) => Number(y.get(row)))),
  }
}

function near(got: number, want: number, what: string): void {
  assert.ok(Math.abs(got - want) <= 1e-6 * Math.max(1, Math.abs(want)), `${what}: ${got}, ${want}`)
}

const scaled = { preprocess: new StandardScaler() }

describe('scikit-learn stacks the same', () => {
  const { cases } = readAnswers('stacking') as { cases: readonly StackingCase[] }
  for (const one of cases) {
    test(`${one.data} in ${one.folds} folds, every ${one.step}th row`, async () => {
      const { X, y } = openCase(one)
      const learners: Record<string, [Estimator, object]> = {
        logistic: [new LogisticRegression(), scaled],
        bayes: [new GaussianNB(), {}],
        ridge: [new RidgeClassifier(), scaled],
        svc: [new SVC({ tol: 1e-10 }), scaled],
        neighbors: [new KNeighborsClassifier({ neighbors: 7, weights: 'distance' }), scaled],
      }
      const ensemble = new SuperLearner({ folds: new KFold({ folds: one.folds }) })
      for (const name of one.learners)
        ensemble.add({ [name]: learners[name]![0] }, learners[name]![1])
      await ensemble.addMeta(new LogisticRegression()).fit(X, y)
      for (const [i, row] of one.Z.entries())
        for (const [column, want] of row.entries())
          near(ensemble.outOfFold.get(7 * i, column), want, ensemble.outOfFoldColumns[column]!)
      assert.equal(ensemble.outOfFold.shape[1], one.Z[0]!.length)
      if (one.probabilities === undefined) return
      const probabilities = await ensemble.predictProba(X)
      for (const [i, row] of one.probabilities.entries())
        for (const [code, want] of row.entries())
          near(probabilities.get(7 * i, code), want, `row ${7 * i}`)
      assert.deepEqual((await ensemble.predict(X)).toArray(), one.predicted)
    })
  }
})

/** Copies rows into private memory, as a naive program would. */
function copyRows(X: NDArray, rows: Int32Array): NDArray {
  return array(Array.from(rows, (row) => X.row(row).toArray() as number[]))
}

const names = ['setosa', 'versicolor', 'virginica']

interface Refit {
  readonly learner: Estimator
  readonly method: 'predictProba' | 'decisionFunction' | 'predict'
}

const every: Record<string, Refit> = {
  logistic: { learner: new LogisticRegression({ C: 0.5 }), method: 'predictProba' },
  bayes: { learner: new GaussianNB(), method: 'predictProba' },
  neighbors: { learner: new KNeighborsClassifier({ neighbors: 9 }), method: 'predictProba' },
  forest: {
    learner: new RandomForestClassifier({ trees: 5, binning: 'perFold' }),
    method: 'predictProba',
  },
  boosted: {
    learner: new GradientBoostingClassifier({ maxIter: 5, binning: 'perFold' }),
    method: 'predictProba',
  },
  ridge: { learner: new RidgeClassifier(), method: 'decisionFunction' },
  piped: {
    learner: new Pipeline({
      steps: [new PolynomialFeatures(), new StandardScaler(), new LogisticRegression({ C: 0.1 })],
    }),
    method: 'predictProba',
  },
}

function addEvery(ensemble: SuperLearner): SuperLearner {
  for (const [name, { learner }] of Object.entries(every)) ensemble.add({ [name]: learner })
  return ensemble.add(
    { labels: new DecisionTreeClassifier({ binning: 'perFold' }) },
    { proba: false },
  )
}

/** What a model that was fitted on copied labels says of all classes. */
async function predictByHand(
  { learner, method }: Refit,
  train: { X: NDArray; labels: string[] },
  X: NDArray,
  classes: readonly string[],
): Promise<number[][]> {
  const model = (await clone(learner).fit(train.X, train.labels as never)) as unknown as {
    classes_: string[]
    [method: string]: unknown
  }
  const found = await (model[method] as (X: NDArray) => Promise<NDArray | string[]>).call(model, X)
  if (method === 'predict')
    return (found as string[]).map((label) => classes.map((one) => Number(one === label)))
  const rows = (found as NDArray).toArray() as (number | number[])[]
  return rows.map((row) => {
    // Decision values of two classes are one number.
    const own = typeof row === 'number' ? [-row, row] : row
    const absent = method === 'predictProba' ? 0 : Math.min(...own)
    return classes.map((label) => {
      const at = model.classes_.indexOf(label)
      return at === -1 ? absent : own[at]!
    })
  })
}

for (const [what, step, folds] of [
  ['stratified folds', 37, 4],
  ['sorted rows, where each fold lacks a class', 1, new KFold({ folds: 3 })],
] as const) {
  for (const classes of [names, names.slice(0, 2)]) {
    test(`every column is that of a refit by hand: ${what}, ${classes.length} classes`, async () => {
      const all = openCase({ data: 'iris', step })
      const kept = all.y
        .toTypedArray()
        .reduce<number[]>((rows, code, row) => (code < classes.length ? [...rows, row] : rows), [])
      const X = copyRows(all.X, Int32Array.from(kept))
      const labels = kept.map((row) => names[all.y.get(row)]!)
      const n = labels.length
      const ensemble = await addEvery(new SuperLearner({ folds, seed: 5 })).fit(X, labels)
      const split =
        typeof folds === 'number'
          ? new StratifiedKFold({ folds, shuffle: true, seed: 5 }).split(labels.length, labels)
          : folds.split(n)
      const learners = {
        ...every,
        labels: { learner: new DecisionTreeClassifier({ binning: 'perFold' }), method: 'predict' },
      } as Record<string, Refit>
      const isTwo = classes.length === 2
      assert.deepEqual(
        ensemble.outOfFoldColumns,
        Object.keys(learners).flatMap((name) =>
          (isTwo ? classes.slice(1) : classes).map((label) => `${name}:${label}`),
        ),
      )
      for (const fold of split) {
        const [train, held] = [toRowNumbers(fold.train), toRowNumbers(fold.test)]
        const own = { X: copyRows(X, train), labels: Array.from(train, (row) => labels[row]!) }
        let column = 0
        for (const [name, refit] of Object.entries(learners)) {
          const want = await predictByHand(refit, own, copyRows(X, held), classes)
          for (const [i, row] of held.entries())
            for (const [k, value] of (isTwo ? want[i]!.slice(1) : want[i]!).entries())
              near(ensemble.outOfFold.get(row, column + k), value, `${name}, row ${row}`)
          column += isTwo ? 1 : 3
        }
      }
    })
  }
}

test('numbers of a regressor stand beside probabilities of two classes', async () => {
  const { X, y } = openCase({ data: 'breast-cancer', step: 37 })
  const labels = Array.from(y.toTypedArray(), (code) => (code === 1 ? 'benign' : 'malignant'))
  const folds = new KFold({ folds: 3 })
  const ensemble = await new SuperLearner({ folds })
    .add([new Ridge({ alpha: 3 }), new LogisticRegression()], scaled)
    .addMeta(new LogisticRegression())
    .fit(X, labels)
  const numbers = await new SuperLearner({ folds }).add(new Ridge({ alpha: 3 }), scaled).fit(
    X,
    labels.map((label) => Number(label === 'malignant')),
  )
  assert.deepEqual(ensemble.outOfFoldColumns, ['ridge', 'logistic-regression:malignant'])
  assert.deepEqual(ensemble.outOfFold.column(0).toArray(), numbers.outOfFold.column(0).toArray())
  assert.ok(ensemble.scores.ensemble!.score > 0.95)
  assert.ok(ensemble.scores.learners[0]!.score > 0.9)
})

test('probabilities of the ensemble are those of its meta learner', async () => {
  const { X, y } = openCase({ data: 'iris', step: 37 })
  const ensemble = await new SuperLearner()
    .add([new GaussianNB(), new LogisticRegression()])
    .addMeta(new GradientBoostingClassifier({ maxIter: 5 }))
    .fit(X, y)
  const meta = ensemble.meta as GradientBoostingClassifier
  const Z = await ensemble.transform(X)
  assert.deepEqual(
    (await ensemble.predictProba(X)).toArray(),
    (await meta.predictProba(Z)).toArray(),
  )
  assert.deepEqual((await ensemble.predict(X)).toArray(), (await meta.predict(Z)).toArray())
})

test('a class whose probabilities vanish on all training rows is stacked as 0', async () => {
  const x = Float64Array.from({ length: 60 }, (_, i) => (i < 40 ? (i % 2) * 3 : 22) + Math.sin(i))
  const labels = Array.from(x, (value) => (value > 15 ? 'c' : value > 1.5 ? 'b' : 'a'))
  const X = array(x, { shape: [60, 1] })
  const ensemble = await new SuperLearner({ folds: new KFold({ folds: 3 }) })
    .addLayer([new GaussianNB(), new LogisticRegression()])
    .addLayer(new GaussianNB())
    .addMeta(new GaussianNB())
    .fit(X, labels)
  const learned = await new GaussianNB().fit(X, labels, { rows: { ranges: [[20, 60]] } })
  const tiny = (await learned.predictProba(X)).get(0, 2)
  assert.ok(tiny > 0 && tiny < 1e-145, `${tiny}`)
  assert.equal(ensemble.layers[0]!.outOfFold.get(0, 2), 0)
  assert.deepEqual(ensemble.classes_, ['a', 'b', 'c'])
})

test('models that have seen one class decide for it', async () => {
  const classes = ['a', 'b', 'c']
  for (const count of [2, 3]) {
    const x = Float64Array.from({ length: 12 * count }, (_, i) => Math.sin(i))
    const X = array(x, { shape: [x.length, 1] })
    const labels = Array.from(x, (_, i) => classes[Math.floor(i / 12)]!)
    const parts = classes.slice(0, count).map((_, k) => [12 * k, 12 * k + 12] as const)
    const folds = {
      split: () =>
        parts.map((_, k) => ({
          train: { ranges: [parts[(k + 1) % count]!] },
          test: { ranges: [parts[k]!] },
        })),
    }
    const ensemble = await new SuperLearner({ folds, task: 'classification' })
      .add([new SVC(), new LinearSVC(), new RidgeClassifier(), new GaussianNB()])
      .fit(X, labels)
    for (const { name, score } of ensemble.scores.learners)
      assert.equal(score, 0, `${name} of ${count} classes`)
  }
})

describe('a fold that a scorer of classes refuses is refused before anything is fitted', () => {
  const x = Float64Array.from({ length: 24 }, (_, i) => Math.sin(i))
  const X = array(x, { shape: [24, 1] })
  const labelsOf = { two: ['a', 'b'], three: ['a', 'b', 'c'] }
  for (const [name, names] of Object.entries(labelsOf))
    for (const scorer of ['rocAuc', 'f1'] as const)
      test(`${scorer} of ${name} classes`, async () => {
        const labels = Array.from(x, (_, i) => names[Math.floor((i * names.length) / 24)]!)
        const progress: number[] = []
        await assert.rejects(
          new SuperLearner({ folds: new KFold({ folds: 4 }), scorer })
            .add(new GaussianNB())
            .addMeta(new LogisticRegression())
            .fit(X, labels, { onProgress: ({ done }) => progress.push(done) }),
          scorer === 'f1' ? /`positive`|binary/ : /a row of each class for rocAuc, got none of '/,
        )
        assert.deepEqual(progress, [])
      })
})
