/** Checks of what a learner shares over folds. */

import { array, type NDArray, type Rows, rowRanges } from '../../arrays/index.ts'
import { allRows, complement, rowNumbers } from '../../arrays/internal.ts'
import { clone } from '../contract/estimator.ts'
import {
  type Fold,
  type FoldSharing,
  isSharingEstimator,
  type SharingEstimator,
} from '../contract/fold-sharing.ts'
import { uniteRows } from '../row-parts/row-bits.ts'
import { TrainingParts } from '../row-parts/training-parts.ts'
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
      const other = sharingEstimator(subject).foldSharing(wholeSplit.folds.length)
      promise(other?.kind === kind, `Expected '${kind}', got '${other?.kind}'.`)
    },
  },
  {
    name: 'folds learn from the shared object what they learn from their rows',
    isFor: sharesFolds,
    run: (subject) => learnAsFromRows(subject, wholeSplit),
  },
  {
    name: 'folds that learn from some rows learn from the shared object what they learn from their rows',
    isFor: sharesFolds,
    run: (subject) => learnAsFromRows(subject, partialSplit),
  },
  {
    name: 'fits leave the shared object as it is',
    isFor: sharesFolds,
    async run(subject) {
      const { X, y } = levelProblem(subject)
      await withShared(subject, { X, y, weights: undefined }, async (share) => {
        const answers: NDArray[] = []
        const { fits } = wholeSplit
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
        for (const { fold, rows } of wholeSplit.fits) {
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

/** How the rows of a problem are split, and the fits that learn from them. */
interface CheckSplit {
  readonly folds: readonly Fold[]
  readonly fits: readonly { readonly fold: number | null; readonly rows: Rows }[]
}

const everyOther = (from: number, count: number): Rows =>
  rowNumbers(Int32Array.from({ length: count }, (_, i) => from + 2 * i))

/** Each row is held out by one fold, which learns from all others. */
const wholeSplit = ((): CheckSplit => {
  const tests = [rowRanges([[0, 13]]), everyOther(13, 14), everyOther(14, 13)]
  const folds = tests.map((test) => ({ test, train: complement(test, 40) }))
  return { folds, fits: [...fitsOf(folds), { fold: null, rows: allRows(40) }] }
})()

/** Rows are held out by several folds or by none, and some are learned from by none; the last fit holds out nothing. */
const partialSplit = ((): CheckSplit => {
  const folds = [
    { test: rowRanges([[20, 30]]), train: rowRanges([[0, 20]]) },
    { test: rowRanges([[26, 38]]), train: rowRanges([[2, 24]]) },
    { test: everyOther(0, 6), train: everyOther(1, 20) },
    { test: rowRanges([]), train: rowRanges([[4, 31]]) },
  ]
  return { folds, fits: fitsOf(folds) }
})()

function fitsOf(folds: readonly Fold[]): { fold: number; rows: Rows }[] {
  return folds.map(({ train }, fold) => ({ fold, rows: train }))
}

/** Fits on folds by a shared object, and compares with fits on their rows. */
async function learnAsFromRows(subject: CheckSubject, split: CheckSplit): Promise<void> {
  const problem = levelProblem(subject)
  for (const weights of [undefined, Float64Array.from({ length: 40 }, (_, i) => i % 3)]) {
    const given = weights === undefined ? {} : { weights }
    await withShared(subject, { ...problem, weights, split }, async (share) => {
      for (const { fold, rows } of split.fits) {
        const expected = await subject.fit(problem.X, problem.y, { rows, ...given })
        for (const isKept of fold === null ? [false] : [false, true]) {
          const learner = sharingEstimator(subject)
          const fitted = await learner.fitFold(share, problem.X, problem.y, {
            fold,
            isKept,
            rows,
            weights,
            map: undefined,
          })
          promise(fitted === learner, 'Expected fitFold() to return the learner.')
          promiseClose(await fitted.predict(problem.X), await expected.answer(problem.X))
        }
      }
    })
  }
}

interface CheckedData {
  readonly X: NDArray
  readonly y: NDArray
  readonly weights: Float64Array | undefined
  readonly map?: AffineMap
  readonly split?: CheckSplit
}

/** Makes the shared object of some data, and frees it after `use`. */
async function withShared(
  subject: CheckSubject,
  { X, y, weights, map, split: { folds, fits } = wholeSplit }: CheckedData,
  use: (share: unknown, sharing: FoldSharing) => Promise<void>,
): Promise<void> {
  const sharing = await sharingOf(subject)
  const parts = TrainingParts.find(folds, 40)
  const fitsAll = fits.some(({ fold }) => fold === null)
  const trains = folds.map(({ train }) => train)
  const share = await sharing.make({
    X,
    y,
    folds,
    rows: fitsAll ? allRows(40) : uniteRows(trains, 40),
    fitsAll,
    weights,
    parts,
    map: sharing.perCase === true ? map : undefined,
    mapOf: () => Promise.resolve(sharing.perCase === true ? map : undefined),
    timed: (work) => work(),
  })
  try {
    await use(share, sharing)
  } finally {
    sharing.free?.(share)
    parts?.[Symbol.dispose]()
  }
}

async function sharingOf(subject: CheckSubject): Promise<FoldSharing> {
  const sharing = offeredBy(subject)
  promise(sharing !== undefined, 'Expected something to share.')
  return sharing
}

function offeredBy(subject: CheckSubject): FoldSharing | undefined {
  return sharingEstimator(subject).foldSharing(wholeSplit.folds.length)
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
