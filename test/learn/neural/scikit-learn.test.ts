/** Neural networks predict rows that they have not seen like scikit-learn's. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray } from '../../../src/arrays/index.ts'
import { MLPClassifier, MLPRegressor, StandardScaler } from '../../../src/learn/index.ts'
import { openData, readAnswers } from '../sklearn.ts'

const values = (found: NDArray): Float64Array => found.copy().toTypedArray() as Float64Array

interface Answer {
  readonly data: string
  readonly options: Readonly<Record<string, unknown>>
  readonly scores: readonly number[]
}

/** Friedman's first problem, from numbers of a linear congruential generator. */
function friedman(n: number): { X: NDArray; y: NDArray } {
  const values = new Float64Array(11 * n)
  let state = 1
  for (let i = 0; i < values.length; i++) {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0
    values[i] = state / 2 ** 32
  }
  const all = array(values, { shape: [n, 11] })
  const y = Float64Array.from({ length: n }, (_, i) => {
    const [a, b, c, d, e] = values.subarray(11 * i) as unknown as [
      number,
      number,
      number,
      number,
      number,
    ]
    const noise = 4 * values[11 * i + 10]!
    return 10 * Math.sin(Math.PI * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e + noise
  })
  return { X: all.slice(null, [0, 10]), y: array(y) }
}

/** Values less their mean, divided by their deviation. */
function standardised(values: ArrayLike<number | bigint>): Float64Array {
  const own = Float64Array.from(values, Number)
  const mean = own.reduce((sum, value) => sum + value, 0) / own.length
  const spread = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length
  return own.map((value) => (value - mean) / Math.sqrt(spread))
}

const mean = (list: readonly number[]): number =>
  list.reduce((sum, one) => sum + one, 0) / list.length

/** The square of the standard error of a mean. */
function squaredError(list: readonly number[]): number {
  const middle = mean(list)
  const squares = list.reduce((sum, one) => sum + (one - middle) ** 2, 0)
  return squares / (list.length - 1) / list.length
}

describe('rows that were not seen are predicted as well as by scikit-learn, over ten seeds', () => {
  const { answers } = readAnswers('networks') as { readonly answers: readonly Answer[] }
  for (const { data, options, scores } of answers) {
    test(`${data} ${JSON.stringify(options)}`, async () => {
      const isNumber = data === 'friedman' || data === 'diabetes'
      const { X: raw, y: target } =
        data === 'friedman'
          ? friedman(1000)
          : { X: openData(`${data}-X`), y: openData(`${data}-y`) }
      const X = await (await new StandardScaler().fit(raw)).transform(raw)
      const y = isNumber ? standardised(target.toTypedArray()) : values(target)
      const train = Int32Array.from(y.keys()).filter((row) => row % 4 !== 3)
      const held = Int32Array.from(y.keys()).filter((row) => row % 4 === 3)
      const renamed = Object.entries(options).map(([name, value]) => [
        name === 'learning_rate_init'
          ? 'learningRate'
          : name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
        value,
      ])
      const own: number[] = []
      for (let seed = 0; seed < 10; seed++) {
        const given = { ...Object.fromEntries(renamed), seed } as object
        const model = isNumber ? new MLPRegressor(given) : new MLPClassifier(given)
        const predicted = await (await model.fit(X, y, { rows: train })).predict(X, { rows: held })
        const found = values(predicted)
        const wanted = Array.from(held, (row) => y[row]!)
        if (isNumber) {
          const rest = wanted.reduce((sum, value, i) => sum + (value - found[i]!) ** 2, 0)
          const spread = wanted.reduce((sum, value) => sum + (value - mean(wanted)) ** 2, 0)
          own.push(1 - rest / spread)
        } else own.push(mean(wanted.map((value, i) => Number(value === found[i]))))
      }
      const error = Math.sqrt(squaredError(own) + squaredError(scores))
      const difference = mean(own) - mean(scores)
      assert.ok(difference >= -error, `${mean(own)} is below ${mean(scores)} by more than ${error}`)
    })
  }
})
