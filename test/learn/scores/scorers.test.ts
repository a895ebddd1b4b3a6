/** Scorers by name, and those of your own functions. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, NDArray } from '../../../src/arrays/index.ts'
import {
  type AnyScorer,
  crossValidate,
  f1,
  LinearRegression,
  LogisticRegression,
  logLoss,
  makeScorer,
  permutationImportance,
  RandomForestClassifier,
  rocAuc,
  type Scorer,
  type ScorerName,
  type ScoreOptions,
  SuperLearner,
  SVC,
} from '../../../src/learn/index.ts'
import { NumberColumn } from '../../../src/tables/index.ts'
import { requireScorer } from '../../../src/learn/scores/scorer-names.ts'

type Call = (y: unknown, predicted: unknown, options?: ScoreOptions) => number

const y = ['a', 'b', 'c', 'a']
const predicted = ['a', 'b', 'b', 'a']
const probabilities = [
  [0.8, 0.1, 0.1],
  [0.2, 0.5, 0.3],
  [0.1, 0.6, 0.3],
  [0.4, 0.4, 0.2],
]
const classes = ['a', 'b', 'c']

/** Each scorer with its direction and what it needs. */
const scorers: Readonly<Record<ScorerName, [greaterIsBetter: boolean, needs: string]>> = {
  rmse: [false, 'predictions'],
  mae: [false, 'predictions'],
  mape: [false, 'predictions'],
  wape: [false, 'predictions'],
  medianAbsoluteError: [false, 'predictions'],
  maxError: [false, 'predictions'],
  r2: [true, 'predictions'],
  poissonDeviance: [false, 'predictions'],
  gammaDeviance: [false, 'predictions'],
  accuracy: [true, 'predictions'],
  balancedAccuracy: [true, 'predictions'],
  precision: [true, 'predictions'],
  precisionMacro: [true, 'predictions'],
  precisionMicro: [true, 'predictions'],
  precisionWeighted: [true, 'predictions'],
  recall: [true, 'predictions'],
  recallMacro: [true, 'predictions'],
  recallMicro: [true, 'predictions'],
  recallWeighted: [true, 'predictions'],
  f1: [true, 'predictions'],
  f1Macro: [true, 'predictions'],
  f1Micro: [true, 'predictions'],
  f1Weighted: [true, 'predictions'],
  logLoss: [false, 'probabilities'],
  brier: [false, 'probabilities'],
  averagePrecision: [true, 'decision'],
  rocAuc: [true, 'decision'],
  rocAucWeighted: [true, 'decision'],
  rocAucOvo: [true, 'decision'],
  rocAucOvoWeighted: [true, 'decision'],
}

describe('scorers by name', () => {
  for (const [name, [greaterIsBetter, needs]] of Object.entries(scorers)) {
    test(name, () => {
      const scorer = requireScorer(name)
      assert.equal(scorer.name, name)
      assert.equal(scorer.greaterIsBetter, greaterIsBetter)
      assert.equal(scorer.needs ?? 'predictions', needs)
      assert.equal(requireScorer(scorer), scorer)
    })
  }

  test('score what they need', () => {
    const call = (name: string, found: unknown, options?: ScoreOptions): number =>
      (requireScorer(name) as unknown as Call)(y, found, options)
    for (const [name, [, needs]] of Object.entries(scorers).slice(9)) {
      const isBinary = ['precision', 'recall', 'f1'].includes(name)
      const found = needs === 'predictions' ? predicted : probabilities
      const options = needs === 'predictions' ? { rows: [0, 1, 2] } : { rows: [0, 1, 2], classes }
      if (isBinary) assert.throws(() => call(name, found, options), { code: 'ERR_OPTION' })
      else assert.ok(Number.isFinite(call(name, found, options)), name)
    }
    assert.equal(call('f1Macro', predicted), f1(y, predicted, { average: 'macro' }))
    assert.equal(call('f1Weighted', predicted), f1(y, predicted, { average: 'weighted' }))
    assert.equal(call('f1Micro', predicted), f1(y, predicted, { average: 'micro' }))
    assert.notEqual(call('rocAucOvo', probabilities), call('rocAuc', probabilities))
  })

  test('are refused where they do not fit', () => {
    const regression = { task: 'regression' } as const
    const classification = { task: 'classification' } as const
    for (const name of ['accuracy', 'f1Macro', 'logLoss', 'rocAuc'])
      assert.throws(() => requireScorer(name, regression), {
        code: 'ERR_OPTION',
        message: new RegExp(
          `^Expected a scorer of numbers, such as 'rmse', .*, got '${name}', which scores classes\\.$`,
        ),
      })
    assert.throws(() => requireScorer('rmse', classification), {
      code: 'ERR_OPTION',
      message:
        /^Expected a scorer of classes, such as 'accuracy', .*, got 'rmse', which scores numbers\.$/,
    })
    const own = makeScorer(() => 1, { greaterIsBetter: true })
    const sure = makeScorer(() => 1, {
      greaterIsBetter: true,
      name: 'sure',
      needs: 'probabilities',
    })
    assert.equal(requireScorer(own, regression), own)
    assert.equal(requireScorer(own, classification), own)
    assert.equal(requireScorer(sure, classification), sure)
    assert.throws(() => requireScorer(sure, regression), { code: 'ERR_OPTION' })
  })

  for (const [name, ours] of [
    ['neg_log_loss', 'logLoss'],
    ['roc_auc', 'rocAuc'],
    ['roc_auc_ovr', 'rocAuc'],
    ['roc_auc_ovo_weighted', 'rocAucOvoWeighted'],
    ['f1_macro', 'f1Macro'],
    ['neg_brier_score', 'brier'],
    ['neg_mean_absolute_percentage_error', 'mape'],
    ['balanced_accuracy', 'balancedAccuracy'],
  ]) {
    test(`${name} is answered by ${ours}`, () => {
      assert.throws(() => requireScorer(name!), {
        code: 'ERR_OPTION',
        message: new RegExp(
          `or a function from makeScorer\\(\\), got '${name}'\\. onecopy calls it '${ours}'\\.$`,
        ),
      })
    })
  }

  test('a misspelt name is answered by the nearest one', () => {
    assert.throws(() => requireScorer('logloss'), /got 'logloss'\. Did you mean 'logLoss'\?$/)
    assert.throws(() => requireScorer('neg_mean_squared_error'), /Its root is 'rmse'\.$/)
    assert.throws(() => requireScorer(3 as never), TypeError)
    assert.throws(
      () => requireScorer((() => 1) as never),
      /Pass makeScorer\(f, \{ greaterIsBetter: … \}\)\.$/,
    )
  })
})

describe('makeScorer', () => {
  test('leaves the function as it is', () => {
    const score = (): number => 1
    Object.freeze(score)
    const scorer = makeScorer(score, { greaterIsBetter: true, name: 'one' })
    const other = makeScorer(score, { greaterIsBetter: false, name: 'other', needs: 'decision' })
    assert.deepEqual(Object.keys(score), [])
    assert.equal(score.name, 'score')
    assert.deepEqual(
      [scorer.name, scorer.greaterIsBetter, scorer.needs],
      ['one', true, 'predictions'],
    )
    assert.deepEqual([other.name, other.greaterIsBetter, other.needs], ['other', false, 'decision'])
  })

  test('hands on what a scorer is given', () => {
    const calls: unknown[] = []
    const scorer = makeScorer(
      (...given) => {
        calls.push(given)
        return 2
      },
      { greaterIsBetter: true },
    )
    const [truth, guess] = [array([1]), array([2])]
    const options = { weights: [3], classes: [1, 2] }
    assert.equal(scorer(truth, guess, options), 2)
    assert.deepEqual(calls, [[truth, guess, options]])
    assert.equal(calls.length, 1)
  })

  test('hands over the rows to score alone', () => {
    const calls: unknown[][] = []
    const own = (...given: unknown[]): number => calls.push(given)
    const scorer = makeScorer<unknown, unknown>(own, { greaterIsBetter: true }) as Call
    const listed = (given: unknown): unknown =>
      given instanceof NDArray ? given.toArray() : Array.from(given as number[])
    const matrix = array(probabilities)
    for (const rows of [[3, 1], Int32Array.of(3, 1), { numbers: Int32Array.of(3, 1) }]) {
      scorer(y, probabilities, { rows, weights: [1, 2, 3, 4], classes })
      scorer(array([5, 6, 7, 8]), matrix, { rows })
      scorer(array([5, 6, 7, 8]), array([1, 2]), { rows })
    }
    for (const rows of [{ ranges: [[1, 3]] }, [false, true, true, false]] as const) {
      scorer(y, predicted, { rows })
      scorer(new NumberColumn('y', array([5, 6, 7, 8])), predicted, { rows })
      scorer(Float64Array.of(5, 6, 7, 8), array([5, 6, 7, 8], { dtype: 'int8' }), { rows })
    }
    scorer(y, predicted, { rows: { ranges: [[0, 4]] } })
    const picked = [
      [
        ['a', 'b'],
        [
          [0.4, 0.4, 0.2],
          [0.2, 0.5, 0.3],
        ],
        { weights: [4, 2], classes },
      ],
      [
        [8, 6],
        [
          [0.4, 0.4, 0.2],
          [0.2, 0.5, 0.3],
        ],
        {},
      ],
      [[8, 6], [1, 2], {}],
    ]
    const middle = [
      [['b', 'c'], ['b', 'b'], {}],
      [[6, 7], ['b', 'b'], {}],
      [[6, 7], [6, 7], {}],
    ]
    const found = (calls as [unknown, unknown, ScoreOptions][]).map(
      ([truth, guess, { weights, ...options }]) => [
        listed(truth),
        listed(guess),
        { ...options, ...(weights && { weights: listed(weights) }) },
      ],
    )
    assert.deepEqual(found, [
      ...picked,
      ...picked,
      ...picked,
      ...middle,
      ...middle,
      [y, predicted, {}],
    ])
    assert.throws(() => scorer(y, ['a'], { rows: [0, 1] }), { code: 'ERR_SHAPE' })
    assert.throws(() => scorer(y, y, { rows: [4] }), { code: 'ERR_INDEX' })
  })

  test('scores folds by a function that knows nothing of rows', async () => {
    const X = array(
      Float64Array.from({ length: 60 }, (_, i) => Math.sin(i * i)),
      { shape: [30, 2] },
    )
    const target = array(Float64Array.from({ length: 30 }, (_, i) => X.get(i, 0) + Math.cos(i)))
    const own = makeScorer(
      (truth, guess) => {
        let sum = 0
        for (let i = 0; i < truth.size; i++)
          sum += (Number(truth.get(i)) - Number(guess.get(i))) ** 2
        return Math.sqrt(sum / truth.size)
      },
      { greaterIsBetter: false, name: 'own' },
    )
    const scoresOf = async (scorer: typeof own | 'rmse'): Promise<number[]> => {
      const ensemble = new SuperLearner({ folds: 3, scorer })
        .add(new LinearRegression())
        .addMeta(new LinearRegression())
      await ensemble.fit(X, target, { rows: { ranges: [[3, 28]] } })
      const { folds } = (
        await crossValidate(new LinearRegression(), X, target, { folds: 3, scorer })
      ).summaries[0]!
      const { learners } = ensemble.scores
      return [...learners[0]!.folds, ...folds, await ensemble.score(X, target, { rows: [29, 2] })]
    }
    const [found, expected] = [await scoresOf(own), await scoresOf('rmse')]
    assert.equal(found.length, 7)
    for (const [i, score] of found.entries()) assert.ok(Math.abs(score - expected[i]!) < 1e-12)
  })

  test('types scorers of labels', () => {
    const scorer: Scorer<string[], string[]> = makeScorer(
      (truth: string[], guess: string[], options) =>
        f1(truth, guess, { ...options, positive: 'a' }),
      { greaterIsBetter: true, name: 'f1 of a' },
    )
    const any: AnyScorer = scorer
    assert.equal(any.name, 'f1 of a')
    assert.equal(scorer(y, predicted), 1)
  })

  test('refuses what is no function, and wrong options', () => {
    const better = { greaterIsBetter: true }
    assert.throws(() => makeScorer('f1' as never, better), {
      name: 'TypeError',
      message: "Expected a function that returns a score, got 'f1'.",
    })
    assert.throws(() => makeScorer(() => 1, {} as never), {
      name: 'TypeError',
      message: 'Expected `greaterIsBetter` to be true or false, got undefined.',
    })
    assert.throws(() => makeScorer(() => 1, { ...better, needs: 'threshold' as never }), {
      code: 'ERR_OPTION',
      message:
        "Expected `needs` to be 'predictions', 'probabilities' or 'decision', got 'threshold'.",
    })
    assert.throws(() => makeScorer(() => 1, { ...better, needs_proba: true } as never), TypeError)
  })
})

describe('permutationImportance', () => {
  const X = array(
    Float64Array.from({ length: 80 }, (_, i) => Math.sin(i * i)),
    { shape: [40, 2] },
  )
  const labels = Array.from({ length: 40 }, (_, i) => (X.get(i, 0) > 0 ? 'high' : 'low'))

  test('scores texts as texts', async () => {
    const model = await new LogisticRegression().fit(X, labels)
    const scorer = makeScorer(
      (truth: string[], guess: string[], options) => {
        assert.ok([...truth, ...guess].every((label) => label === 'high' || label === 'low'))
        return f1(truth, guess, { ...options, positive: 'high' })
      },
      { greaterIsBetter: true },
    )
    const { score, means } = await permutationImportance(model, X, labels, { scorer })
    assert.ok(score > 0.9 && means[0]! > means[1]!)
    const macro = await permutationImportance(model, X, labels, { scorer: 'f1Macro' })
    assert.ok(macro.score > 0.9)
  })

  test('gives scorers the probabilities and decision values that they need', async () => {
    const weights = Float64Array.from({ length: 40 }, (_, i) => 1 + (i % 3))
    const kinds = [
      labels,
      labels.map((label) => label === 'low'),
      labels.map((label) => label.length),
    ]
    for (const kind of kinds as string[][]) {
      const model = await new LogisticRegression<string>().fit(X, kind)
      const probabilities = await model.predictProba(X)
      const options = { weights, rows: { ranges: [[5, 40]] } } as const
      const known = { ...options, classes: model.classes_ }
      for (const [scorer, expected] of [
        ['logLoss', logLoss(kind, probabilities, known)],
        ['rocAuc', rocAuc(kind, await model.decisionFunction(X), known)],
      ] as const) {
        const found = await permutationImportance(model, X, kind, { ...options, scorer })
        assert.equal(found.score, expected)
        assert.ok(found.means[0]! > found.means[1]!)
      }
    }
    const forest = await new RandomForestClassifier({ trees: 5 }).fit(X, labels)
    const { score } = await permutationImportance(forest, X, labels, { scorer: 'rocAuc' })
    assert.equal(score, rocAuc(labels, await forest.predictProba(X)))
  })

  test('refuses scorers that do not fit the model', async () => {
    const numbers: NDArray = array(Float64Array.from({ length: 40 }, (_, i) => X.get(i, 1)))
    const linear = await new LinearRegression().fit(X, numbers)
    await assert.rejects(permutationImportance(linear, X, numbers, { scorer: 'f1Macro' }), {
      code: 'ERR_OPTION',
    })
    const machine = await new SVC().fit(X, labels)
    await assert.rejects(permutationImportance(machine, X, labels, { scorer: 'logLoss' }), {
      code: 'ERR_OPTION',
      message: "Expected a model with predictProba() for the scorer 'logLoss', got SVC.",
    })
  })
})
