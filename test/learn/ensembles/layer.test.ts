/** How the members of a layer share a fit: one at a time, and one warning each. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { array, type NDArray } from '../../../src/arrays/index.ts'
import {
  KFold,
  KNeighborsRegressor,
  Lasso,
  LinearRegression,
  Ridge,
  type Transformer,
  SuperLearner,
} from '../../../src/learn/index.ts'
import { SignMean, Squares } from '../../fixtures/learn/nearest-mean.ts'
import { sharedPool } from '../../shared-pools.ts'
import { randomProblem } from '../random-problem.ts'

const { X, y } = randomProblem(60, 4)
const contiguous = (folds: number): KFold => new KFold({ folds })

/** The warnings of fits that have not converged, while something works. */
async function warningsOf(work: () => Promise<unknown>): Promise<string[]> {
  const texts: string[] = []
  const listen = (warning: Error & { code?: string }): void => {
    if (warning.code === 'ONECOPY_NOT_CONVERGED') texts.push(warning.message)
  }
  process.on('warning', listen)
  await work()
  // Warnings are told in order, so what came before this one has come.
  const last = once(process, 'warning')
  process.emitWarning('the last one')
  await last
  process.off('warning', listen)
  return texts
}

const hasty = (): Lasso => new Lasso({ alpha: 0.01, tol: 1e-12, maxIter: 1 })

describe('a learner that does not converge is warned of once', () => {
  const cases: [string, Transformer[]][] = [
    ['solved from moments', []],
    ['fitted fold by fold', [new Squares()]],
  ]
  for (const [how, preprocess] of cases) {
    for (const workers of [0, 2]) {
      test(`${how}, ${workers === 0 ? 'without workers' : 'on threads'}`, async () => {
        const parallel = workers === 0 ? undefined : sharedPool()
        const ensemble = new SuperLearner({ folds: contiguous(3), parallel })
          .add({ hasty: hasty(), ols: new LinearRegression() }, { preprocess })
          .addMeta(new Ridge())
        const texts = await warningsOf(() => ensemble.fit(X, y))
        assert.equal(texts.length, 1, texts.join('\n'))
        assert.match(
          texts[0]!,
          /^Learner `hasty` did not converge on folds 0, 1, 2 and on all rows: it stopped after 1 iteration with a duality gap of up to \S+, above its limit \S+\. Raise maxIter, tol or alpha\.$/,
        )
      })
    }
  }

  test('many folds are counted, and only those that it is about', async () => {
    const ensemble = new SuperLearner({ folds: contiguous(12) }).add(hasty())
    const [text] = await warningsOf(() => ensemble.fit(X, y))
    assert.match(text!, /^Learner `lasso` did not converge on 12 of 12 folds and on all rows: /)
  })

  test('by itself in each fit', async () => {
    const texts = await warningsOf(async () => {
      await hasty().fit(X, y)
      await hasty().fit(X, y)
    })
    assert.deepEqual(
      texts.map((text) => text.slice(0, 24)),
      ['Lasso did not converge: ', 'Lasso did not converge: '],
    )
  })
})

/** Notes when its fits begin and end, and lets others run in between. */
class Noting extends SignMean {
  static notes: string[] = []

  override async fit(X: NDArray, y: NDArray, options = {}): Promise<this> {
    Noting.notes.push(`${this.offset} begins`)
    for (let i = 0; i < 20; i++) await turn()
    await super.fit(X, y, options)
    Noting.notes.push(`${this.offset} ends`)
    return this
  }
}

test('without workers learners run one after the other, so that none is timed for another', async () => {
  Noting.notes = []
  const ensemble = new SuperLearner({ folds: contiguous(2) }).add([
    new Noting({ offset: 1 }),
    new Ridge(),
    new KNeighborsRegressor(),
    new Noting({ offset: 2 }),
  ])
  await ensemble.fit(X, y, { onProgress: ({ done }) => Noting.notes.push(`step ${done}`) })
  const fits = (offset: number, from: number): string[] =>
    [0, 1, 2].flatMap((k) => [`${offset} begins`, `${offset} ends`, `step ${from + k}`])
  assert.deepEqual(Noting.notes, [
    'step 1',
    'step 2', // Ridge
    ...fits(1, 3),
    'step 6',
    'step 7', // neighbours
    ...fits(2, 8),
  ])
})

test('times of learners add up to no more than the fit took', async () => {
  // Copies of a column: moments don't do, and the factors of all folds are read when first asked for.
  const rows = Array.from({ length: 50_000 }, (_, i) => [Math.sin(i), Math.sin(i), i % 7])
  const target = Float64Array.from(rows, (_, i) => Math.cos(i))
  const folds = 5
  const ensemble = new SuperLearner({ folds: contiguous(folds) }).add([
    new LinearRegression(),
    new LinearRegression(),
    new Noting(),
    new KNeighborsRegressor(),
  ])
  const data = array(rows)
  const start = performance.now()
  const { scores } = await ensemble.fit(data, target)
  const elapsed = (performance.now() - start) / 1000
  const seconds = scores.learners.map(
    ({ fitSeconds, predictSeconds }) => fitSeconds + predictSeconds,
  )
  const sum = folds * seconds.reduce((total, one) => total + one, 0)
  assert.ok(sum <= elapsed, `${sum} s of ${elapsed} s: ${seconds.join(', ')}`)
})
