/** LogisticRegressionCV: the contract, scikit-learn's choices, folds like refits, refusals. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { toRowNumbers, zeros } from '../../../src/arrays/index.ts'
import { isOneCopyError } from '../../../src/errors.ts'
import {
  estimatorChecks,
  KFold,
  LogisticRegression,
  LogisticRegressionCV,
  type LogisticRegressionCVOptions,
  StandardScaler,
} from '../../../src/learn/index.ts'
import { assertCloseToLargest } from '../close.ts'
import { openData, readAnswers } from '../sklearn.ts'

describe('contract: cross-validated logistic regression', () => {
  for (const check of estimatorChecks(() => new LogisticRegressionCV({ Cs: 3, folds: 3 })))
    test(check.name, () => check.run())
})

interface Case {
  readonly data: string
  readonly folds: number
  readonly scorer: 'accuracy' | 'logLoss'
  readonly Cs: readonly number[]
  readonly scores: readonly (readonly number[])[]
  readonly C: number
  readonly coef: readonly (readonly number[])[]
}

const { cases } = readAnswers('logistic-cv') as { readonly cases: readonly Case[] }

for (const { data, folds, scorer, Cs, scores, C, coef } of cases) {
  test(`scores and chooses like scikit-learn: ${data}, ${folds} folds, ${scorer}`, async () => {
    const X = openData(`${data}-X`)
    const scaled = await (await new StandardScaler().fit(X)).transform(X)
    const model = await new LogisticRegressionCV({ Cs, folds, scorer }).fit(
      scaled,
      openData(`${data}-y`),
    )
    assertCloseToLargest(model.scores_.toTypedArray(), scores.flat(), 1e-6)
    assert.equal(model.C_, C)
    assertCloseToLargest(model.coef_.toTypedArray(), coef.flat(), 1e-6)
  })
}

test('every fold is scored by the model that its other rows teach, with weights and chosen rows', async () => {
  const [X, y] = [openData('wine-X'), openData('wine-y')]
  const chosen = Int32Array.from({ length: 150 }, (_, i) => (i * 7) % 178)
  const weights = Float64Array.from({ length: 178 }, (_, row) => row % 4)
  const options: readonly LogisticRegressionCVOptions[] = [
    { Cs: [0.001, 0.1] },
    { Cs: [0.01], penalty: 'l1' },
    { Cs: [0.01], classWeight: 'balanced' },
  ]
  for (const { Cs, ...rest } of options) {
    const folds = new KFold({ folds: 3, shuffle: true, seed: 4 })
    const model = await new LogisticRegressionCV({
      Cs: Cs!,
      folds,
      scorer: 'logLoss',
      ...rest,
    }).fit(X, y, { rows: chosen, weights })
    for (const [k, { train, test: held }] of folds.split(150).entries()) {
      const at = (positions: Parameters<typeof toRowNumbers>[0]): Int32Array =>
        toRowNumbers(positions).map((position) => chosen[position]!)
      for (const [c, C] of (Cs as readonly number[]).entries()) {
        const single = new LogisticRegression({ C, ...rest })
        await single.fit(X, y, { rows: at(train), weights })
        const rows = at(held)
        const probabilities = await single.predictProba(X, { rows })
        let [loss, total] = [0, 0]
        for (const [i, row] of rows.entries()) {
          loss -= weights[row]! * Math.log(probabilities.get(i, Number(y.get(row))))
          total += weights[row]!
        }
        assert.ok(Math.abs(model.scores_.get(k, c) / (loss / total) - 1) < 1e-6)
      }
    }
  }
})

test('texts are labels too', async () => {
  const codes = openData('wine-y').toTypedArray() as Uint8Array
  const y = Array.from(codes, (code) => ['red', 'rosé', 'white'][code]!)
  const model = await new LogisticRegressionCV({ Cs: [0.01] }).fit(openData('wine-X'), y)
  assert.equal((await model.predict(openData('wine-X').rows(0, 1)))[0], 'red')
})

const refused: Readonly<Record<string, LogisticRegressionCVOptions>> = {
  "ERR_OPTION: Expected `penalty` of LogisticRegressionCV to be 'l2', 'l1' or 'elasticnet', got null.":
    {
      penalty: null as unknown as 'l2',
    },
  'ERR_OPTION: Expected `folds` of LogisticRegressionCV to be a whole number >= 2 or a splitter, such as a KFold, got 1.':
    {
      folds: 1,
    },
  'ERR_OPTION: Expected `Cs` of LogisticRegressionCV to be a whole number >= 1 or a list of finite numbers above 0 with finite inverses, got 0.':
    { Cs: 0 },
  "ERR_OPTION: Expected `scorer` of LogisticRegressionCV to be 'accuracy' or 'logLoss', got 'auc'.":
    {
      scorer: 'auc' as 'accuracy',
    },
  'ERR_ROWS: Expected at least 80 rows of some class for 80 folds, got at most 71. Use fewer folds.':
    {
      folds: 80,
    },
}
for (const [text, options] of Object.entries(refused)) {
  test(text, async () => {
    const fit = new LogisticRegressionCV(options).fit(openData('wine-X'), openData('wine-y'))
    await assert.rejects(fit, (error) => {
      assert.ok(isOneCopyError(error))
      assert.equal(`${error.code}: ${error.message}`, text)
      return true
    })
  })
}

test('a class that one fold holds out completely is refused', async () => {
  const y = Int32Array.from({ length: 178 }, (_, row) => (row === 0 ? 5 : row % 2))
  await assert.rejects(new LogisticRegressionCV().fit(openData('wine-X'), y), {
    code: 'ERR_ROWS',
    message:
      'Expected rows of every class to train on without fold 0, got none of class 5. Leave out rare classes, or use other folds.',
  })
})

test('a fold that holds out rows of weight 0 only is refused', async () => {
  const weights = Float64Array.from({ length: 178 }, (_, row) => (row < 60 ? 0 : 1))
  const y = Int32Array.from({ length: 178 }, (_, row) => row % 2)
  for (const scorer of ['accuracy', 'logLoss'] as const) {
    const model = new LogisticRegressionCV({ folds: new KFold({ folds: 3 }), Cs: [0.1], scorer })
    await assert.rejects(model.fit(openData('wine-X'), y, { weights }), {
      code: 'ERR_ROWS',
      message:
        'Expected a row with a weight above 0 to score in fold 0, got none. Leave out rows of weight 0, or use other folds.',
    })
  }
})

test('a target of one class is refused by its label', async () => {
  await assert.rejects(
    new LogisticRegressionCV().fit(zeros([20, 2]), new Float64Array(20).fill(3)),
    {
      code: 'ERR_ROWS',
      message:
        'Expected `y` to hold at least two classes to choose a penalty by, got one class, 3.',
    },
  )
})
