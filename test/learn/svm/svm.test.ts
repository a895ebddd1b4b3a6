/** Support vector machines: the contract, scikit-learn's answers, memory, the same bytes. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { array, type NDArray, openArray, zeros } from '../../../src/arrays/index.ts'
import {
  clone,
  estimatorChecks,
  learnedState,
  LinearSVC,
  LinearSVR,
  Pipeline,
  restore,
  StandardScaler,
  SVC,
  SVR,
} from '../../../src/learn/index.ts'
import { setKernelThreads } from '../../../src/native/index.ts'
import { assertClose } from '../close.ts'
import { randomProblem, seeded } from '../random-problem.ts'
import { machineBytes } from './machine-bytes.ts'

// Solved far beyond the default, as the checks compare fits of the same rows in another order. Few passes are enough on scaled columns.
const scaled = (learner: LinearSVC | LinearSVR): Pipeline =>
  new Pipeline({ steps: [new StandardScaler(), learner] })
const precise = { tol: 1e-12, maxIter: 1_000_000 }
const makers = {
  'LinearSVR, squares': () => new LinearSVR({ loss: 'squaredEpsilonInsensitive', epsilon: 1 }),
  'LinearSVC, hinge, scaled': () => scaled(new LinearSVC({ ...precise, loss: 'hinge', C: 0.01 })),
  'LinearSVR, scaled': () => scaled(new LinearSVR({ ...precise, epsilon: 1, C: 0.01 })),
  SVC: () => new SVC({ tol: 1e-10 }),
  SVR: () => new SVR({ tol: 1e-11, epsilon: 1 }),
}
for (const [name, make] of Object.entries(makers)) {
  describe(`contract: ${name}`, () => {
    const except = name.endsWith('scaled')
      ? ['the constructor stores options and nothing else']
      : []
    for (const check of estimatorChecks(make, { except })) test(check.name, () => check.run())
  })
}

interface Case {
  readonly data: string
  readonly weighted: boolean
  readonly options: {
    readonly kernel?: 'rbf' | 'linear' | 'poly' | 'sigmoid'
    readonly gamma?: number | 'auto'
    readonly coef0?: number
    readonly degree?: number
    readonly C?: number
    readonly epsilon?: number
    readonly loss?: string
    readonly class_weight?: 'balanced' | Readonly<Record<string, number>>
    readonly decision_function_shape?: 'ovo'
    readonly fit_intercept?: boolean
    readonly intercept_scaling?: number
  }
}
interface ClassCase extends Case {
  readonly support: readonly number[]
  readonly counts: readonly number[]
  readonly intercept: readonly number[]
  readonly decisions: readonly number[]
  readonly predicted: readonly number[]
}
interface NumberCase extends Case {
  readonly vectors: number
  readonly intercept: number
  readonly predicted: readonly number[]
}
interface LinearCase extends Case {
  readonly coef: readonly number[]
}

const sklearn = new URL('../../fixtures/sklearn/', import.meta.url)
const cases = JSON.parse(readFileSync(new URL('svm.json', sklearn), 'utf8')) as {
  readonly classes: readonly ClassCase[]
  readonly numbers: readonly NumberCase[]
  readonly linear: readonly LinearCase[]
}

interface Problem {
  readonly X: NDArray
  readonly y: NDArray
  readonly weights: Float64Array
}

/** A data set with scaled columns; the target of diabetes is divided by 50. */
async function open(name: string): Promise<Problem> {
  const [raw, target] = ['X', 'y'].map((part) =>
    openArray(fileURLToPath(new URL(`data/${name}-${part}.npy`, sklearn))),
  ) as [NDArray, NDArray]
  const X = await (await new StandardScaler().fit(raw)).transform(raw)
  const factor = name === 'diabetes' ? 50 : 1
  const y = array(
    Float64Array.from({ length: target.size }, (_, row) => Number(target.get(row)) / factor),
  )
  return { X, y, weights: Float64Array.from({ length: y.size }, (_, row) => 1 + (row % 3)) }
}

/** Options by their names here. */
function optionsOf({ options }: Case): object {
  const renamed = Object.entries(options).map(([name, value]) => [
    name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
    name === 'loss'
      ? (value as string).replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
      : value,
  ])
  return Object.fromEntries(renamed) as object
}

const every29 = (n: number): number[] => Array.from({ length: Math.ceil(n / 29) }, (_, i) => 29 * i)
const values = (found: NDArray): Float64Array => found.copy().toTypedArray() as Float64Array

describe('SVC agrees with scikit-learn to 1e-5', () => {
  for (const one of cases.classes) {
    test(`${one.data} ${JSON.stringify(one.options)}`, async () => {
      const { X, y, weights } = await open(one.data)
      const given = one.weighted ? { weights } : {}
      const model = await new SVC({ tol: 1e-6, ...optionsOf(one) }).fit(X, y, given)
      const rows = every29(y.size)
      assertClose(values(await model.decisionFunction(X, { rows })), one.decisions, 1e-5, {
        floor: 1,
      })
      assert.deepEqual([...values(await model.predict(X, { rows }))], one.predicted)
      assertClose(model.intercept_, one.intercept, 1e-5, { floor: 1 })
      // Rows of iris have copies, either of which may be a support vector.
      if (one.data !== 'iris') {
        assert.deepEqual([...model.supportCounts_], one.counts)
        assert.deepEqual(model.support_.toSorted(), Int32Array.from(one.support))
      }
      assert.equal(model.converged_, true)
      const heir = restore(clone(model), learnedState(model))
      assert.deepEqual(await heir.decisionFunction(X), await model.decisionFunction(X))
    })
  }
})

describe('SVR agrees with scikit-learn to 1e-5', () => {
  for (const one of cases.numbers) {
    test(JSON.stringify(one.options), async () => {
      const { X, y, weights } = await open('diabetes')
      const given = one.weighted ? { weights } : {}
      const model = await new SVR({ tol: 1e-7, ...optionsOf(one) }).fit(X, y, given)
      assertClose(values(await model.predict(X, { rows: every29(y.size) })), one.predicted, 1e-5)
      assertClose([model.intercept_], [one.intercept], 1e-5)
      assert.equal(model.support_.length, one.vectors)
    })
  }
})

/** Kernels as written on paper. */
const kernels: Record<string, (p: number[], q: number[], model: SVC | SVR) => number> = {
  rbf: (p, q, { kernel_: { gamma } }) =>
    Math.exp(-gamma * p.reduce((sum, one, j) => sum + (one - q[j]!) ** 2, 0)),
  linear: (p, q) => p.reduce((sum, one, j) => sum + one * q[j]!, 0),
  poly: (p, q, model) =>
    (model.kernel_.gamma * kernels['linear']!(p, q, model) + model.coef0) ** model.degree,
}

describe('random problems: decisions are sums of kernels, and meet the conditions of the minimum', () => {
  const random = seeded(3)
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!
  for (let run = 0; run < 60; run++) {
    const [n, d] = [2 + Math.floor(random() * 40), pick([1, 2, 5, 8, 9, 17])]
    const options = {
      kernel: pick(['rbf', 'linear', 'poly'] as const),
      C: pick([0.05, 1, 30]),
      degree: 2,
      coef0: 1,
      cacheMiB: pick([0, 1]),
      tol: 1e-7,
    }
    const epsilon = pick([0, 0.2])
    const isWhole = random() < 0.3
    test(`run ${run}: ${n} x ${d}, ${options.kernel}, C ${options.C}, epsilon ${epsilon}`, async () => {
      const { X, y } = randomProblem(n, d, { seed: run })
      // Whole numbers: many rows and slopes are equal.
      if (isWhole) X.data.forEach((value, i) => (X.data[i] = Math.round(value)))
      const costs = Float64Array.from({ length: n }, (_, row) => 0.5 + (row % 3))
      const labels = array(
        Float64Array.from(y.data, (value, row) => (row < 2 ? row : Number(value > 3))),
      )
      const svr = await new SVR({ ...options, epsilon }).fit(X, y, { weights: costs })
      const svc = await new SVC(options).fit(X, labels, { weights: costs })
      const rows = X.toArray() as number[][]
      for (const model of [svr, svc]) {
        const decided = values(
          await (model instanceof SVC ? model.decisionFunction(X) : svr.predict(X)),
        )
        const counts = model instanceof SVC ? model.dualCoef_.toTypedArray() : svr.dualCoef_
        const intercept = model instanceof SVC ? model.intercept_[0]! : svr.intercept_
        let size = 1
        const beta = new Float64Array(n)
        for (const [s, row] of model.support_.entries()) beta[row] = counts[s]!
        for (let row = 0; row < n; row++) {
          let sum = intercept
          for (let other = 0; other < n; other++) {
            const term = beta[other]! * kernels[options.kernel]!(rows[row]!, rows[other]!, model)
            sum += term
            size = Math.max(size, Math.abs(term) * n)
          }
          assert.ok(Math.abs(decided[row]! - sum) <= 1e-10 * size, `${decided[row]} is not ${sum}`)
        }
        // Kernels are kept as float32.
        const slack = 1e-6 + 3e-7 * size
        for (let row = 0; row < n; row++) {
          const target = model instanceof SVC ? 2 * labels.data[row]! - 1 : y.data[row]!
          const most = options.C * costs[row]!
          const [high, low] =
            model instanceof SVC && target < 0
              ? [0, -most]
              : [most, model instanceof SVC ? 0 : -most]
          const width = model instanceof SVC ? 0 : epsilon
          const rest = target - decided[row]!
          const [up, down] = [
            rest - (beta[row]! >= 0 ? width : -width),
            rest - (beta[row]! > 0 ? width : -width),
          ]
          if (beta[row]! < high) assert.ok(up <= slack, `row ${row} should rise: ${up} > ${slack}`)
          if (beta[row]! > low)
            assert.ok(down >= -slack, `row ${row} should fall: ${down} < -${slack}`)
        }
        assert.ok(Math.abs(beta.reduce((sum, one) => sum + one, 0)) <= 1e-9 * options.C * n)
      }
    })
  }
})

describe('linear machines agree with scikit-learn to 1e-6', () => {
  for (const one of cases.linear) {
    test(`${one.data} ${JSON.stringify(one.options)}`, async () => {
      const { X, y, weights } = await open(one.data)
      const given = one.weighted ? { weights } : {}
      const options = { tol: 1e-9, maxIter: 1_000_000, ...optionsOf(one) }
      const model = one.data === 'diabetes' ? new LinearSVR(options) : new LinearSVC(options)
      await model.fit(X, y, given)
      assert.equal(model.converged_, true)
      assertClose([...values(model.coef_), ...model.intercept_], one.coef, 1e-6, { floor: 1 })
    })
  }
})

test('texts are predicted as they are, a single class always', async () => {
  const X = [[1], [2], [3], [4], [9], [10]]
  const y = ['a', 'a', 'b', 'b', 'c', 'c']
  for (const make of [() => new SVC({ C: 100 }), () => new LinearSVC({ C: 100, maxIter: 1e6 })]) {
    const two = await make().fit(X.slice(0, 4), y.slice(0, 4))
    assert.deepEqual(await two.predict([[1], [4]]), ['a', 'b'])
    const decisions = await two.decisionFunction([[1], [4]])
    assert.deepEqual(decisions.shape, [2])
    assert.ok(decisions.get(0) < 0 && decisions.get(1) > 0)
    const three = await make().fit(X, y)
    assert.deepEqual((await three.decisionFunction(X)).shape, [6, 3])
    const one = await make().fit(X, [true, true, true, true, true, true])
    assert.deepEqual(await one.predict([[7]]), [true])
    assert.deepEqual((await one.decisionFunction([[7]])).toArray(), [0])
  }
  const pairs = await new SVC({ decisionFunctionShape: 'ovo', C: 100 }).fit(X, y)
  assert.deepEqual(await pairs.predict(X), y)
})

/** What machines say about rows, as bytes. */
async function answersOf(X: NDArray, y: NDArray, labels: NDArray): Promise<unknown> {
  const rows = { ranges: [[20, 500]] } as const
  const svc = await new SVC({ cacheMiB: 1 }).fit(X, labels, { rows })
  const svr = await new SVR().fit(X, y, { rows })
  const linear = await new LinearSVC({ loss: 'hinge', maxIter: 20 }).fit(X, labels, { rows })
  return [
    svc.dualCoef_.toArray(),
    await svc.decisionFunction(X),
    await svr.predict(X),
    linear.coef_.toArray(),
  ].map((one) => ('shape' in (one as object) ? (one as NDArray).toArray() : one))
}

test('any number of threads, size of the cache and layout of X gives the same bytes', async () => {
  const { X, y } = randomProblem(520, 9)
  const labels = array(Float64Array.from(y.data, (value) => (value > 3.5 ? 1 : 0)))
  const expected = await answersOf(X, y, labels)
  const single = (await new SVC({ cacheMiB: 0 }).fit(X, labels)).dualCoef_.toArray()
  assert.deepEqual((await new SVC({ cacheMiB: 500 }).fit(X, labels)).dualCoef_.toArray(), single)
  const columns = X.transpose().copy().transpose()
  const wide = zeros([520, 19], 'float64')
  for (let i = 0; i < 520; i++) for (let j = 0; j < 9; j++) wide.set(X.get(i, j), i, 2 * j)
  try {
    for (const threads of [1, 4]) {
      setKernelThreads(threads)
      for (const view of [X, columns, wide.slice(null, [0, 18, 2])])
        assert.deepEqual(await answersOf(view, y, labels), expected)
    }
  } finally {
    setKernelThreads(0)
  }
})

test('threads that share the kernels of a row give the same bytes', async () => {
  const X = array(
    Float64Array.from({ length: 420 * 2000 }, (_, i) => Math.sin(i * i)),
    { shape: [420, 2000] },
  )
  const y = Float64Array.from({ length: 420 }, (_, i) => Math.sin(i))
  const answers: unknown[] = []
  try {
    for (const threads of [1, 2]) {
      setKernelThreads(threads)
      answers.push((await new SVR({ kernel: 'linear', tol: 1 }).fit(X, y)).dualCoef_)
    }
  } finally {
    setKernelThreads(0)
  }
  assert.deepEqual(answers[1], answers[0])
})

test('every instruction set gives the same bytes', async () => {
  const program = `
    import { machineBytes } from './test/learn/svm/machine-bytes.ts'
    console.log(await machineBytes())`
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--no-warnings', '--input-type=module', '-e', program],
    {
      cwd: fileURLToPath(new URL('../../..', import.meta.url)),
      env: { ...process.env, ONECOPY_SIMD: 'baseline' },
      encoding: 'utf8',
    },
  )
  const expected = await machineBytes()
  assert.ok(expected.length > 1000)
  assert.equal(stdout, `${expected}\n`, stderr)
})

test('fits that end early warn and are usable', async (t) => {
  const { X, y } = randomProblem(300, 4)
  const labels = array(Float64Array.from(y.data, (value) => (value > 3 ? 1 : 0)))
  const warnings = t.mock.method(process, 'emitWarning', () => undefined)
  const models = [
    await new SVC({ maxIter: 3 }).fit(X, labels),
    await new SVR({ maxIter: 3 }).fit(X, y),
    await new LinearSVC({ maxIter: 1, tol: 0 }).fit(X, labels),
    await new LinearSVR({ maxIter: 1, tol: 0 }).fit(X, y),
  ]
  assert.equal(warnings.mock.callCount(), 4)
  for (const model of models) {
    assert.equal(model.converged_, false)
    assert.ok(values(await model.predict(X)).every(Number.isFinite))
  }
  const given = { ...learnedState(models[0]!), kernel_: { name: 'rbf', gamma: -1 } }
  assert.throws(() => restore(new SVC(), given), { code: 'ERR_FORMAT' })
})

test('kernels that float32 can not hold are refused', async () => {
  const X = [[1e140], [2e140], [-1e140], [0]]
  await assert.rejects(new SVC({ kernel: 'linear' }).fit(X, [0, 1, 0, 1]), {
    code: 'ERR_VALUE',
    message: /kernels of at most 1e37 in size.*Scale the columns/,
  })
})

test('wrong options are refused, others of scikit-learn are named', async () => {
  for (const options of [{ C: 0 }, { gamma: -1 }, { degree: 1.5 }, { kernel: 'cosine' as 'rbf' }]) {
    await assert.rejects(new SVC(options).fit([[1], [2]], [0, 1]), { code: 'ERR_OPTION' })
    await assert.rejects(new SVR(options).fit([[1], [2]], [0, 1]), { code: 'ERR_OPTION' })
  }
  for (const options of [{ interceptScaling: 0 }, { seed: -1 }, { loss: 'log' as 'hinge' }])
    await assert.rejects(new LinearSVC(options).fit([[1], [2]], [0, 1]), { code: 'ERR_OPTION' })
  await assert.rejects(new SVC().fit([[1e200], [2]], [0, 1]), /at most 1e\+145/)
  assert.throws(() => new SVC({ probability: true } as object), /use `decisionFunction`/)
  assert.throws(() => new SVC({ cache_size: 100 } as object), /onecopy calls it `cacheMiB`/)
  assert.throws(() => new LinearSVC({ dual: false } as object), /the dual problem is always solved/)
  assert.throws(() => new LinearSVR({ random_state: 1 } as object), /onecopy calls it `seed`/)
})
