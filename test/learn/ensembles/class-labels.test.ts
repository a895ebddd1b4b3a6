/** Labels of every kind in classifications of SuperLearner, and what is refused. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray } from '../../../src/arrays/index.ts'
import {
  accuracy,
  BestLearner,
  type Classifier,
  DecisionTreeClassifier,
  type Estimator,
  GaussianNB,
  GreedySelection,
  KFold,
  type Label,
  LinearRegression,
  LogisticRegression,
  logLoss,
  makeScorer,
  NonNegativeLeastSquares,
  permutationImportance,
  Pipeline,
  RadiusNeighborsClassifier,
  Ridge,
  RidgeClassifier,
  rmse,
  rocAuc,
  SuperLearner,
  SVC,
  TargetEncoder,
} from '../../../src/learn/index.ts'
import { CategoryColumn, NumberColumn, Table } from '../../../src/tables/index.ts'
import { SignMean } from '../../fixtures/learn/nearest-mean.ts'
import { randomProblem } from '../random-problem.ts'

const n = 90
const { X } = randomProblem(n, 4)
/** A class of each row that the first column tells. */
const codes = Array.from({ length: n }, (_, i) =>
  X.get(i, 0) > 0.3 ? 2 : X.get(i, 0) > -0.3 ? 1 : 0,
)

const stack = (): SuperLearner =>
  new SuperLearner({ folds: 3 })
    .add([new GaussianNB(), new LogisticRegression()])
    .addMeta(new LogisticRegression())

describe('labels come back as they are', () => {
  const texts = ['low', 'mid', 'top']
  const kinds: Record<string, [labels: (code: number) => Label | bigint, classes: Label[]]> = {
    texts: [(code) => texts[code]!, texts],
    'true and false': [(code) => code === 2, [false, true]],
    numbers: [(code) => [-1.5, 3, 1e9][code]!, [-1.5, 3, 1e9]],
    bigints: [(code) => [5n, 7n, 2n ** 40n][code]!, [5, 7, 2 ** 40]],
    'more texts than two sorts': [
      (code) => ['zeta', 'Alpha', 'alpha'][code]!,
      ['Alpha', 'alpha', 'zeta'],
    ],
  }
  for (const [kind, [labelOf, classes]] of Object.entries(kinds)) {
    test(kind, async () => {
      const given = codes.map(labelOf)
      const labels =
        typeof given[0] === 'bigint' ? BigInt64Array.from(given as bigint[]) : (given as number[])
      const ensemble = await stack().fit(X, labels)
      assert.deepEqual(Array.from<unknown>(ensemble.classes_!), classes)
      const predicted: unknown = await ensemble.predict(X)
      const list = (
        Array.isArray(predicted) ? predicted : (predicted as NDArray).toArray()
      ) as Label[]
      const right = list.filter(
        (label, row) => label === (typeof given[0] === 'bigint' ? Number(given[row]) : given[row]),
      )
      assert.ok(right.length > 0.8 * n, `${right.length} of ${n}`)
      assert.equal(Array.isArray(predicted), typeof classes[0] !== 'number')
      assert.deepEqual((await ensemble.predictProba(X)).shape, [n, classes.length])
      assert.equal(ensemble.scores.scorer, 'accuracy')
      assert.ok(ensemble.scores.ensemble!.score > 0.8)
    })
  }

  test('a matrix of one column', async () => {
    const ensemble = await stack().fit(X, array(codes, { shape: [n, 1] }))
    assert.deepEqual((await ensemble.predict(X)).shape, [n, 1])
  })

  test('columns of tables, by name and themselves', async () => {
    const column = (name: string, j: number): NumberColumn =>
      new NumberColumn(name, X.column(j).copy())
    const kind = new CategoryColumn('kind', array(Int8Array.from(codes)), texts)
    const table = new Table([column('a', 0), column('b', 1), kind])
    const ensemble = await stack().fit(table, 'kind')
    assert.deepEqual(ensemble.classes_, texts)
    assert.deepEqual(ensemble.featureNamesIn_, ['a', 'b'])
    const predicted = (await ensemble.predict(table)) as unknown as string[]
    assert.ok(accuracy(kind, predicted) > 0.8)
    const same = await stack().fit(
      table.without(['kind']),
      codes.map((code) => texts[code]!),
    )
    assert.deepEqual(await same.predict(table), predicted)
  })
})

test('a row of weight 0 may have no label in a table', async () => {
  const texts = ['low', 'mid', 'top']
  const found = Int8Array.from(codes, (code, row) => (row === 4 ? -1 : code))
  const kind = new CategoryColumn('kind', array(found), texts)
  const table = new Table([new NumberColumn('a', X.column(0).copy()), kind])
  const weights = codes.map((_, row) => Number(row !== 4))
  const ensemble = await stack().fit(table, 'kind', { weights })
  assert.deepEqual(ensemble.classes_, texts)
  await assert.rejects(stack().fit(table, 'kind'), {
    code: 'ERR_VALUE',
    message: /^Expected a label in every row of column 'kind', got none in row 4 /,
  })
})

describe('types of labels', () => {
  test('are those of the fitted ensemble', async () => {
    const texts: string[] = await (await stack().fit(X, codes.map(String))).predict(X)
    assert.equal(typeof texts[0], 'string')
    const booleans: boolean[] = await (
      await stack().fit(
        X,
        codes.map((code) => code === 1),
      )
    ).predict(X)
    assert.equal(typeof booleans[0], 'boolean')
    const numbers: NDArray = await (await stack().fit(X, codes)).predict(X)
    assert.equal(numbers.shape[0], n)
  })
})

describe('what an ensemble learns', () => {
  test('numbers by a meta learner of numbers, also from classifiers', async () => {
    const ensemble = await new SuperLearner({ folds: 3 })
      .add([new LogisticRegression(), new Ridge()])
      .addMeta(new Ridge())
      .fit(X, codes)
    assert.equal(ensemble.classes_, undefined)
    assert.equal(ensemble.scores.scorer, 'rmse')
    assert.deepEqual(ensemble.outOfFoldColumns, ['logistic-regression', 'ridge'])
    await assert.rejects(ensemble.predictProba(X), {
      code: 'ERR_OPTION',
      message:
        'Expected a classification to predict probabilities of, got a regression. Call predict().',
    })
  })

  test('classes without a meta learner when all learners are classifiers, unless `task` says more', async () => {
    const add = (task: 'auto' | 'regression'): SuperLearner =>
      new SuperLearner({ folds: 3, task }).add(new LogisticRegression())
    assert.deepEqual(
      Array.from((await add('auto').fit(X, codes)).classes_! as Float64Array),
      [0, 1, 2],
    )
    const numbers = await add('regression').fit(X, codes)
    assert.equal(numbers.classes_, undefined)
    assert.ok(numbers.outOfFold.toTypedArray().every((value) => [0, 1, 2].includes(value)))
  })

  test('numbers where a learner of numbers was added, also when it is left out', async () => {
    const kind = new CategoryColumn('kind', array(Int8Array.from(codes)), ['a', 'b', 'c'])
    const table = new Table([new NumberColumn('a', X.column(0).copy()), kind])
    const ensemble = await new SuperLearner({ folds: 3, onError: 'skip' })
      .add([new Ridge(), new DecisionTreeClassifier()])
      .fit(table, codes)
    assert.equal(ensemble.scores.skipped[0]!.name, 'ridge')
    assert.equal(ensemble.classes_, undefined)
  })

  test('texts are refused by what learns numbers, which is named', async () => {
    const texts = codes.map(String)
    const refusal = (why: string): { name: string; message: string } => ({
      name: 'TypeError',
      message: `Expected \`y\` of SuperLearner to hold numbers, got '${texts[0]}' in row 0. SuperLearner stacks regressions here: ${why}`,
    })
    const learners = [new LogisticRegression(), new LinearRegression()]
    await assert.rejects(
      new SuperLearner().add(learners).fit(X, texts),
      refusal(
        'its learner LinearRegression predicts numbers. For classes, add classifiers, such as new LogisticRegression().',
      ),
    )
    await assert.rejects(
      new SuperLearner().add(learners).addMeta(new Ridge()).fit(X, texts),
      refusal(
        'its meta learner Ridge predicts numbers. For classes, pass a classifier to addMeta(), such as new LogisticRegression().',
      ),
    )
    await assert.rejects(
      new SuperLearner({ task: 'regression' }).add(new GaussianNB()).fit(X, texts),
      refusal("`task` is 'regression'. For classes, leave out `task`."),
    )
  })

  test('a meta learner of numbers is refused for classes', async () => {
    const ensemble = new SuperLearner({ task: 'classification' }).add(new GaussianNB())
    await assert.rejects(ensemble.addMeta(new Ridge()).fit(X, codes), {
      name: 'TypeError',
      message:
        'Expected a meta learner that tells classes apart, got Ridge, which predicts numbers. ' +
        'Pass a classifier to addMeta(), such as new LogisticRegression().',
    })
  })

  test('a learner of numbers is refused for more than two classes', async () => {
    const ensemble = new SuperLearner()
      .add([new GaussianNB(), new Ridge()])
      .addMeta(new LogisticRegression())
    await assert.rejects(ensemble.fit(X, codes), {
      name: 'TypeError',
      message:
        'Expected learner `ridge` to tell 3 classes apart, got Ridge, which predicts numbers. Numbers are stacked with ' +
        'classifiers only for two classes, as 0 and 1. Add a classifier, such as new LogisticRegression().',
    })
    await ensemble.fit(
      X,
      codes.map((code) => Math.min(code, 1)),
    )
    assert.deepEqual(ensemble.outOfFoldColumns, ['gaussian-nb:1', 'ridge'])
  })
})

describe('what is stacked of a learner', () => {
  test('labels with `proba: false`, as columns of 0 and 1', async () => {
    const ensemble = await new SuperLearner({ folds: 3 })
      .add({ both: new GaussianNB() })
      .add({ labels: new GaussianNB() }, { proba: false })
      .fit(X, codes)
    for (let row = 0; row < n; row++) {
      const own = [0, 1, 2].map((k) => ensemble.outOfFold.get(row, k))
      const labels = [3, 4, 5].map((k) => ensemble.outOfFold.get(row, k))
      assert.deepEqual(
        labels,
        own.map((_, k) => Number(k === own.indexOf(Math.max(...own)))),
      )
    }
  })

  test('probabilities that are asked for must be there', async () => {
    const ensemble = new SuperLearner().add(new RidgeClassifier(), { proba: true })
    await assert.rejects(ensemble.fit(X, codes), {
      name: 'TypeError',
      message:
        'Expected learner `ridge-classifier` to predict probabilities, got one without predictProba(). ' +
        'Leave out `proba`: then its decision values or its labels are stacked.',
    })
    assert.throws(() => ensemble.add(new GaussianNB(), { proba: 'yes' as never }), {
      message: "Expected `proba` to be true or false, got 'yes'.",
    })
  })

  test('decision values of pairs are refused, also within a pipeline', async () => {
    const pairs = (): SVC => new SVC({ decisionFunctionShape: 'ovo' })
    for (const learner of [pairs(), new Pipeline({ steps: { svc: pairs() } })]) {
      await assert.rejects(new SuperLearner().add({ svc: learner as Estimator }).fit(X, codes), {
        code: 'ERR_OPTION',
        message:
          "Expected `decisionFunctionShape` of learner `svc` to be 'ovr', got 'ovo'. A column for each class is stacked, not for each pair.",
      })
    }
  })

  test('weights of classes are those of their labels, also within a pipeline', async () => {
    const labels = codes.map((code) => ['c', 'a', 'b'][code]!)
    const classWeight = { c: 5, a: 0.5 }
    const folds = new KFold({ folds: 3 })
    const weighted = new LogisticRegression({ classWeight })
    const ensemble = await new SuperLearner({ folds })
      .add({ plain: weighted, piped: new Pipeline({ steps: [weighted] }) as Estimator })
      .addMeta(new LogisticRegression({ classWeight: { b: 2 } }))
      .fit(X, labels)
    const [first] = folds.split(n)
    const model = await new LogisticRegression({ classWeight }).fit(X, labels, {
      rows: first!.train,
    })
    const want = await model.predictProba(X, { rows: first!.test })
    for (let i = 0; i < 30; i++)
      for (let k = 0; k < 6; k++)
        assert.ok(Math.abs(ensemble.outOfFold.get(i, k) - want.get(i, k % 3)) < 1e-9)
    const wrong = new LogisticRegression({ classWeight: { d: 1 } })
    await assert.rejects(new SuperLearner({ folds }).add(wrong).fit(X, labels), {
      code: 'ERR_OPTION',
      message: /got one for 'd'\. The labels are a, b, c\.$/,
    })
  })

  test('the label of rows without neighbours is that of a class', async () => {
    const labels = codes.map((code) => [7, 1, 4][code]!)
    const far = (outlierLabel: Label): SuperLearner =>
      new SuperLearner({ folds: 3 }).add(
        new RadiusNeighborsClassifier({ radius: 0.5, outlierLabel }),
      )
    const ensemble = await far(4).fit(X, labels)
    const away = await ensemble.transform(array([[99, 99, 99, 99]]))
    assert.deepEqual(ensemble.outOfFoldColumns.indexOf('radius-neighbors-classifier:4'), 1)
    assert.deepEqual(away.toArray(), [[0, 1, 0]])
    await assert.rejects(far(2).fit(X, labels), {
      code: 'ERR_OPTION',
      message:
        "Expected `outlierLabel` of RadiusNeighborsClassifier to be one of the classes, 'mostFrequent' or null, got 2.",
    })
    await far('mostFrequent').fit(X, labels)
  })

  test('a step that takes means of the target is refused for more than two classes', async () => {
    const ensemble = (): SuperLearner =>
      new SuperLearner({ folds: 3 }).add(new GaussianNB(), { preprocess: new TargetEncoder() })
    const rounded = array(
      X.toTypedArray().map((value) => Math.round(value)),
      { shape: [n, 4] },
    )
    await assert.rejects(ensemble().fit(rounded, codes), {
      code: 'ERR_VALUE',
      message:
        'Expected two classes for a TargetEncoder, which takes means of 0 and 1, got 3. Encode texts by a OneHotEncoder.',
    })
    await ensemble().fit(
      rounded,
      codes.map((code) => code > 0),
    )
  })
})

describe('scores', () => {
  test('a scorer of your own gets labels', async () => {
    const seen = new Set<unknown>()
    const scorer = makeScorer(
      (y, predicted) => {
        for (const labels of [y, predicted] as unknown as string[][])
          labels.forEach((one) => seen.add(one))
        return 1
      },
      { greaterIsBetter: true, name: 'mine' },
    )
    const labels = codes.map((code) => (code > 0 ? 'yes' : 'no'))
    await new SuperLearner({ folds: 3, scorer }).add(new GaussianNB()).fit(X, labels)
    assert.deepEqual(seen, new Set(['no', 'yes']))
  })

  test('are of the learned kind', async () => {
    for (const scorer of ['rmse', rmse, 'accuracy', 'logLoss'] as const) {
      const isOfNumbers = scorer === 'rmse' || scorer === rmse
      const learner = isOfNumbers ? new GaussianNB() : new Ridge()
      await assert.rejects(new SuperLearner({ scorer }).add(learner).fit(X, codes), {
        code: 'ERR_OPTION',
        message: isOfNumbers ? /'rmse'/ : new RegExp(`'${String(scorer)}'`),
      })
    }
  })

  test('of probabilities are those of the columns, and n/a where there are none', async () => {
    const texts = codes.map(String)
    const folds = new KFold({ folds: 3 })
    const ensemble = await new SuperLearner({ folds, scorer: 'logLoss' })
      .add({ bayes: new GaussianNB(), ridge: new RidgeClassifier() })
      .addMeta(new LogisticRegression())
      .fit(X, texts)
    const [bayes, ridge] = ensemble.scores.learners
    const own = ensemble.outOfFold.slice(null, [0, 3])
    const combined = ensemble.combinedOutOfFold!
    for (const [k, { test: rows }] of folds.split(n).entries()) {
      const options = { rows, classes: ensemble.classes_! }
      assert.equal(bayes!.folds[k], logLoss(texts, own, options))
      assert.equal(ensemble.scores.ensemble!.folds[k], logLoss(texts, combined, options))
    }
    assert.ok(Number.isNaN(ridge!.score))
    assert.match(String(ensemble.scores), /^ridge +n\/a +n\/a /m)
    assert.notEqual(ensemble.scores.best, 'ridge')
  })

  test('of decision values take those of two classes', async () => {
    const labels = codes.map((code) => code > 0)
    const folds = new KFold({ folds: 3 })
    const ensemble = await new SuperLearner({ folds, scorer: 'rocAuc' })
      .add({ ridge: new RidgeClassifier(), bayes: new GaussianNB(), numbers: new Ridge() })
      .add({ labels: new GaussianNB() }, { proba: false })
      .addMeta(new LogisticRegression())
      .fit(X, labels)
    for (const [l, { folds: scores }] of ensemble.scores.learners.entries())
      for (const [k, { test: rows }] of folds.split(n).entries())
        assert.equal(
          scores[k],
          l === 3 ? NaN : rocAuc(labels, ensemble.outOfFold.column(l), { rows }),
        )
    assert.ok(ensemble.scores.ensemble!.score > 0.9)
  })

  test('of importances take ensembles of both kinds', async () => {
    const classes = await stack().fit(X, codes)
    const found = await permutationImportance(classes, X, codes)
    assert.ok(found.score > 0.8 && found.means[0]! > found.means[1]!)
    const numbers = await new SuperLearner().add(new Ridge()).addMeta(new Ridge()).fit(X, codes)
    assert.ok((await permutationImportance(numbers, X, codes)).score < 1)
  })
})

describe('hostile labels', () => {
  const fit = (labels: unknown): Promise<unknown> => stack().fit(X, labels as number[])
  const withOne = (label: unknown): unknown[] =>
    codes.map((code, row) => (row === 7 ? label : code))

  test('NaN and infinity', async () => {
    for (const label of [NaN, Infinity])
      await assert.rejects(fit(withOne(label)), {
        code: 'ERR_VALUE',
        message: `Expected labels in \`y\` to be finite numbers, got ${label} at row 7 (counted from 0).`,
      })
  })

  test('labels of several kinds', async () => {
    const texts = codes.map(String)
    await assert.rejects(fit(texts.map((text, row) => (row === 7 ? 7 : text))), {
      name: 'TypeError',
      message: `Expected labels of one type in \`y\`, got '${texts[0]}' in row 0 and 7 in row 7.`,
    })
    await assert.rejects(fit(withOne('7')), { name: 'TypeError' })
    await assert.rejects(fit(withOne(null)), { code: 'ERR_VALUE' })
  })

  test('a single class', async () => {
    await assert.rejects(fit(codes.map(() => 'same')), {
      code: 'ERR_VALUE',
      message:
        "Expected labels of at least two classes in `y`, got 'same' in every row that counts.",
    })
    const weights = codes.map((code) => Number(code === 1))
    await assert.rejects(stack().fit(X, codes, { weights }), {
      code: 'ERR_VALUE',
      message: 'Expected labels of at least two classes in `y`, got 1 in every row that counts.',
    })
  })

  test('too many classes', async () => {
    const rows = 65_537
    const labels = Int32Array.from({ length: rows }, (_, i) => i)
    await assert.rejects(stack().fit(array(new Float64Array(rows), { shape: [rows, 1] }), labels), {
      code: 'ERR_VALUE',
      message:
        'Expected at most 1000 different labels in `y`, got one more at row 1000 (counted from 0).',
    })
  })

  test('too few rows of each class for the folds', async () => {
    const labels = Array.from({ length: n }, (_, i) => `${i >> 1}`)
    await assert.rejects(fit(labels), {
      code: 'ERR_ROWS',
      message:
        'Expected at least 3 rows of some class for 3 folds, got at most 2. Use fewer folds.',
    })
  })

  test('another number of labels than rows, none, and matrices', async () => {
    await assert.rejects(fit(codes.slice(1)), { code: 'ERR_SHAPE' })
    await assert.rejects(fit(undefined), { name: 'TypeError' })
    await assert.rejects(fit(array(new Float64Array(2 * n), { shape: [n, 2] })), {
      code: 'ERR_SHAPE',
    })
  })

  test('64-bit integers that float64 does not tell apart', async () => {
    const labels = BigInt64Array.from(codes, (code) => 2n ** 60n + BigInt(code))
    await assert.rejects(fit(labels), { code: 'ERR_VALUE', message: /within ±\(2\^53 - 1\)/ })
  })
})

describe('a meta learner', () => {
  test('without probabilities predicts labels', async () => {
    for (const meta of [new RidgeClassifier(), new SVC()] as Estimator[]) {
      const ensemble = await new SuperLearner({ folds: 3 })
        .add([new GaussianNB(), new LogisticRegression()])
        .addMeta(meta)
        .fit(X, codes.map(String))
      assert.ok(accuracy(codes.map(String), await ensemble.predict(X)) > 0.8)
      await assert.rejects(ensemble.predictProba(X), {
        code: 'ERR_OPTION',
        message: `Expected a meta learner with predictProba(), got ${meta.constructor.name}. Call predict(), or pass another one to addMeta(), such as new LogisticRegression().`,
      })
    }
  })

  test('that weighs numbers weighs probabilities of classes, too', async () => {
    const texts = codes.map(String)
    for (const [meta, labels] of [
      [new NonNegativeLeastSquares({ convex: true }), texts],
      [new GreedySelection(), texts],
      [new BestLearner(), codes.map((code) => code > 0)],
    ] as unknown as [Estimator, string[]][]) {
      const ensemble = await new SuperLearner({ folds: 3 })
        .add({ bayes: new GaussianNB(), logistic: new LogisticRegression() })
        .addMeta(meta)
        .fit(X, labels)
      const { bayes, logistic } = ensemble.weights as Record<string, number>
      assert.ok(Math.abs(bayes! + logistic! - 1) < 1e-9)
      const Z = await ensemble.transform(X)
      const probabilities = await ensemble.predictProba(X)
      const width = Z.shape[1]! / 2
      for (let row = 0; row < n; row++)
        for (let k = 0; k < width; k++) {
          const want = bayes! * Z.get(row, k) + logistic! * Z.get(row, width + k)
          const at = width === 1 ? 1 : k
          assert.ok(Math.abs(probabilities.get(row, at) - want) < 1e-9)
        }
      assert.ok(ensemble.scores.ensemble!.score > 0.8)
    }
    const ensemble = new SuperLearner({ folds: 3 })
      .add([new GaussianNB(), new RidgeClassifier()])
      .addMeta(new GreedySelection())
    await assert.rejects(ensemble.fit(X, texts), {
      name: 'TypeError',
      message:
        'Expected probabilities of every learner for GreedySelection, got decision values of `ridge-classifier`. ' +
        'Leave it out, or choose a meta learner such as new LogisticRegression().',
    })
    const numbers = new SuperLearner({ folds: 3 }).add([new GaussianNB(), new Ridge()])
    await numbers.addMeta(new NonNegativeLeastSquares()).fit(X, codes)
    assert.equal(numbers.classes_, undefined)
    assert.deepEqual(Object.keys(numbers.weights!), ['gaussian-nb', 'ridge'])
  })

  test('that is linear has weights of columns', async () => {
    const ensemble = await stack().fit(X, codes)
    assert.deepEqual(Object.keys(ensemble.weights!), ensemble.outOfFoldColumns)
  })

  test('that is missing is named', async () => {
    const ensemble = await new SuperLearner({ folds: 3 }).add(new GaussianNB()).fit(X, codes)
    for (const call of [ensemble.predict(X), ensemble.predictProba(X)])
      await assert.rejects(call, {
        code: 'ERR_NOT_FITTED',
        message:
          'This ensemble has no meta learner to combine its learners. Call addMeta(new LogisticRegression()) ' +
          'before fit(), or transform() for the predictions of each.',
      })
  })
})

describe('a classifier of your own', () => {
  /** The most frequent class on each side of 0 in the first column. */
  class SideClass extends SignMean {
    declare classes_: Float64Array
    override async fit(X: NDArray, y: NDArray, options = {}): Promise<this> {
      await super.fit(X, y, options)
      this.means_ = this.means_.map(Math.round)
      this.classes_ = Float64Array.of(0, 1, 2)
      return this
    }
  }

  test('that predicts labels alone takes `proba: false`', async () => {
    const ensemble = new SuperLearner({ folds: 3, task: 'classification' })
    await assert.rejects(
      ensemble.add(new SideClass()).fit(X, codes),
      /to tell 3 classes apart, got SideClass/,
    )
    const labels = await new SuperLearner({ folds: 3, task: 'classification' })
      .add(new SideClass(), { proba: false })
      .fit(X, codes)
    for (let row = 0; row < n; row++) {
      const own = [0, 1, 2].map((k) => labels.outOfFold.get(row, k))
      assert.equal(own.filter((value) => value === 1).length, 1)
    }
  })

  test('is named when it predicts what is no label', async () => {
    const ensemble = new SuperLearner({ folds: 3, task: 'classification' })
    await assert.rejects(ensemble.add(new SignMean(), { proba: false }).fit(X, codes), {
      code: 'ERR_LEARNER',
      message:
        /^Learner `sign-mean` failed on fold 0: Expected predict\(\) to return labels that it was fitted on, of 0 to 2, got [\d.]+\.$/,
    })
  })

  test('is named when its probabilities have too few columns', async () => {
    class Half extends SignMean {
      async predictProba(X: NDArray): Promise<NDArray> {
        return array(new Float64Array(2 * X.shape[0]!), { shape: [X.shape[0]!, 2] })
      }
    }
    await assert.rejects(new SuperLearner({ folds: 3 }).add(new Half()).fit(X, codes), {
      code: 'ERR_LEARNER',
      message:
        /^Learner `half` failed on fold 0: Expected predictProba\(\) to return `out`, or an array of shape \(30, 3\) or \(90, 3\), got shape \(90, 2\)\./,
    })
  })
})

test('lists of classifiers keep their type', () => {
  const models: Classifier[] = [new LogisticRegression(), new DecisionTreeClassifier()]
  assert.equal(models.length, 2)
})
