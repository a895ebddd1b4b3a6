/** Metrics of labels: kinds, classes, properties and refusals. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { array } from '../../../src/arrays/index.ts'
import {
  accuracy,
  balancedAccuracy,
  classificationReport,
  confusionMatrix,
  f1,
  fbeta,
  precision,
  recall,
} from '../../../src/learn/index.ts'
import { CategoryColumn, NumberColumn, Table } from '../../../src/tables/index.ts'
import { assertClose } from '../close.ts'

const macro = { average: 'macro' } as const
const averaged = [precision, recall, f1].map(
  (metric) => (y: never, predicted: never, options: object) =>
    metric(y, predicted, { ...options, ...macro }),
)
const all = [accuracy, balancedAccuracy, ...averaged] as ((
  y: unknown,
  predicted: unknown,
  options?: object,
) => number)[]

const seen = fc.record({
  pairs: fc.array(fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)), { minLength: 1, maxLength: 20 }),
})

describe('labels of every kind', () => {
  const y = [0, 1, 1, 0, 1]
  const predicted = [0, 1, 0, 1, 1]
  const kinds: [string, (code: number) => unknown][] = [
    ['numbers', (code) => code * 2.5 - 7],
    ['texts', (code) => ['no', 'yes'][code]],
    ['booleans', (code) => code === 1],
  ]
  for (const [kind, of] of kinds) {
    test(kind, () => {
      for (const metric of all)
        assert.equal(metric(y.map(of), predicted.map(of), {}), metric(y, predicted, {}))
      assert.equal(
        precision(y.map(of) as string[], predicted.map(of) as string[], {
          positive: of(1) as string,
        }),
        2 / 3,
      )
      const { classes, matrix } = confusionMatrix(
        y.map(of) as string[],
        predicted.map(of) as string[],
      )
      assert.deepEqual(Array.from<unknown>(classes), [of(0), of(1)])
      assert.deepEqual(matrix.toArray(), [
        [1, 1],
        [1, 2],
      ])
    })
  }

  test('64-bit integers beside float64, and a matrix of one column', () => {
    const wide = BigInt64Array.from(y, BigInt)
    for (const metric of all) {
      assert.equal(metric(wide, predicted, {}), metric(y, predicted, {}))
      assert.equal(metric(array(y.map((code) => [code])), wide, {}), metric(y, y, {}))
      assert.throws(() => metric(BigInt64Array.of(2n ** 60n), [1], {}), { code: 'ERR_VALUE' })
    }
  })

  test('columns of tables', () => {
    const table = new Table([
      new CategoryColumn('kind', array(Int8Array.of(0, 1, 1, -1)), ['no', 'yes']),
      new NumberColumn('visits', array(Float64Array.of(1, 2, 1, 5))),
    ])
    const rows = [0, 1, 2]
    const options = { rows, weights: table.column('visits'), positive: 'yes' }
    assert.equal(recall(table.column('kind'), ['no', 'yes', 'no'], options), 2 / 3)
    assert.throws(
      () => recall(table.column('kind'), ['no', 'yes', 'no', 'no'], { positive: 'yes' }),
      {
        code: 'ERR_VALUE',
      },
    )
  })
})

describe('the class that is scored', () => {
  test('is 1, or true, by default', () => {
    assert.equal(precision([0, 1, 1], [1, 1, 1]), 2 / 3)
    assert.equal(precision([-1, 1, 1], [1, 1, 1]), 2 / 3)
    assert.equal(precision([false, true, true], [true, true, true]), 2 / 3)
    assert.equal(recall([0, 0], [0, 0]), 0)
    assert.equal(recall([1, 1], [1, 0]), 0.5)
  })

  test('must be named for other labels', () => {
    assert.throws(() => f1(['no', 'yes'], ['no', 'no']), {
      code: 'ERR_OPTION',
      message:
        "Expected `positive`, the class to score, for the labels 'no' and 'yes', got none. " +
        "Or pass `average: 'macro'`. Scorers such as 'f1Macro' need none; makeScorer() takes a function that names one.",
    })
    assert.throws(() => f1([1, 2], [1, 2]), { code: 'ERR_OPTION' })
    assert.throws(() => f1([0, 1, 2], [0, 1, 2]), {
      code: 'ERR_OPTION',
      message:
        "Expected two classes for `average: 'binary'`, got 3. " +
        "Pass `average: 'macro'`, 'weighted', 'micro' or null, or the class to score as `positive`.",
    })
    assert.throws(() => f1(['no', 'yes'], ['no', 'no'], { positive: 'Yes' }), {
      code: 'ERR_OPTION',
      message: "Expected `positive` to be one of the labels 'no' and 'yes', got 'Yes'.",
    })
    assert.throws(() => f1(['no'], ['no'], { positive: 1 }), { code: 'ERR_OPTION' })
    assert.throws(() => f1(['no'], ['no'], { positive: null as never }), TypeError)
  })

  test('may be one of many, or have no row', () => {
    assert.equal(recall(['a', 'b', 'c', 'c'], ['a', 'a', 'c', 'a'], { positive: 'c' }), 0.5)
    assert.equal(recall(['no'], ['no'], { positive: 'yes' }), 0)
    assert.equal(recall(['no'], ['no'], { positive: 'yes', zeroDivision: 1 }), 1)
    assert.ok(Number.isNaN(recall(['no'], ['no'], { positive: 'yes', zeroDivision: NaN })))
  })
})

describe('averages', () => {
  const y = ['a', 'a', 'b', 'c']
  const predicted = ['a', 'd', 'b', 'b']

  test('null returns the score of each class, sorted or as `classes` says', () => {
    assert.deepEqual(precision(y, predicted, { average: null }), Float64Array.of(1, 0.5, 0, 0))
    assert.deepEqual(
      precision(y, predicted, { average: null, classes: ['b', 'a'] }),
      Float64Array.of(0.5, 1),
    )
  })

  test('NaN leaves classes out of means', () => {
    const options = { zeroDivision: NaN } as const
    // 'd' has no row, 'c' is never predicted.
    assert.equal(recall(y, predicted, { ...options, average: 'macro' }), (0.5 + 1 + 0) / 3)
    assert.equal(precision(y, predicted, { ...options, average: 'macro' }), (1 + 0.5 + 0) / 3)
    assert.equal(precision(y, predicted, { ...options, average: 'weighted' }), (2 + 0.5) / 3)
  })

  test('refuse what they can not use', () => {
    assert.throws(() => f1(y, predicted, { average: 'samples' as never }), {
      code: 'ERR_OPTION',
      message:
        /^Expected `average` to be 'binary', 'macro', 'weighted' or 'micro', got 'samples'\./,
    })
    assert.throws(() => f1(y, predicted, { ...macro, zeroDivision: 2 }), { code: 'ERR_OPTION' })
    assert.throws(() => f1(y, predicted, { ...macro, zeroDivision: 'warn' as never }), TypeError)
    assert.throws(() => f1(y, predicted, { classes: ['a'] }), {
      code: 'ERR_OPTION',
      message: /^Expected no `classes` with `average: 'binary'`/,
    })
    assert.throws(() => f1(y, predicted, { ...macro, classes: ['A', 'B'] }), {
      code: 'ERR_VALUE',
      message: 'Expected a row of `y` with one of the labels of `classes`, got none.',
    })
    assert.throws(() => f1(y, predicted, { ...macro, classes: ['a', 'a'] }), {
      code: 'ERR_OPTION',
      message: "Expected `classes` to be different labels, got 'a' twice.",
    })
    assert.throws(() => f1(y, predicted, { ...macro, classes: [] }), { code: 'ERR_OPTION' })
    assert.throws(() => f1(y, predicted, { ...macro, classes: 'a' as never }), TypeError)
    assert.throws(() => f1(y, predicted, { ...macro, classes: [1, 2] }), TypeError)
    for (const beta of [-1, Infinity, NaN])
      assert.throws(() => fbeta(y, predicted, { ...macro, beta }), { code: 'ERR_OPTION' })
    assert.throws(() => fbeta(y, predicted, macro as never), TypeError)
    assert.throws(
      () => f1(y, predicted, { pos_label: 'a' } as never),
      /onecopy calls it `positive`/,
    )
    assert.throws(() => f1(y, predicted, { labels: ['a'] } as never), /onecopy calls it `classes`/)
  })
})

describe('the confusion matrix', () => {
  test('prints as a table', () => {
    const found = confusionMatrix(['cat', 'cat', 'dog', 'mouse'], ['cat', 'dog', 'dog', 'dog'])
    const text = [
      'true \\ predicted  cat  dog  mouse',
      'cat                 1    1      0',
      'dog                 0    1      0',
      'mouse               0    1      0',
    ].join('\n')
    assert.equal(String(found), text)
    assert.equal(inspect(found), text)
    assert.deepEqual(JSON.parse(JSON.stringify(found)), {
      classes: ['cat', 'dog', 'mouse'],
      matrix: [
        [1, 1, 0],
        [0, 1, 0],
        [0, 1, 0],
      ],
    })
    assert.match(String(confusionMatrix([1, 1, 1], [1, 1, 2], { normalize: 'true' })), /0\.6667/)
  })

  test('leaves out classes that `classes` does not name', () => {
    const { classes, matrix } = confusionMatrix([1, 2, 3, 3], [1, 3, 3, 1], { classes: [3, 1, 7] })
    assert.deepEqual(classes, Float64Array.of(3, 1, 7))
    assert.deepEqual(matrix.toArray(), [
      [1, 1, 0],
      [0, 1, 0],
      [0, 0, 0],
    ])
  })

  test('of many classes', () => {
    const y = Float64Array.from({ length: 3_000 }, (_, i) => (i * 7) % 300)
    const predicted = y.map((label, i) => (i % 3 === 0 ? label : (label + 1) % 300))
    const { matrix } = confusionMatrix(y, predicted)
    for (let k = 0; k < 300; k++) {
      assert.equal(matrix.get(k, k) + matrix.get(k, (k + 1) % 300), 10)
    }
    assert.equal(
      matrix.toTypedArray().reduce((a, b) => a + b, 0),
      3_000,
    )
    assert.throws(
      () =>
        confusionMatrix(
          new Float64Array(1_001).map((_, i) => i),
          y.subarray(0, 1_001),
        ),
      {
        code: 'ERR_VALUE',
        message: /^Expected at most 1000 different labels, got one more in `y` at row 1000/,
      },
    )
  })

  test('weights of any size keep their sums', () => {
    const options = { weights: [1e300, 2e300, 1e300] }
    assert.deepEqual(confusionMatrix([0, 1, 1], [0, 1, 0], options).matrix.toArray(), [
      [1e300, 0],
      [1e300, 2e300],
    ])
  })

  test('refuses another division', () => {
    assert.throws(() => confusionMatrix([1], [1], { normalize: 'pred' as never }), {
      code: 'ERR_OPTION',
      message:
        "Expected `normalize` to be 'true', 'predicted' or 'all', got 'pred'. onecopy calls it 'predicted'.",
    })
  })

  test('has the sums of rows and columns, and the other metrics come from it', () => {
    fc.assert(
      fc.property(seen, ({ pairs }) => {
        fc.pre(pairs.some(([, , weight]) => weight > 0))
        const y = pairs.map(([truth]) => 'abcd'[truth]!)
        const predicted = pairs.map(([, guess]) => 'abcd'[guess]!)
        const weights = pairs.map(([, , weight]) => weight)
        const { classes, matrix } = confusionMatrix(y, predicted, { weights })
        const cells = matrix.toArray() as number[][]
        const labels = classes as string[]
        const sum = (list: number[]): number => list.reduce((a, b) => a + b, 0)
        const total = sum(weights)
        assert.equal(sum(cells.flat()), total)
        const rows = cells.map(sum)
        const columns = labels.map((_, j) => sum(cells.map((row) => row[j]!)))
        for (const [i, label] of labels.entries()) {
          assert.equal(rows[i], sum(weights.filter((_, row) => y[row] === label)))
          assert.equal(columns[i], sum(weights.filter((_, row) => predicted[row] === label)))
        }
        const hits = labels.map((_, i) => cells[i]![i]!)
        assertClose([accuracy(y, predicted, { weights })], [sum(hits) / total], 1e-14)
        const scores = hits.map((hit, i) => (2 * hit) / (rows[i]! + columns[i]!))
        assertClose(f1(y, predicted, { weights, average: null }), scores, 1e-14)
        assertClose([f1(y, predicted, { weights, average: 'micro' })], [sum(hits) / total], 1e-14)
        const true_ = hits
          .filter((_, i) => rows[i]! > 0)
          .map((hit, i) => hit / rows.filter((row) => row > 0)[i]!)
        assertClose(
          [balancedAccuracy(y, predicted, { weights })],
          [sum(true_) / true_.length],
          1e-14,
        )
      }),
      { seed: 3 },
    )
  })
})

describe('the report', () => {
  test('prints scores of classes and their means', () => {
    const report = classificationReport(['cat', 'cat', 'dog', 'dog'], ['cat', 'dog', 'dog', 'dog'])
    const text = [
      '          precision  recall     f1  rows',
      'cat           1.000   0.500  0.667     2',
      'dog           0.667   1.000  0.800     2',
      'micro         0.750   0.750  0.750     4',
      'macro         0.833   0.750  0.733     4',
      'weighted      0.833   0.750  0.733     4',
    ].join('\n')
    assert.equal(String(report), text)
    assert.equal(inspect(report), text)
  })

  test('has the scores of the single metrics', () => {
    const y = ['a', 'a', 'b', 'c']
    const predicted = ['a', 'd', 'b', 'b']
    const options = { weights: [1, 2, 1, 0.5], zeroDivision: 1, classes: ['d', 'a', 'b'] }
    const report = classificationReport(y, predicted, options)
    assert.deepEqual(report.classes, options.classes)
    assert.deepEqual(
      report.rows.map(({ support }) => support),
      [0, 3, 1],
    )
    for (const [name, metric] of Object.entries({ precision, recall, f1 })) {
      const key = name as 'f1'
      const each = metric(y, predicted, { ...options, average: null })
      assert.deepEqual(
        report.rows.map((row) => row[key]),
        [...each],
      )
      for (const average of ['micro', 'macro', 'weighted'] as const)
        assert.equal(report[average][key], metric(y, predicted, { ...options, average }))
    }
    assert.throws(() => classificationReport(y, predicted, { zeroDivision: 3 }), {
      code: 'ERR_OPTION',
    })
    assert.throws(
      () => classificationReport(y, predicted, { output_dict: true } as never),
      TypeError,
    )
  })
})

test('weights count rows, and the order of rows makes no difference', () => {
  fc.assert(
    fc.property(seen, ({ pairs }) => {
      fc.pre(pairs.some(([, , weight]) => weight > 0))
      const y = pairs.map(([truth]) => truth)
      const predicted = pairs.map(([, guess]) => guess)
      const weights = pairs.map(([, , weight]) => weight)
      const rows = pairs
        .flatMap(([, , weight], row) => Array<number>(weight).fill(row))
        .toReversed()
      for (const metric of all) {
        const found = metric(y, predicted, { weights })
        assertClose([metric(y, predicted, { rows })], [found], 1e-13)
        const few = rows.map((row) => predicted[row]!)
        if (few.length !== y.length) assertClose([metric(y, few, { rows })], [found], 1e-13)
      }
    }),
    { seed: 4 },
  )
})

describe('what is no label', () => {
  test('is refused', () => {
    for (const metric of all) {
      assert.throws(() => metric([], [], {}), { code: 'ERR_ROWS' })
      assert.throws(() => metric([1, 2], [1, 2], { weights: [0, 0] }), { code: 'ERR_ROWS' })
      assert.throws(() => metric([1, 2], [1, NaN], {}), { code: 'ERR_VALUE' })
      assert.throws(() => metric([Infinity, 2], [1, 2], {}), { code: 'ERR_VALUE' })
      assert.throws(() => metric([1, 2, 3], [1, 2], {}), { code: 'ERR_SHAPE' })
      assert.throws(() => metric([[1, 2]], [1], {}), { code: 'ERR_SHAPE' })
      assert.throws(() => metric(['a', 'b'], [0, 1], {}), TypeError)
      assert.throws(() => metric([true, false], ['a', 'b'], {}), TypeError)
      assert.throws(() => metric(['a', undefined], ['a', 'b'], {}), TypeError)
      assert.throws(() => metric(['a', null], ['a', 'b'], {}), TypeError)
      assert.throws(() => metric(3, [1], {}), TypeError)
      assert.throws(() => metric([1], [1], { average: 'macro', nothing: 1 }), TypeError)
      assert.throws(() => metric([1, 2], [1, 2], { rows: [2] }), { code: 'ERR_INDEX' })
      assert.throws(() => metric([1, 2], [1, 2], { weights: [1, -1] }), { code: 'ERR_VALUE' })
      const gone = array([1, 2])
      structuredClone(gone.buffer, { transfer: [gone.buffer as ArrayBuffer] })
      assert.throws(() => metric(gone, [1, 2], {}), { code: 'ERR_DETACHED' })
      assert.throws(() => metric([1, 2], gone, {}), { code: 'ERR_DETACHED' })
    }
  })

  test('is passed over in rows that do not count', () => {
    for (const metric of all) {
      assert.equal(metric([1, 2, NaN], [1, 2, NaN], { weights: [1, 1, 0] }), 1)
      assert.equal(metric([1, 2, NaN], [1, 2], { rows: [0, 1] }), 1)
    }
  })
})
