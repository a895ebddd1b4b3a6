/** Options of scikit-learn and ML-Ensemble are answered with ours. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array } from '../../../src/arrays/index.ts'
import {
  asArray,
  checkEstimator,
  clone,
  ElasticNet,
  KFold,
  KNeighborsRegressor,
  Lasso,
  learnedState,
  LinearRegression,
  MinMaxScaler,
  restore,
  Ridge,
  rmse,
  StandardScaler,
  SuperLearner,
} from '../../../src/learn/index.ts'
import * as learn from '../../../src/learn/index.ts'
import { designMatrix, readCsv, type Table } from '../../../src/tables/index.ts'
import { readText } from '../../tables/csv-file.ts'

const X = array([[1], [2], [3]])

type Make = (options: object) => unknown

/** What another library calls an option, and the clause about it. */
const hints: Record<string, { make: Make; names: Record<string, string> }> = {
  SuperLearner: {
    make: (options) => new SuperLearner(options),
    names: {
      cv: 'onecopy calls it `folds`',
      n_splits: 'onecopy calls it `folds`',
      scoring: 'onecopy calls it `scorer`',
      random_state: 'onecopy calls it `seed`',
      n_jobs: 'pass `parallel: new Parallel({ workers: 4 })` to run on workers',
      workers: 'pass `parallel: new Parallel({ workers: 4 })` to run on workers',
      final_estimator: 'pass the learner that combines the others to `addMeta()`',
      estimators: 'pass the learners to `add()`',
    },
  },
  'SuperLearner.fit': {
    make: (options) => new SuperLearner().add(new Ridge()).fit(X, [1, 2, 3], options),
    names: {
      sample_weight: 'onecopy calls it `weights`',
      sampleWeight: 'onecopy calls it `weights`',
      indices: 'onecopy calls it `rows`',
    },
  },
  Ridge: {
    make: (options) => new Ridge(options),
    names: {
      lambda: 'onecopy calls it `alpha`',
      fit_intercept: 'onecopy calls it `fitIntercept`',
      n_jobs: 'native threads use all cores without it',
    },
  },
  'Ridge.fit': {
    make: (options) => new Ridge().fit(X, [1, 2, 3], options),
    names: {
      sample_weight: 'onecopy calls it `weights`',
      sampleWeight: 'onecopy calls it `weights`',
      indices: 'onecopy calls it `rows`',
    },
  },
  LinearRegression: {
    make: (options) => new LinearRegression(options),
    names: { normalize: 'scale the columns by a StandardScaler first' },
  },
  MLPRegressor: {
    make: (options) => new learn.MLPRegressor(options),
    names: {
      hidden_layer_sizes: 'onecopy calls it `hiddenLayerSizes`',
      learning_rate_init: 'onecopy calls it `learningRate`',
      lr: 'onecopy calls it `learningRate`',
      weight_decay: 'onecopy calls it `alpha`',
      reg_lambda: 'onecopy calls it `alpha`',
      epochs: 'onecopy calls it `maxIter`',
      beta_1: 'onecopy calls it `beta1`',
      n_iter_no_change: 'onecopy calls it `iterNoChange`',
      early_stopping_rounds: 'onecopy calls it `iterNoChange`',
      eval_set: 'onecopy calls it `validationRows`',
      random_state: 'onecopy calls it `seed`',
      solver: 'leave it out: Adam is always used',
      class_weight: 'MLPClassifier has `classWeight`; regressors take `weights` of rows in `fit`',
    },
  },
  MLPClassifier: {
    make: (options) => new learn.MLPClassifier(options),
    names: {
      class_weight: 'onecopy calls it `classWeight`',
      nesterovs_momentum: 'leave it out: Adam is always used',
      n_jobs: 'native threads use all cores without it',
    },
  },
  Lasso: {
    make: (options) => new Lasso(options),
    names: { lambda: 'onecopy calls it `alpha`', max_iter: 'onecopy calls it `maxIter`' },
  },
  ElasticNet: {
    make: (options) => new ElasticNet(options),
    names: {
      l1_ratio: 'onecopy calls it `l1Ratio`',
      mixture: 'onecopy calls it `l1Ratio`',
      tolerance: 'onecopy calls it `tol`',
    },
  },
  KNeighborsRegressor: {
    make: (options) => new KNeighborsRegressor(options),
    names: {
      k: 'onecopy calls it `neighbors`',
      n_neighbors: 'onecopy calls it `neighbors`',
      metric:
        'choose a Minkowski metric by `p`: 2 for Euclidean distances, 1 for Manhattan ones, Infinity for Chebyshev ones',
    },
  },
  KFold: {
    make: (options) => new KFold(options),
    names: {
      k: 'onecopy calls it `folds`',
      n_splits: 'onecopy calls it `folds`',
      random_state: 'onecopy calls it `seed`',
    },
  },
  StandardScaler: {
    make: (options) => new StandardScaler(options),
    names: {
      with_mean: 'onecopy calls it `withMean`',
      copy: 'no fit copies or changes `X`',
    },
  },
  MinMaxScaler: {
    make: (options) => new MinMaxScaler(options),
    names: { feature_range: 'onecopy calls it `featureRange`' },
  },
  rmse: {
    make: (options) => rmse([1], [1], options),
    names: { sample_weight: 'onecopy calls it `weights`' },
  },
}

for (const [what, { make, names }] of Object.entries(hints)) {
  describe(what, () => {
    for (const [name, clause] of Object.entries(names)) {
      test(name, async () => {
        await assert.rejects(
          async () => make({ [name]: 1 }),
          (error: Error) => {
            assert.ok(
              error.message.startsWith(`${what} has no option \`${name}\`; ${clause}.`),
              error.message,
            )
            return error instanceof TypeError
          },
        )
      })
    }
  })
}

test('setParams knows them too', () => {
  assert.throws(() => new Ridge().setParams({ lambda: 1 }), {
    code: 'ERR_OPTION',
    message:
      'Ridge has no option `lambda`; onecopy calls it `alpha`. It has: alpha, fitIntercept, positive.',
  })
})

for (const [scorer, advice] of [
  ['neg_root_mean_squared_error', "onecopy calls it 'rmse'."],
  ['neg_mean_squared_error', "Its root is 'rmse'."],
  ['neg_mean_absolute_error', "onecopy calls it 'mae'."],
  ['r2_score', "onecopy calls it 'r2'."],
] as const) {
  test(`the scorer ${scorer}`, () => {
    assert.throws(() => new SuperLearner({ scorer: scorer as 'r2' }), {
      message: new RegExp(
        `^Expected \`scorer\` to be 'rmse', 'mae', .* or a function from makeScorer\\(\\), got '${scorer}'\\. ${advice}$`,
      ),
    })
  })
}

test('values of other libraries are answered with ours', async () => {
  const labels = [0, 1, 0]
  const cases: readonly (readonly [learn.Estimator, RegExp])[] = [
    [
      new learn.GradientBoostingRegressor({ loss: 'squared_error' as never }),
      /calls it 'squared'\.$/,
    ],
    [
      new learn.GradientBoostingRegressor({ loss: 'absolute_error' as never }),
      /calls it 'absolute'\.$/,
    ],
    [new learn.GradientBoostingRegressor({ growPolicy: 'lossguide' as never }), /'leafwise'\.$/],
    [new learn.RandomForestClassifier({ criterion: 'log_loss' as never }), /calls it 'entropy'\.$/],
    [new learn.LogisticRegression({ penalty: 'none' as never }), /onecopy calls it null\.$/],
    [new learn.LogisticRegressionCV({ penalty: 'none' as never }), /has no penalty to choose\.$/],
    [new learn.LogisticRegressionCV({ scorer: 'neg_log_loss' as never }), /calls it 'logLoss'\.$/],
    [new KNeighborsRegressor({ weights: 'inverse' as never }), /calls it 'distance'\.$/],
    [new learn.LinearSVC({ loss: 'l1' as never }), /calls it 'hinge'\.$/],
    [new learn.MLPClassifier({ activation: 'sigmoid' as never }), /calls it 'logistic'\.$/],
  ]
  for (const [model, message] of cases)
    await assert.rejects(model.fit(X, array(labels)), { code: 'ERR_OPTION', message })
  await assert.rejects(
    new learn.QuantileTransformer({ outputDistribution: 'gaussian' as never }).fit(X),
    { message: /calls it 'normal'\.$/ },
  )
  assert.throws(() => new learn.GradientBoostingClassifier({ loss: 'log_loss' } as object), {
    message:
      /^GradientBoostingClassifier has no option `loss`; boosting learns classes by log loss;/,
  })
  assert.throws(() => new learn.RandomForestRegressor({ criterion: 'gini' } as object), {
    message: /trees of numbers always minimize squared errors/,
  })
})

test('texts in place of numbers are answered with what takes them', async () => {
  await assert.rejects(new learn.OneHotEncoder().fit([['a'], ['b']] as never), {
    name: 'TypeError',
    message:
      "Expected a number in `X` at row 0, column 0 (counted from 0), got 'a'. Convert it to a number first. " +
      'designMatrix() and TableEncoder of onecopy/tables make columns of the texts of a table.',
  })
  await assert.rejects(new Ridge().fit([[1], [2]], ['a', 'b'] as never), {
    name: 'TypeError',
    message:
      "Expected a number in `y` at row 0 (counted from 0), got 'a'. Targets are numbers here. " +
      'Texts are labels for classifiers, such as LogisticRegression: see docs/classes.md.',
  })
})

test('algorithms of neighbours', async () => {
  const model = new KNeighborsRegressor({ algorithm: 'kd_tree' as 'tree' })
  await assert.rejects(model.fit(X, [1, 2, 3]), {
    message: /got 'kd_tree'\. onecopy calls it 'tree'\.$/,
  })
})

describe('what is no array, but holds one or will', () => {
  const table = async (): Promise<Table> => readText('a,y\n1,2\n2,3\n')
  const fit = async (values: unknown): Promise<unknown> => new Ridge().fit(values as never, [1, 2])
  const expected = 'Expected `X` to be an NDArray, a typed array or a list of numbers or rows'

  test('a table', async () => {
    const given = await table()
    assert.throws(() => asArray(given as never, '`X`'), {
      name: 'TypeError',
      message: `${expected}, got an object of class Table. Make a matrix of it by \`designMatrix(table, { target })\`; to predict, by \`encoder.transform(table)\`.`,
    })
    await new Ridge().fit(given, 'y')
  })

  test('a promise', async () => {
    await assert.rejects(fit(table()), {
      message: `${expected}, got an object of class Promise. Did you forget \`await\`?`,
    })
  })

  test('a promise in place of a learner', async () => {
    const fitting = new Ridge().fit(X, [1, 2, 3])
    const promise = fitting as never
    const expected = /got an object of class Promise\. Did you forget `await`\?$/
    for (const use of [
      () => new SuperLearner().add(promise),
      () => new SuperLearner().add([promise]),
      () => new SuperLearner().addMeta(promise),
      () => new SuperLearner().add(new Ridge(), { preprocess: promise }),
      () => clone(promise),
      () => learnedState(promise),
      () => restore(new Ridge(), promise),
      () => restore(promise, {}),
    ])
      assert.throws(use, expected, String(use))
    await assert.rejects(readCsv(promise), expected)
    await fitting
  })

  test('a model in place of a class to check', async () => {
    await assert.rejects(checkEstimator(new Ridge() as never), {
      message:
        'Expected a class or a function that makes estimators, got an object of class Ridge. Write () => new Ridge({ alpha: 2 }).',
    })
  })

  test('what designMatrix returned', async () => {
    await assert.rejects(fit(designMatrix(await table(), { target: 'y' })), {
      message: `${expected}, got an object of class Object. Pass its \`X\` and \`y\`.`,
    })
  })
})
