/** LogisticRegression: scikit-learn, labels of all types, separable classes, same bytes. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { array, type NDArray, toRowNumbers, zeros } from '../../../src/arrays/index.ts'
import { isOneCopyError } from '../../../src/errors.ts'
import {
  clone,
  type Estimator,
  estimatorChecks,
  KFold,
  learnedState,
  GaussianNB,
  LogisticRegression,
  type LogisticRegressionOptions,
  restore,
  StandardScaler,
  SuperLearner,
} from '../../../src/learn/index.ts'
import { setKernelThreads } from '../../../src/native/index.ts'
import { randomNumbers } from '../../native/matrices.ts'
import { assertCloseToLargest } from '../close.ts'
import { openData, readAnswers } from '../sklearn.ts'

const makers: Record<string, () => Estimator> = {
  'logistic regression': () => new LogisticRegression(),
  'logistic regression without intercept': () =>
    new LogisticRegression({ fitIntercept: false, C: 0.01 }),
  'logistic lasso': () => new LogisticRegression({ penalty: 'l1', C: 0.1 }),
}
for (const [what, make] of Object.entries(makers)) {
  describe(`contract: ${what}`, () => {
    for (const check of estimatorChecks(make)) test(check.name, () => check.run())
  })
}

interface Case {
  readonly data: string
  readonly scaled: boolean
  readonly weighted: boolean
  readonly options: Readonly<Record<string, unknown>>
  readonly coef: readonly (readonly number[])[]
  readonly intercept: readonly number[]
  readonly probabilities: readonly (readonly number[])[]
}

const { cases } = readAnswers('logistic') as { readonly cases: readonly Case[] }

/** Options of scikit-learn by the names of onecopy. */
function optionsOf(given: Case['options']): LogisticRegressionOptions {
  const names: Readonly<Record<string, string>> = {
    class_weight: 'classWeight',
    fit_intercept: 'fitIntercept',
    l1_ratio: 'l1Ratio',
  }
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [names[name] ?? name, value]),
  )
}

async function dataOf(name: string, scaled: boolean): Promise<{ X: NDArray; y: NDArray }> {
  const open = (part: string): NDArray => openData(`${name}-${part}`)
  const X = open('X')
  if (!scaled) return { X, y: open('y') }
  return { X: await (await new StandardScaler().fit(X)).transform(X), y: open('y') }
}

describe('agrees with scikit-learn to 1e-6', () => {
  for (const { data, scaled, weighted, options, ...expected } of cases) {
    const name = `${data}${scaled ? ' scaled' : ''}${weighted ? ' weighted' : ''} ${JSON.stringify(options)}`
    test(name, async () => {
      const { X, y } = await dataOf(data, scaled)
      const weights = Float64Array.from({ length: y.size }, (_, row) => 1 + (row % 3))
      const model = await new LogisticRegression(optionsOf(options)).fit(
        X,
        y,
        weighted ? { weights } : {},
      )
      assert.ok(model.converged_)
      assertCloseToLargest(model.coef_.toTypedArray(), expected.coef.flat(), 1e-6)
      assertCloseToLargest(model.intercept_, expected.intercept, 1e-6)
      const rows = Array.from(
        { length: expected.probabilities.length },
        (_, i) => i * (data === 'digits' ? 99 : 23),
      )
      const probabilities = await model.predictProba(X, { rows })
      assertCloseToLargest(
        probabilities.toTypedArray() as Float64Array,
        expected.probabilities.flat(),
        1e-6,
      )
    })
  }
})

const at = (X: NDArray, row: number, column: number): number => Number(X.get(row, column))

const coefficients = (model: { coef_: NDArray }): Float64Array =>
  model.coef_.toTypedArray() as Float64Array

/** Rows of overlapping classes. */
function overlapping(n: number, classes = 2, d = 4, seed = 1): { X: NDArray; codes: number[] } {
  const random = randomNumbers(seed)
  const X = zeros([n, d], 'float64')
  const codes: number[] = []
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) X.set(random() * 2 - 1, i, j)
    const noisy = at(X, i, 0) * 2 - at(X, i, d - 1) + 2 * (random() + random() - 1)
    codes.push(Math.max(0, Math.min(classes - 1, Math.floor((noisy / 3 + 0.5) * classes))))
  }
  return { X, codes }
}

test('texts and booleans are learned and predicted as they are', async () => {
  const { X, codes } = overlapping(200, 3)
  const words = ['pear', 'apple', 'fig']
  const texts = await new LogisticRegression().fit(
    X,
    codes.map((code) => words[code]!),
  )
  assert.deepEqual(texts.classes_, ['apple', 'fig', 'pear'])
  const predicted: string[] = await texts.predict(X)
  const numbers = await new LogisticRegression().fit(
    X,
    codes.map((code) => [2, 0, 1][code]!),
  )
  const expected = await numbers.predict(X)
  assert.deepEqual(
    predicted,
    Array.from(expected.toTypedArray() as Float64Array, (code) => ['apple', 'fig', 'pear'][code]),
  )
  const flags = await new LogisticRegression().fit(
    X,
    codes.map((code) => code > 1),
  )
  assert.deepEqual(flags.classes_, [false, true])
  assert.equal(typeof (await flags.predict(X.rows(0, 1)))[0], 'boolean')
  const heir = restore(clone(texts), learnedState(texts))
  assert.deepEqual(await heir.predict(X), predicted)
})

test('numbers are predicted as the labels that they are', async () => {
  const { X, codes } = overlapping(100, 3)
  const labels = Int32Array.from(codes, (code) => [-7, 40, 41][code]!)
  const model = await new LogisticRegression().fit(X, labels)
  assert.deepEqual([...(model.classes_ as Float64Array)], [-7, 40, 41])
  const seen = new Set((await model.predict(X)).toTypedArray() as Float64Array)
  assert.deepEqual(
    [...seen].toSorted((a, b) => a - b),
    [-7, 40, 41],
  )
  const column = array(labels).reshape(100, 1)
  const two = await new LogisticRegression().fit(X, column)
  assert.deepEqual((await two.predict(X)).shape, [100, 1])
})

test('one class alone is predicted with certainty', async () => {
  const { X } = overlapping(20)
  const model = await new LogisticRegression().fit(X, new Float64Array(20).fill(3))
  assert.deepEqual([...(await model.predict(X.rows(0, 2))).toTypedArray()], [3, 3])
  assert.deepEqual([...(await model.predictProba(X.rows(0, 2))).toTypedArray()], [1, 1])
})

async function refusal(work: () => Promise<unknown>): Promise<{ code: string; message: string }> {
  try {
    await work()
  } catch (error) {
    if (isOneCopyError(error)) return { code: error.code, message: error.message }
    return { code: (error as Error).name, message: (error as Error).message }
  }
  return { code: 'none', message: '' }
}

describe('classes that columns tell apart without error', () => {
  const X = array([
    [1, 0],
    [2, 0],
    [3, 0],
    [4, 0],
    [5, 1],
    [1, 1],
    [3, 1],
  ])
  const separable: Record<string, number[]> = {
    all: [0, 0, 1, 1, 1, 0, 1],
    'some, by a column of zeros and ones': [0, 1, 0, 1, 1, 1, 1],
    'one of three': [2, 2, 2, 2, 1, 0, 1],
  }
  for (const [what, labels] of Object.entries(separable)) {
    test(`${what}: refused without a penalty, fitted with one`, async () => {
      const { code, message } = await refusal(() =>
        new LogisticRegression({ penalty: null }).fit(X, labels),
      )
      assert.equal(code, 'ERR_VALUE')
      assert.match(message, /tell a class apart without error.*penalty: 'l2'/)
      assert.ok((await new LogisticRegression().fit(X, labels)).converged_)
      assert.ok((await new LogisticRegression({ penalty: 'l1' }).fit(X, labels)).converged_)
    })
  }
  test('overlapping ones need no penalty', async () => {
    const { X, codes } = overlapping(60)
    const model = await new LogisticRegression({ penalty: null }).fit(X, codes)
    assert.ok(model.converged_ && coefficients(model).every((w) => Math.abs(w) < 20))
  })
})

test('columns that depend on each other, or do not vary, do no harm without a penalty', async () => {
  const { X, codes } = overlapping(300, 3)
  const wide = zeros([300, 7], 'float64')
  for (let i = 0; i < 300; i++) {
    for (let j = 0; j < 4; j++) wide.set(at(X, i, j), i, j)
    wide.set(at(X, i, 0) + at(X, i, 1), i, 4)
    wide.set(i % 2 === 0 ? 0.3 : 0.1 + 0.2, i, 5)
    wide.set(1e5, i, 6)
  }
  for (const labels of [codes, codes.map((code) => Math.min(code, 1))]) {
    const plain = await new LogisticRegression({ penalty: null }).fit(X, labels)
    const model = await new LogisticRegression({ penalty: null }).fit(wide, labels)
    assertCloseToLargest(
      (await model.predictProba(wide)).toTypedArray() as Float64Array,
      [...((await plain.predictProba(X)).toTypedArray() as Float64Array)],
      1e-7,
    )
    assert.equal(model.coef_.get(0, 5), 0)
    assert.equal(model.coef_.get(0, 6), 0)
  }
})

test('far from zero and in any units it finds the same model', async () => {
  const { X, codes } = overlapping(500)
  const moved = zeros([500, 4], 'float64')
  const shift = [1e6, -40, 0, 1e-3]
  const scale = [1, 1e4, 1e-6, 3]
  for (let i = 0; i < 500; i++)
    for (let j = 0; j < 4; j++) moved.set(at(X, i, j) * scale[j]! + shift[j]!, i, j)
  const plain = await new LogisticRegression({ penalty: null }).fit(X, codes)
  const model = await new LogisticRegression({ penalty: null }).fit(moved, codes)
  assertCloseToLargest(
    coefficients(model).map((w, j) => w * scale[j]!),
    [...coefficients(plain)],
    1e-8,
  )
})

test('many rows are fitted from a first guess, to the same model', async () => {
  const { X, codes } = overlapping(70_000, 3)
  for (const options of [{}, { penalty: 'l1', C: 0.01 }, { penalty: null }] as const) {
    const model = await new LogisticRegression(options).fit(X, codes)
    // Row numbers that descend have no block in common with ranges: the first guess is another one.
    const rows = Int32Array.from(codes, (_, i) => 69_999 - i)
    const other = await new LogisticRegression(options).fit(X, codes, { rows })
    assertCloseToLargest(coefficients(model), [...coefficients(other)], 1e-8)
  }
})

test('with more than 512 coefficients it goes on by L-BFGS to the same minimum', async () => {
  const { X, codes } = overlapping(150, 2, 600)
  for (const penalty of ['l2', 'l1'] as const) {
    const model = await new LogisticRegression({ penalty, C: 0.5 }).fit(X, codes)
    assert.equal(model.solver_, 'lbfgs')
    assert.ok(model.converged_)
    // Optimality: residuals times columns balance the penalty.
    const p = (await model.predictProba(X)).column(1)
    for (let j = 0; j < 600; j++) {
      let slope = 0
      for (let i = 0; i < 150; i++) slope += at(X, i, j) * (codes[i]! - p.get(i))
      const w = coefficients(model)[j]!
      if (penalty === 'l2') assert.ok(Math.abs(0.5 * slope - w) < 1e-6)
      else if (w === 0) assert.ok(Math.abs(slope) <= 2 + 1e-6)
      else assert.ok(Math.abs(slope - 2 * Math.sign(w)) < 1e-5)
    }
  }
})

const bytes = (model: LogisticRegression): string =>
  Buffer.from(model.coef_.toTypedArray().buffer).toString('hex')

test('the same bytes on 1, 2 and 4 threads and every instruction set', async () => {
  const { X, codes } = overlapping(9000, 3, 9)
  const models = []
  try {
    for (const threads of [1, 2, 4]) {
      setKernelThreads(threads)
      models.push(bytes(await new LogisticRegression().fit(X, codes)))
    }
  } finally {
    setKernelThreads(0)
  }
  assert.equal(new Set(models).size, 1)
  const program = `
    import { randomNumbers } from './test/native/matrices.ts'
    import { LogisticRegression } from './src/learn/index.ts'
    import { zeros } from './src/arrays/index.ts'
    const random = randomNumbers(5)
    const X = zeros([3000, 11], 'float32')
    for (let i = 0; i < X.size; i++) X.data[i] = random()
    const y = Array.from({ length: 3000 }, (_, i) => Math.floor(X.get(i, 0) * 2 + random()))
    const several = await new LogisticRegression().fit(X, y)
    const two = await new LogisticRegression({ penalty: 'elasticnet' }).fit(X, y.map((one) => one > 0))
    const said = [several.coef_, two.coef_, await several.predictProba(X), await two.predictProba(X)]
    console.log(said.map((one) => Buffer.from(one.copy().toTypedArray().buffer).toString('hex')).join())`
  const outputs = ['baseline', 'avx2', 'avx512'].map((level) =>
    spawnSync(process.execPath, ['--input-type=module-typescript', '-e', program], {
      cwd: fileURLToPath(new URL('../../..', import.meta.url)),
      env: { ...process.env, ONECOPY_SIMD: level },
      encoding: 'utf8',
    }),
  )
  const able = outputs.filter(({ stderr }) => !stderr.includes("which this CPU can't run"))
  assert.equal(able[0]!.status, 0, able[0]!.stderr)
  assert.ok(able[0]!.stdout.length > 1000)
  for (const { stdout, stderr } of able) assert.ok(stdout === able[0]!.stdout, stderr)
})

describe('refusals', () => {
  const { X, codes } = overlapping(30)
  const fit = (options: unknown, y: unknown = codes) =>
    refusal(async () =>
      new LogisticRegression(options as LogisticRegressionOptions).fit(X, y as number[]),
    )
  const wrong: Record<string, [unknown, unknown?]> = {
    [`ERR_OPTION: Expected \`penalty\` of LogisticRegression to be 'l2', 'l1', 'elasticnet' or null, got 'none'. onecopy calls it null.`]:
      [{ penalty: 'none' }],
    'ERR_OPTION: Expected `C` of LogisticRegression to be above 0, got 0.': [{ C: 0 }],
    'ERR_OPTION: Expected `C` of LogisticRegression to have a finite inverse, got 1e-310.': [
      { C: 1e-310 },
    ],
    'TypeError: LogisticRegression has no option `max_iter`; onecopy calls it `maxIter`. It has: penalty, C, l1Ratio, fitIntercept, classWeight, tol, maxIter.':
      [{ max_iter: 5 }],
    'TypeError: LogisticRegression has no option `solver`; the solver is chosen by the number of coefficients; `solver_` tells which. It has: penalty, C, l1Ratio, fitIntercept, classWeight, tol, maxIter.':
      [{ solver: 'saga' }],
    "ERR_OPTION: Expected `classWeight` of LogisticRegression to be null, 'balanced' or an object of weights >= 0 by label, such as { 0: 1, 1: 5 }, got one for '5'. The labels are 0, 1.":
      [{ classWeight: { 5: 1 } }],
    'ERR_SHAPE: Expected `y` to have 30 rows like `X`, got 2. Both must describe the same samples.':
      [{}, ['a', 'b']],
    "TypeError: Expected labels of one type in `y`, got 'a' in row 0 and 1 in row 1.": [
      {},
      ['a', 1],
    ],
    'ERR_VALUE: Expected labels in `y` to be finite numbers, got NaN at row 2 (counted from 0).': [
      {},
      codes.map((code, i) => (i === 2 ? Number.NaN : code)),
    ],
  }
  for (const [text, [options, y]] of Object.entries(wrong)) {
    test(text, async () => {
      const { code, message } = await fit(options, y)
      assert.equal(`${code}: ${message}`, text)
    })
  }
  for (const columns of [2, 600]) {
    for (const penalty of ['l2', 'l1', null] as const) {
      test(`products that float64 can't hold: ${columns} columns, penalty ${penalty}`, async () => {
        const large = zeros([30, columns], 'float64')
        for (let i = 0; i < large.size; i++) large.data[i] = 1e100 * Math.sin(i * i)
        const weights = new Float64Array(30).fill(1e150)
        const { code, message } = await refusal(() =>
          new LogisticRegression({ penalty }).fit(large, codes, { weights }),
        )
        assert.equal(
          `${code}: ${message}`,
          'ERR_VALUE: Expected values and weights whose products float64 can hold, got a loss or derivatives that are not finite. ' +
            'Rescale the columns of `X`, or use smaller weights.',
        )
      })
    }
  }

  test('`out` for labels that are texts', async () => {
    const model = await new LogisticRegression().fit(
      X,
      codes.map((code) => `${code}`),
    )
    const { code } = await refusal(() => model.predict(X, { out: zeros([30], 'float64') }))
    assert.equal(code, 'ERR_OPTION')
  })
})

test('an ensemble fits all folds together, also those that lack a class', async () => {
  const { X, codes } = overlapping(120, 3)
  codes.fill(0, 40, 60)
  for (let row = 0; row < 120; row++) if (row < 40 && codes[row] === 2) codes[row] = 1
  for (let row = 60; row < 120; row++) if (codes[row] === 2) codes[row] = 1
  codes[3] = 2
  codes[5] = 2 // the first fold holds out all of class 2
  const learner = new LogisticRegression({ C: 0.5 })
  const ensemble = new SuperLearner({ folds: new KFold({ folds: 6 }) }).add(learner)
  await ensemble.fit(X, codes)
  const of = (row: number): number[] =>
    [0, 1, 2].map((column) => ensemble.outOfFold.get(row, column))
  for (const { train, test: held } of new KFold({ folds: 6 }).split(120)) {
    const alone = await clone(learner).fit(X, codes, { rows: train })
    const known = await alone.predictProba(X, { rows: held })
    const classes = Array.from<unknown, number>(alone.classes_, Number)
    for (const [i, row] of toRowNumbers(held).entries())
      for (const [code, share] of of(row).entries()) {
        const at = classes.indexOf(code)
        const expected = at === -1 ? 0 : known.get(i, at)
        assert.ok(Math.abs(share - expected) < 1e-8, `row ${row}, class ${code}`)
      }
  }
})

test('rows whose scores leave the range of float64 have finite probabilities and their likeliest class', async () => {
  const X = [[0, 1], [1, 0], [2, 2], [3, 1], [4, 0], [5, 2]] // prettier-ignore
  const y = ['a', 'a', 'b', 'b', 'c', 'c']
  const most = Number.MAX_VALUE
  const rows = [[most, -most], [-most, most], [most, most], [-most, -most], [1e200, 3]] // prettier-ignore
  for (const count of [4, 6]) {
    for (const model of [new LogisticRegression({ C: 1e6 }), new GaussianNB()]) {
      const fitted = (await model.fit(
        X.slice(0, count),
        y.slice(0, count),
      )) as LogisticRegression<string>
      const shares = await fitted.predictProba(rows)
      const labels = await fitted.predict(rows)
      for (const [i, label] of labels.entries()) {
        const own = Array.from({ length: count / 2 }, (_, code) => shares.get(i, code))
        assert.ok(
          own.every((share) => share >= 0 && share <= 1),
          own.join(),
        )
        assert.ok(Math.abs(own.reduce((sum, share) => sum + share, 0) - 1) < 1e-12)
        assert.equal(label, y[2 * own.indexOf(Math.max(...own))])
      }
      if (model instanceof GaussianNB) continue
      // The direction decides: a smaller row in the same direction has the same class.
      const near = rows.slice(0, 4).map((row) => row.map((value) => value / 1e200))
      assert.deepEqual(labels.slice(0, 4), await fitted.predict(near))
      await assert.rejects(fitted.predictProba([[NaN, 1]]), { code: 'ERR_VALUE' })
    }
  }
})
