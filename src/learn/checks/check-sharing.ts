/** Checks of what a learner shares over folds. */

import { array, type NDArray, type Rows, rowRanges, zeros } from '../../arrays/index.ts'
import { allRows, complement, rowNumbers } from '../../arrays/internal.ts'
import { clone } from '../contract/estimator.ts'
import {
  type Fold,
  type FoldSharing,
  isSharingEstimator,
  type SharingEstimator,
} from '../contract/fold-sharing.ts'
import type { AffineMap } from '../statistics/moments.ts'
import {
  checkProblem,
  type CheckSubject,
  type EstimatorCheck,
  promise,
  promiseClose,
} from './check-subject.ts'

/** Checks of `foldSharing` and `fitFold`. */
export const sharingChecks: readonly EstimatorCheck[] = [
  {
    name: 'alike learners share one kind of object',
    isFor: sharesFolds,
    async run(subject) {
      const { kind } = await sharingOf(subject)
      promise(typeof kind === 'string' && kind !== '', `Expected a text as \`kind\`, got ${kind}.`)
      const other = sharingEstimator(subject).foldSharing(testsOf.length)
      promise(other?.kind === kind, `Expected '${kind}', got '${other?.kind}'.`)
    },
  },
  {
    name: 'folds learn from the shared object what they learn from their rows',
    isFor: sharesFolds,
    async run(subject) {
      const problem = levelProblem(subject)
      for (const weights of [undefined, Float64Array.from({ length: 40 }, (_, i) => i % 3)]) {
        const given = weights === undefined ? {} : { weights }
        await withShared(subject, { ...problem, weights }, async (share) => {
          for (const { fold, rows } of fits) {
            const expected = await subject.fit(problem.X, problem.y, { rows, ...given })
            const learner = sharingEstimator(subject)
            const fitted = await learner.fitFold(share, problem.X, problem.y, {
              fold,
              rows,
              weights,
              map: undefined,
            })
            promise(fitted === learner, 'Expected fitFold() to return the learner.')
            promiseClose(await fitted.predict(problem.X), await expected.answer(problem.X))
          }
        })
      }
    },
  },
  {
    name: 'fits leave the shared object as it is',
    isFor: sharesFolds,
    async run(subject) {
      const { X, y } = levelProblem(subject)
      await withShared(subject, { X, y, weights: undefined }, async (share) => {
        const answers: NDArray[] = []
        for (const { fold, rows } of [...fits, ...fits]) {
          const fit = { fold, rows, weights: undefined, map: undefined }
          const fitted = await sharingEstimator(subject).fitFold(share, X, y, fit)
          answers.push(await fitted.predict(X))
        }
        for (const [i, answer] of answers.slice(fits.length).entries())
          promiseClose(answer, answers[i]!, 0)
      })
    },
  },
  {
    name: 'folds behind scalers learn what they learn from scaled rows',
    isFor: (subject) => sharesFolds(subject) && offeredBy(subject)?.scaling !== undefined,
    async run(subject) {
      const { X, y } = levelProblem(subject)
      const map = { shift: Float64Array.of(10, 0, -4), scale: Float64Array.of(8, 0.5, 2) }
      const scaled = applyMap(X, map)
      await withShared(subject, { X, y, weights: undefined, map }, async (share, sharing) => {
        for (const { fold, rows } of fits) {
          const expected = await subject.fit(scaled, y, { rows })
          const fit = { fold, rows, weights: undefined, map }
          const fitted = await sharingEstimator(subject).fitFold(share, X, y, fit)
          const input = sharing.scaling === 'raw' ? X : scaled
          promiseClose(await fitted.predict(input), await expected.answer(scaled))
        }
      })
    },
  },
]

/**
 * Rows with four values in each column, all of them in every fold: then bins of all rows, held-out ones included, have the
 * same edges as those of a fold.
 */
function levelProblem(subject: CheckSubject): { X: NDArray<'float64'>; y: NDArray } {
  const { X, y } = checkProblem()
  X.data.forEach((value, i) => (X.data[i] = Math.floor(value / 26)))
  return { X, y: subject.target(y) }
}

/** What each fold of the checks holds out: a range, and row numbers. */
const testsOf: readonly Rows[] = [
  rowRanges([[0, 13]]),
  rowNumbers(Int32Array.from({ length: 14 }, (_, i) => 13 + 2 * i)),
  rowNumbers(Int32Array.from({ length: 13 }, (_, i) => 14 + 2 * i)),
]

const folds: readonly Fold[] = testsOf.map((test) => ({ test, train: complement(test, 40) }))

/** The fit of each fold, and that of all rows. */
const fits = [
  ...folds.map(({ train }, fold) => ({ fold, rows: train })),
  { fold: null, rows: allRows(40) },
]

interface CheckedData {
  readonly X: NDArray
  readonly y: NDArray
  readonly weights: Float64Array | undefined
  readonly map?: AffineMap
}

/** Makes the shared object of some data, and frees it after `use`. */
async function withShared(
  subject: CheckSubject,
  { X, y, weights, map }: CheckedData,
  use: (share: unknown, sharing: FoldSharing) => Promise<void>,
): Promise<void> {
  const sharing = await sharingOf(subject)
  const foldOf = zeros([40], 'uint16')
  for (const [fold, { test }] of folds.entries())
    for (const row of 'numbers' in test ? test.numbers : rangeOf(test)) foldOf.set(fold, row)
  const share = await sharing.make({
    X,
    y,
    folds,
    weights,
    foldOf,
    map: sharing.perCase === true ? map : undefined,
    mapOf: () => Promise.resolve(sharing.perCase === true ? map : undefined),
    timed: (work) => work(),
  })
  try {
    await use(share, sharing)
  } finally {
    sharing.free?.(share)
  }
}

function rangeOf({
  ranges,
}: {
  readonly ranges: readonly (readonly [number, number])[]
}): number[] {
  return ranges.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i))
}

async function sharingOf(subject: CheckSubject): Promise<FoldSharing> {
  const sharing = offeredBy(subject)
  promise(sharing !== undefined, 'Expected something to share.')
  return sharing
}

function offeredBy(subject: CheckSubject): FoldSharing | undefined {
  return sharingEstimator(subject).foldSharing(testsOf.length)
}

function sharingEstimator({ make }: CheckSubject): SharingEstimator {
  return clone(make() as SharingEstimator)
}

function sharesFolds(subject: CheckSubject): boolean {
  return isSharingEstimator(subject.make()) && offeredBy(subject) !== undefined
}

function applyMap(X: NDArray, { shift, scale }: AffineMap): NDArray {
  const [n, d] = X.shape as [number, number]
  const scaled = new Float64Array(n * d)
  for (let i = 0; i < n; i++)
    for (let j = 0; j < d; j++) scaled[i * d + j] = (Number(X.get(i, j)) - shift[j]!) / scale[j]!
  return array(scaled, { shape: [n, d] })
}
