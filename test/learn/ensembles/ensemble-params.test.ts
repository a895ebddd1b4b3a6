/** Options of ensembles and of their parts by path; copies of ensembles. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { isOneCopyError } from '../../../src/errors.ts'
import {
  BlendEnsemble,
  clone,
  isEstimator,
  isTransformer,
  KFold,
  KMeans,
  KNeighborsRegressor,
  Lasso,
  LinearRegression,
  MinMaxScaler,
  Pipeline,
  Ridge,
  SequentialEnsemble,
  StandardScaler,
  Subsemble,
  SuperLearner,
  TemporalEnsemble,
} from '../../../src/learn/index.ts'
import { randomProblem } from '../random-problem.ts'

const { X, y } = randomProblem(120, 4)

function makeEnsemble(): SuperLearner {
  return new SuperLearner({ folds: new KFold({ folds: 3, shuffle: true }), seed: 7 })
    .add([new Ridge({ alpha: 2 }), new Lasso({ alpha: 0.1 })], {
      preprocess: [new StandardScaler(), new MinMaxScaler()],
    })
    .add({
      piped: new Pipeline({
        steps: { scale: new StandardScaler(), near: new KNeighborsRegressor() },
      }),
    })
    .addLayer(
      {
        last: new Ridge(),
        inner: new SuperLearner({ folds: 2 }).add(new Ridge()).addMeta(new Ridge()),
      },
      { folds: 4, propagateFeatures: [1] },
    )
    .addMeta(new LinearRegression())
}

/** All options of parts, as text. */
function plainOf(ensemble: SuperLearner): string {
  const params = Object.entries(ensemble.getParams({ deep: true }))
  const isPart = (value: unknown): boolean => typeof value === 'object' && !Array.isArray(value)
  return JSON.stringify(params.filter(([, value]) => !isPart(value)))
}

const kinds: Readonly<Record<string, () => SuperLearner>> = {
  SuperLearner: () => new SuperLearner({ folds: 3, scorer: 'mae' }),
  BlendEnsemble: () => new BlendEnsemble({ testSize: 0.4 }),
  Subsemble: () => new Subsemble({ partitions: 3, shuffle: true }),
  'Subsemble of clusters': () => new Subsemble({ clusters: new KMeans({ clusters: 2 }) }),
  TemporalEnsemble: () => new TemporalEnsemble({ stepSize: 20, burnIn: 40 }),
  SequentialEnsemble: () => new SequentialEnsemble({ seed: 3 }),
}

describe('a copy of an ensemble', () => {
  for (const [name, make] of Object.entries(kinds))
    test(`learns what the original learns: ${name}`, async () => {
      const original = make()
        .add([new Ridge(), new KNeighborsRegressor()], { preprocess: new StandardScaler() })
        .addMeta(new LinearRegression())
      const copy = clone(original)
      assert.equal(copy.constructor, original.constructor)
      assert.deepEqual(copy.getParams({ deep: true }), original.getParams({ deep: true }))
      assert.deepEqual(Object.keys(copy), Object.keys(copy.getParams()))
      await original.fit(X, y)
      assert.throws(() => copy.scores, { code: 'ERR_NOT_FITTED' })
      await copy.fit(X, y)
      assert.deepEqual(copy.outOfFold.toArray(), original.outOfFold.toArray())
      assert.deepEqual((await copy.predict(X)).toArray(), (await original.predict(X)).toArray())
    })

  test('has learners of its own', () => {
    const original = makeEnsemble()
    const copy = clone(original)
    copy.setParams({ 'ridge.alpha': 9 }).remove('lasso').add(new Ridge()).addMeta(new Lasso())
    assert.deepEqual(original.getParams({ deep: true }), makeEnsemble().getParams({ deep: true }))
    const [mine] = copy.plan.layers![0]!.groups
    const [other] = original.plan.layers![0]!.groups
    assert.notEqual(mine!.preprocess![0], other!.preprocess![0])
  })

  test('has the options of the kind alone', () => {
    const params = (name: string): string[] => Object.keys(kinds[name]!().getParams()).toSorted()
    const common = ['onError', 'parallel', 'plan', 'scorer', 'seed', 'task']
    assert.deepEqual(params('SuperLearner'), ['folds', ...common])
    assert.deepEqual(params('SequentialEnsemble'), common)
    assert.deepEqual(params('BlendEnsemble'), [...common, 'testSize', 'trainSize'].toSorted())
    assert.deepEqual(
      params('TemporalEnsemble'),
      [...common, 'burnIn', 'lag', 'stepSize', 'window'].toSorted(),
    )
    assert.deepEqual(
      params('Subsemble'),
      [...common, 'clusters', 'folds', 'partitions', 'shuffle'].toSorted(),
    )
  })
})

test('an ensemble is an estimator, and no transformer', () => {
  for (const make of Object.values(kinds)) {
    assert.equal(isEstimator(make()), true)
    assert.equal(isTransformer(make()), false)
  }
})

describe('options by path', () => {
  test('are read of learners, steps, layers, pipelines, nested ensembles and meta learners', () => {
    const params = makeEnsemble().getParams({ deep: true })
    const expected = {
      seed: 7,
      'folds.folds': 3,
      'ridge.alpha': 2,
      'ridge.proba': undefined,
      'ridge.preprocess.standard-scaler.withMean': true,
      'lasso.preprocess.min-max-scaler.featureRange': [0, 1],
      'piped.near.neighbors': 5,
      'layer-1.propagateFeatures': [],
      'layer-2.propagateFeatures': [1],
      'layer-2.folds': 4,
      'inner.ridge.alpha': 1,
      'inner.meta.alpha': 1,
      'meta.fitIntercept': true,
    }
    for (const [path, value] of Object.entries(expected)) {
      assert.ok(Object.hasOwn(params, path), path)
      assert.deepEqual(params[path], value, path)
    }
    assert.ok(params['ridge'] instanceof Ridge)
    assert.ok(!('ridge' in makeEnsemble().getParams()))
  })

  test('are all set by the paths that getParams lists, one by one', () => {
    const known = makeEnsemble().getParams({ deep: true })
    for (const [path, value] of Object.entries(known)) {
      const ensemble = makeEnsemble().setParams({ [path]: value })
      assert.equal(plainOf(ensemble), plainOf(makeEnsemble()), path)
    }
  })

  test('change copies, of all learners that were added together where steps change', () => {
    const ensemble = makeEnsemble()
    const { plan } = ensemble
    ensemble.setParams({
      'ridge.alpha': 5,
      'ridge.preprocess.standard-scaler.withMean': false,
      'piped.scale.withStd': false,
      'inner.ridge.alpha': 6,
      'layer-2.folds': 5,
      'layer-1.folds': 2,
      'folds.seed': 11,
      'meta.fitIntercept': false,
      seed: 8,
    })
    const params = ensemble.getParams({ deep: true })
    assert.equal(params['ridge.alpha'], 5)
    assert.equal(params['lasso.preprocess.standard-scaler.withMean'], false)
    assert.equal(params['piped.scale.withStd'], false)
    assert.equal(params['inner.ridge.alpha'], 6)
    assert.equal(params['layer-2.folds'], 5)
    assert.equal(params['layer-1.folds'], 2)
    assert.equal(params['folds.seed'], 11)
    assert.equal(params['meta.fitIntercept'], false)
    assert.equal(ensemble.seed, 8)
    assert.equal((plan.layers![0]!.groups[0]!.learners['ridge'] as Ridge).alpha, 2)
    assert.equal((plan.layers![0]!.groups[0]!.preprocess![0] as StandardScaler).withMean, true)
  })

  test('replace parts', () => {
    const ensemble = makeEnsemble().setParams({
      lasso: new KNeighborsRegressor({ neighbors: 2 }),
      'piped.preprocess': [new MinMaxScaler()],
      meta: new Ridge(),
      'meta.alpha': 4,
    })
    const params = ensemble.getParams({ deep: true })
    assert.equal(params['lasso.neighbors'], 2)
    assert.deepEqual(params['piped.preprocess.min-max-scaler.featureRange'], [0, 1])
    assert.equal(params['meta.alpha'], 4)
  })

  test('of parts that are replaced in the same call are set, in any order of both', () => {
    const replaced = {
      'lasso.neighbors': 2,
      lasso: new KNeighborsRegressor(),
      'ridge.preprocess.min-max-scaler.featureRange': [0, 3],
      'ridge.preprocess': [new MinMaxScaler()],
      'meta.alpha': 4,
      meta: new Ridge(),
      'folds.seed': 9,
      folds: new KFold({ shuffle: true }),
    }
    for (const paths of [Object.entries(replaced), Object.entries(replaced).toReversed()]) {
      const params = makeEnsemble().setParams(Object.fromEntries(paths)).getParams({ deep: true })
      assert.equal(params['lasso.neighbors'], 2)
      assert.deepEqual(params['ridge.preprocess.min-max-scaler.featureRange'], [0, 3])
      assert.equal(params['meta.alpha'], 4)
      assert.equal(params['folds.seed'], 9)
    }
  })

  test('of several meta learners have their names', () => {
    const ensemble = new SuperLearner()
      .add({ 'a.b': new Ridge() })
      .addMeta([new Ridge(), new Lasso()])
      .setParams({ 'meta.lasso.alpha': 3, 'a.b.alpha': 4 })
    const params = ensemble.getParams({ deep: true })
    assert.equal(params['meta.lasso.alpha'], 3)
    assert.equal(params['meta.ridge.alpha'], 1)
    assert.equal(params['a.b.alpha'], 4)
  })

  test('of kinds are theirs', async () => {
    const blend = new BlendEnsemble()
      .add(new Ridge())
      .setParams({ testSize: 0.25, 'ridge.alpha': 3 })
    await blend.fit(X, y)
    assert.deepEqual(blend.layers[0]!.rows, { ranges: [[90, 120]] })
    const seeded = new Subsemble({ shuffle: true, seed: 5 }).add(new Ridge())
    const changed = new Subsemble({ shuffle: true }).add(new Ridge()).setParams({ seed: 5 })
    await Promise.all([seeded.fit(X, y), changed.fit(X, y)])
    assert.deepEqual(changed.outOfFold.toArray(), seeded.outOfFold.toArray())
  })

  test('stay as they are when one of them is refused', () => {
    const ensemble = makeEnsemble()
    const { plan } = ensemble
    const before = plainOf(ensemble)
    for (const wrong of [
      { 'ridge.alpha': 3, 'ridge.alhpa': 2 },
      { 'ridge.alpha': 3, rigde: new Ridge() },
      { 'ridge.alpha': 3, task: 'both' },
      { 'ridge.alpha': 3, 'layer-2.folds': 'two' },
      { 'ridge.alpha': 3, lasso: new StandardScaler() },
      { 'ridge.alpha': 3, 'ridge.preprocess': [new Ridge()] },
      { 'ridge.alpha': 3, 'ridge.proba': 'yes' },
    ])
      assert.throws(() => ensemble.setParams(wrong))
    assert.equal(plainOf(ensemble), before)
    assert.equal(ensemble.plan, plan)
  })

  test('that lead nowhere are refused with the nearest right ones', () => {
    const refused = (path: string): string => {
      try {
        makeEnsemble().setParams({ [path]: 1 })
      } catch (error) {
        assert.ok(isOneCopyError(error) && error.code === 'ERR_OPTION', path)
        return error.message
      }
      return assert.fail(path)
    }
    assert.equal(
      refused('rigde.alpha'),
      'SuperLearner has no option `rigde.alpha`. Did you mean `ridge.alpha`? It has: scorer, task, seed, parallel, onError, plan, folds, ' +
        'layer-1.folds, layer-1.propagateFeatures, ridge, lasso, piped, layer-2.folds, layer-2.propagateFeatures, last, inner, meta.',
    )
    assert.match(
      refused('ridge.alhpa'),
      /^Ridge has no option `alhpa`. Did you mean `alpha`\? It has: alpha, /,
    )
    assert.match(refused('layer-3.folds'), /Did you mean `layer-[12].folds`\?/)
    assert.match(
      refused('ridge.preprocess.standard-scalar.withMean'),
      /^`ridge.preprocess` has no option `standard-scalar.withMean`. Did you mean `standard-scaler.withMean`\?/,
    )
    assert.match(
      refused('piped.near.neighbours'),
      /^KNeighborsRegressor has no option `neighbours`. Did you mean `neighbors`\?/,
    )
    assert.match(
      refused('inner.rigde.alpha'),
      /^SuperLearner has no option `rigde.alpha`. Did you mean `ridge.alpha`\?/,
    )
    assert.match(
      refused('lasso__alpha'),
      /^SuperLearner has no option `lasso__alpha`; onecopy calls it `lasso.alpha`\./,
    )
    assert.match(refused('folds.sed'), /^KFold has no option `sed`. Did you mean `seed`\?/)
  })
})

test('a plan from elsewhere is checked', () => {
  const plan = makeEnsemble().plan
  assert.doesNotThrow(() => new SuperLearner({ plan }))
  const ridge = new Ridge()
  for (const [wrong, message] of [
    [[], 'Expected `plan` to be an object with layers, metas, got an array of length 0.'],
    [{ layers: {} }, 'Expected `layers` of `plan` to be a list, got an object of class Object.'],
    [{ layer: [] }, '`plan` has no option `layer`. Did you mean `layers`? It has: layers, metas.'],
    [{ layers: [{ groups: [] }] }, 'Expected groups of learners in layer 0 of `plan`, got none.'],
    [
      { layers: [{ groups: [{ learners: {} }] }] },
      'Expected learners in each group of layer 0 of `plan`, got none.',
    ],
    [
      { layers: [{ groups: [{ learners: ridge }] }] },
      'Expected `learners` of a group of layer 0 of `plan` to be learners by name, such as { ridge: new Ridge() }, got an object of class Ridge.',
    ],
    [
      { layers: [{ groups: [{ learners: { a: 1 } }] }] },
      'Expected a learner with fit() and predict(), got 1. Pass an instance, such as new Ridge(), not its class.',
    ],
    [
      { metas: [ridge] },
      'Expected `metas` of `plan` to be learners by name, such as { ridge: new Ridge() }, got an array of length 1.',
    ],
  ] as const)
    assert.throws(() => new SuperLearner({ plan: wrong as never }), { name: 'TypeError', message })
  const group = { learners: { ridge } }
  assert.throws(
    () => new SuperLearner({ plan: { layers: [{ groups: [group] }, { groups: [group] }] } }),
    {
      code: 'ERR_OPTION',
      message: "Expected learners of different names in `plan`, got two called 'ridge'.",
    },
  )
})

test('an ensemble is shown by its options', () => {
  const shown = inspect(new BlendEnsemble({ testSize: 0.3 }).add(new Ridge({ alpha: 2 })))
  assert.match(shown, /^BlendEnsemble \{ .*Ridge \{ alpha: 2 \}.*testSize: 0.3 \} \(not fitted\)$/)
})

test('names of learners that options or the meta learner have are refused', () => {
  const taken = ['meta', 'plan', 'folds', 'seed', 'scorer', 'parallel', 'layer-1']
  for (const name of [...taken, 'meta.alpha', 'folds.seed', 'layer-1.folds']) {
    const learners = { [name]: new Ridge() }
    const refused = {
      code: 'ERR_OPTION',
      message: `Expected another name for a learner than '${name}', which getParams() and setParams() of SuperLearner use for something else.`,
    }
    assert.throws(() => new SuperLearner().add(learners), refused)
    assert.throws(() => new SuperLearner().addLayer(learners), refused)
  }
  const own = Object.fromEntries([['__proto__', new Ridge()]])
  assert.throws(() => new SuperLearner().add(own), { code: 'ERR_OPTION' })
  for (const path of ['a.alpha', 'a.proba', 'a.preprocess']) {
    const ofOther = { code: 'ERR_OPTION', message: new RegExp(`learner than '${path}', which`) }
    const [a, other] = [{ a: new Ridge() }, { [path]: new Ridge() }]
    assert.throws(() => new SuperLearner().add(a).add(other), ofOther)
    assert.throws(() => new SuperLearner().add(other).add(a), ofOther)
    assert.throws(() => new SuperLearner().add({ ...a, ...other }), ofOther)
    new SuperLearner().add(other).add({ b: new Ridge() })
  }
  new SuperLearner().add({ metal: new Ridge(), 'layer-x': new Ridge() })
})
