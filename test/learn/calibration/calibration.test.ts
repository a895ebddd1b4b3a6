/** Calibrations and reliability curves: properties, contract and refusals. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { array, zeros } from '../../../src/arrays/index.ts'
import {
  brier,
  calibrationCurve,
  clone,
  IsotonicCalibration,
  learnedState,
  logLoss,
  restore,
  SigmoidCalibration,
  TemperatureScaling,
} from '../../../src/learn/index.ts'
import { assertClose } from '../close.ts'

const n = 400
/** Labels that come true with probability p, and a model that is twice as sure of itself. */
const p = Float64Array.from({ length: n }, (_, i) => (i + 0.5) / n)
const y = Array.from(p, (value, i) => ((i * 0.618034) % 1 < value ? 'yes' : 'no'))
const sure = p.map((value) => 1 / (1 + ((1 - value) / value) ** 2))

describe('temperature scaling', () => {
  test('finds by how much a model is too sure, and lessens the loss', async () => {
    const model = await new TemperatureScaling().fit(sure, y)
    assert.ok(Math.abs(model.temperature_ - 2) < 0.3, `${model.temperature_}`)
    assert.deepEqual(model.classes_, ['no', 'yes'])
    const found = await model.predictProba(sure)
    assert.deepEqual(found.shape, [n, 2])
    assert.ok(logLoss(y, found) < logLoss(y, sure))
    const rows = found.toArray() as number[][]
    for (const [i, [a, b]] of rows.entries()) {
      assertClose([a! + b!], [1], 1e-14)
      assert.equal(b! > 0.5, sure[i]! > 0.5)
    }
  })

  test('takes one column, both and decision values alike', async () => {
    const one = await new TemperatureScaling().fit(sure, y)
    const both = Array.from(sure, (value) => [1 - value, value])
    const two = await new TemperatureScaling().fit(both, y)
    assertClose([two.temperature_], [one.temperature_], 1e-9)
    const logits = sure.map((value) => Math.log(value / (1 - value)))
    const decision = await new TemperatureScaling({ scores: 'decision' }).fit(logits, y)
    assertClose([decision.temperature_], [one.temperature_], 1e-9)
    const expected = (await one.predictProba(sure)).toTypedArray()
    assertClose((await two.predictProba(both)).toTypedArray(), expected, 1e-9)
    assertClose((await one.predictProba(both)).toTypedArray(), expected, 1e-9)
    assertClose((await decision.predictProba(logits)).toTypedArray(), expected, 1e-9)
  })

  test('has a least loss: none near it is less', async () => {
    const weights = Float64Array.from({ length: n }, (_, i) => i % 4)
    const model = await new TemperatureScaling().fit(sure, y, { weights })
    const lossOf = async (temperature: number): Promise<number> => {
      const other = restore(new TemperatureScaling(), {
        ...learnedState(model),
        temperature_: temperature,
      })
      return logLoss(y, await other.predictProba(sure), { weights })
    }
    const least = await lossOf(model.temperature_)
    for (const factor of [0.99, 1.01])
      assert.ok((await lossOf(model.temperature_ * factor)) > least)
  })

  test('stays within bounds for rows without a mistake, and with nothing but mistakes', async () => {
    assert.equal((await new TemperatureScaling().fit([0.1, 0.9], ['a', 'b'])).temperature_, 1e-3)
    assert.equal((await new TemperatureScaling().fit([0.9, 0.1], ['a', 'b'])).temperature_, 1e3)
    const three = [
      [0.8, 0.1, 0.1],
      [0.1, 0.8, 0.1],
      [0.1, 0.1, 0.8],
    ]
    assert.equal((await new TemperatureScaling().fit(three, ['a', 'b', 'c'])).temperature_, 1e-3)
    const certain = await new TemperatureScaling().fit([0, 1, 1, 0], ['a', 'b', 'a', 'b'])
    assertClose((await certain.predictProba([0, 1])).toTypedArray(), [0.5, 0.5, 0.5, 0.5], 0.05)
  })
})

describe('sigmoid calibration', () => {
  test('has a least cross-entropy of its targets: derivatives are 0', async () => {
    const scores = sure.map((value) => 5 * Math.log(value / (1 - value)))
    const weights = Float64Array.from({ length: n }, (_, i) => i % 4)
    const model = await new SigmoidCalibration().fit(scores, y, { weights })
    const second = (await model.predictProba(scores)).column(1).toTypedArray()
    const sum = (isYes: boolean): number =>
      weights.reduce((all, weight, i) => ((y[i] === 'yes') === isYes ? all + weight : all), 0)
    const [target, other] = [(sum(true) + 1) / (sum(true) + 2), 1 / (sum(false) + 2)]
    let [a, b] = [0, 0]
    for (const [i, score] of scores.entries()) {
      const error = weights[i]! * ((y[i] === 'yes' ? target : other) - second[i]!)
      a += error * score
      b += error
    }
    assert.ok(Math.abs(a) < 1e-8 && Math.abs(b) < 1e-9, `${a} ${b}`)
    assert.ok(model.slopes_[0]! < 0)
  })

  test('takes scores of any size, equal ones, and rows without a mistake', async () => {
    for (const factor of [1e-300, 1, 1e300]) {
      const scores = sure.map((value) => (value - 0.5) * factor)
      const model = await new SigmoidCalibration().fit(scores, y)
      const expected = await new SigmoidCalibration().fit(
        sure.map((value) => value - 0.5),
        y,
      )
      assertClose(
        (await model.predictProba(scores)).toTypedArray(),
        (await expected.predictProba(sure.map((value) => value - 0.5))).toTypedArray(),
        1e-9,
      )
    }
    const flat = await new SigmoidCalibration().fit([3, 3, 3], ['a', 'b', 'b'])
    assertClose((await flat.predictProba([3])).toTypedArray(), [7 / 18, 11 / 18], 1e-6)
    const apart = await new SigmoidCalibration().fit([-1, -2, 5, 4], ['a', 'a', 'b', 'b'])
    const [low, high] = (await apart.predictProba([-9, 9])).column(1).toTypedArray()
    assert.ok(low! < 0.1 && high! > 0.9)
  })

  test('lessens the loss of a model that is too sure', async () => {
    const logits = sure.map((value) => Math.log(value / (1 - value)))
    const model = await new SigmoidCalibration().fit(logits, y)
    assert.ok(logLoss(y, await model.predictProba(logits)) < logLoss(y, sure))
  })
})

describe('isotonic calibration', () => {
  test('is the mean of each step, never falls, and sums up to the classes', () => {
    const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 8 }), fc.boolean(), fc.nat(3)), {
      minLength: 2,
      maxLength: 20,
    })
    return fc.assert(
      fc.asyncProperty(rows, async (list) => {
        const counted = list.filter(([, , weight]) => weight > 0)
        fc.pre(counted.length > 0)
        const scores = list.map(([score]) => score)
        const labels = list.map(([, label]) => label)
        const weights = list.map(([, , weight]) => weight)
        const model = await new IsotonicCalibration().fit(scores, labels, {
          weights,
          classes: [false, true],
        })
        const found = ((await model.predictProba(scores)).toArray() as number[][]).map(
          (row) => row[1]!,
        )
        const loss = (values: number[]): number =>
          values.reduce((sum, value, i) => sum + weights[i]! * (value - Number(labels[i])) ** 2, 0)
        for (const i of scores.keys())
          for (const k of scores.keys())
            if (scores[i]! <= scores[k]!) assert.ok(found[i]! <= found[k]!)
        // The mean of what was learned is that of the labels.
        const sums = [found, labels.map(Number)].map((values) =>
          values.reduce((sum, value, i) => sum + weights[i]! * value, 0),
        )
        assertClose([sums[0]!], [sums[1]!], 1e-12)
        // No other steps are better: those of any threshold, and the mean of all.
        for (const at of [-1, ...scores]) {
          const side = (i: number): boolean => scores[i]! > at
          const meanOf = (isUp: boolean): number => {
            const own = [...scores.keys()].filter((i) => side(i) === isUp && weights[i]! > 0)
            const total = own.reduce((sum, i) => sum + weights[i]!, 0)
            return own.reduce((sum, i) => sum + weights[i]! * Number(labels[i]), 0) / (total || 1)
          }
          const [down, up] = [meanOf(false), meanOf(true)]
          if (down <= up)
            assert.ok(loss(found) <= loss(scores.map((_, i) => (side(i) ? up : down))) + 1e-12)
        }
      }),
      { seed: 6, numRuns: 200 },
    )
  })

  test('lessens the Brier score of a model that is too sure', async () => {
    const model = await new IsotonicCalibration().fit(sure, y)
    assert.ok(brier(y, await model.predictProba(sure)) < brier(y, sure))
    assert.deepEqual((await model.predictProba([-9, 9])).shape, [2, 2])
  })

  test('of several classes falls back on equal shares', async () => {
    const scores = [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]
    const model = await new IsotonicCalibration().fit(scores, ['a', 'b', 'c'])
    assertClose(
      (await model.predictProba([[0, 0, 0]])).toTypedArray(),
      [1 / 3, 1 / 3, 1 / 3],
      1e-15,
    )
    assertClose((await model.predictProba([[1, 1, 0]])).toTypedArray(), [0.5, 0.5, 0], 1e-15)
  })
})

describe('all calibrations', () => {
  const makers = [
    () => new TemperatureScaling(),
    () => new IsotonicCalibration(),
    () => new SigmoidCalibration(),
  ]

  test('weights count rows, and rows are chosen', async () => {
    const weights = Float64Array.from({ length: n }, (_, i) => i % 3)
    const rows = Array.from(weights.keys()).flatMap((i) => Array<number>(weights[i]!).fill(i))
    for (const make of makers) {
      const weighed = await make().fit(sure, y, { weights })
      const chosen = await make().fit(sure, y, { rows })
      const expected = (await weighed.predictProba(sure)).toTypedArray()
      assertClose((await chosen.predictProba(sure)).toTypedArray(), expected, 1e-9)
      const few = rows.map((row) => sure[row]!)
      const own = await make().fit(few, y, { rows })
      assertClose((await own.predictProba(sure)).toTypedArray(), expected, 1e-9)
    }
  })

  test('keep what they learned in plain values', async () => {
    for (const make of makers) {
      const model = await make().fit(sure, y)
      const copy = restore(clone(model), learnedState(model))
      assert.deepEqual(
        (await copy.predictProba(sure)).toTypedArray(),
        (await model.predictProba(sure)).toTypedArray(),
      )
      for (const name of Object.keys(learnedState(model))) {
        if (name === 'className_') continue
        for (const wrong of [null, 'a', [], [1], Float64Array.of(NaN), -1])
          assert.throws(() => restore(make(), { ...learnedState(model), [name]: wrong }), {
            code: 'ERR_FORMAT',
          })
      }
      assert.match(inspect(model), /Calibration|Scaling/)
      await assert.rejects(make().predictProba(sure), { code: 'ERR_NOT_FITTED' })
    }
  })

  test('write to an array that they are given', async () => {
    for (const make of makers) {
      const model = await make().fit(sure, y)
      const out = zeros([n, 2])
      assert.equal(await model.predictProba(sure, { rows: [3, 1], out }), out)
      const all = await model.predictProba(sure)
      assert.deepEqual(out.rows(1, 4).toArray(), [
        all.row(1).toArray(),
        [0, 0],
        all.row(3).toArray(),
      ])
      const picked = await model.predictProba(sure, { rows: [3, 1] })
      assert.deepEqual(picked.toArray(), [all.row(3).toArray(), all.row(1).toArray()])
    }
  })

  test('refuse other scores, labels and options', async () => {
    for (const make of makers) {
      const model = await make().fit(sure, y)
      const refused: [Promise<unknown>, string][] = [
        [make().fit([NaN, 1], ['a', 'b']), 'ERR_VALUE'],
        [make().fit([0.5, 1], ['a', 'a']), 'ERR_VALUE'],
        [make().fit([[1], [1]], ['a', 'a'], { classes: ['a'] }), 'ERR_VALUE'],
        [make().fit([0.5, 1], ['a', 'b'], { classes: ['b', 'a'] }), 'ERR_OPTION'],
        [make().fit([0.5, 1], ['a', 'b', 'c']), 'ERR_SHAPE'],
        [make().fit([], []), 'ERR_ROWS'],
        [model.predictProba([[0.2, 0.3, 0.5]]), 'ERR_SHAPE'],
        [model.predictProba([NaN]), 'ERR_VALUE'],
        [model.predictProba(sure, { out: zeros([n, 3]) }), 'ERR_SHAPE'],
      ]
      for (const [promise, code] of refused) await assert.rejects(promise, { code })
      await assert.rejects(make().fit(sure, y, { positive: 'yes' } as never), TypeError)
      const gone = array([0.1, 0.2])
      structuredClone(gone.buffer, { transfer: [gone.buffer as ArrayBuffer] })
      await assert.rejects(model.predictProba(gone), { code: 'ERR_DETACHED' })
    }
    await assert.rejects(new TemperatureScaling({ scores: 'logits' as never }).fit(sure, y), {
      code: 'ERR_OPTION',
    })
    await assert.rejects(new TemperatureScaling().fit([1.5, 0], ['a', 'b']), { code: 'ERR_VALUE' })
    assert.throws(() => new IsotonicCalibration({ out_of_bounds: 'clip' } as never), TypeError)
  })
})

describe('the calibration curve', () => {
  test('of a calibrated model has equal sides, and counts rows', () => {
    const { predicted, observed, weights } = calibrationCurve(y, p, { bins: 4 })
    assertClose(predicted, [0.125, 0.375, 0.625, 0.875], 1e-12)
    assertClose(observed, predicted, 0.12)
    assert.deepEqual(weights, Float64Array.of(100, 100, 100, 100))
  })

  test('leaves out bins without rows, and weighs rows', () => {
    const curve = calibrationCurve([0, 1, 1], [0, 0.1, 1], { weights: [1, 3, 2] })
    assertClose(curve.predicted, [0.075, 1], 1e-15)
    assertClose(curve.observed, [0.75, 1], 1e-15)
    assert.deepEqual(curve.weights, Float64Array.of(4, 2))
  })

  test('refuses what is no probability, and wrong options', () => {
    assert.throws(() => calibrationCurve([0, 1], [0.5, 1.5]), { code: 'ERR_VALUE' })
    for (const bins of [0, 1.5, 1e9, NaN])
      assert.throws(() => calibrationCurve([0, 1], [0, 1], { bins }), { code: 'ERR_OPTION' })
    assert.throws(() => calibrationCurve([0, 1], [0, 1], { bins: '5' as never }), TypeError)
    assert.throws(() => calibrationCurve([0, 1], [0, 1], { strategy: 'log' as never }), {
      code: 'ERR_OPTION',
    })
    assert.throws(() => calibrationCurve([0, 1], [0, 1], { n_bins: 5 } as never), /calls it `bins`/)
  })
})
