/** Checks of inputs: refusals, strides, dtypes, kinds of memory. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isTransformer, type Transformer } from '../contract/estimator.ts'
import { array, openArray, saveArray, shared, type NDArray } from '../../arrays/index.ts'
import {
  answer,
  checkProblem,
  promise,
  promiseClose,
  promiseRefusal,
  valuesOf,
  type CheckSubject,
  type EstimatorCheck,
} from './check-subject.ts'

/** Checks that bad data is refused, and that data of all dtypes, strides and kinds of memory is read. */
export const inputChecks: readonly EstimatorCheck[] = [
  ...[Number.NaN, Infinity].map((value) => ({
    name: `${value} in X is refused`,
    async run(subject: CheckSubject) {
      const { X, y } = checkProblem()
      X.set(value, 17, 1)
      await promiseRefusal(() => subject.fit(X, y), ['ERR_VALUE'])
    },
  })),
  {
    name: 'NaN in y is refused',
    isFor: (subject) => subject.usesTarget,
    async run(subject) {
      const { X, y } = checkProblem()
      y.set(Number.NaN, 17)
      await promiseRefusal(() => subject.fit(X, y), ['ERR_VALUE'])
    },
  },
  {
    name: 'NaN in rows that are not used has no effect',
    async run(subject) {
      const { X, y } = checkProblem()
      X.set(Number.NaN, 39, 1)
      await subject.fit(X, y, { rows: { ranges: [[0, 39]] } })
    },
  },
  {
    name: 'no rows are refused',
    async run(subject) {
      const { X, y } = checkProblem()
      await promiseRefusal(() => subject.fit(X.rows(0, 0), y.rows(0, 0)), ['ERR_ROWS'])
      await promiseRefusal(() => subject.fit(X, y, { rows: { ranges: [] } }), ['ERR_ROWS'])
    },
  },
  {
    name: 'rows outside X are refused',
    async run(subject) {
      const { X, y } = checkProblem()
      const rows = { ranges: [[30, 41]] } as const
      await promiseRefusal(() => subject.fit(X, y, { rows }), ['ERR_INDEX'])
      const { answer } = await subject.fit(X, y)
      await promiseRefusal(() => answer(X, { rows }), ['ERR_INDEX'])
    },
  },
  {
    name: 'X without two axes is refused',
    async run(subject) {
      const { X, y } = checkProblem()
      await promiseRefusal(() => subject.fit(y, y), ['ERR_SHAPE'])
      const { answer } = await subject.fit(X, y)
      await promiseRefusal(() => answer(y), ['ERR_SHAPE'])
    },
  },
  {
    name: 'y of another length is refused',
    isFor: (subject) => subject.usesTarget,
    async run(subject) {
      const { X, y } = checkProblem()
      await promiseRefusal(() => subject.fit(X, y.rows(1)), ['ERR_SHAPE'])
    },
  },
  {
    name: 'a transformer that needs no target gives the same result without it',
    isFor: (subject) => isTransformer(subject.make()) && !subject.usesTarget,
    async run(subject) {
      const { X, y } = checkProblem()
      const { answer: ask } = await subject.fit(X, y)
      const alone = subject.make() as Transformer
      await alone.fit(X)
      promiseClose(await answer(alone, X), await ask(X), 0)
    },
  },
  {
    name: 'a block of rows is transformed like the same rows of the whole matrix, and no rows give no rows',
    isFor: (subject) => isTransformer(subject.make()),
    async run(subject) {
      const { X, y } = checkProblem()
      const { answer: ask } = await subject.fit(X, y)
      const whole = await ask(X)
      promise(
        whole.ndim === 2 && whole.shape[0] === 40,
        `Expected shape (40, m), got (${whole.shape.join(', ')}).`,
      )
      const none = await ask(X, { rows: [] })
      promise(
        String(none.shape) === `0,${whole.shape[1]}`,
        `Expected shape (0, ${whole.shape[1]}) for no rows, got (${none.shape.join(', ')}).`,
      )
      for (const [start, stop] of [
        [0, 17],
        [17, 40],
      ] as const)
        promiseClose(await ask(X.rows(start, stop)), whole.rows(start, stop), 1e-12)
    },
  },
  {
    name: 'weights that are negative, or not one for each row, are refused',
    async run(subject) {
      const { X, y } = checkProblem()
      for (const weights of [new Float64Array(39), new Float64Array(40).fill(-1)]) {
        await promiseRefusal(() => subject.fit(X, y, { weights }), ['ERR_VALUE'])
      }
    },
  },
  {
    name: 'another number of columns than in fit is refused',
    async run(subject) {
      const { X, y } = checkProblem()
      const { answer } = await subject.fit(X, y)
      await promiseRefusal(() => answer(X.slice(null, [0, 2])), ['ERR_SHAPE'])
    },
  },
  {
    name: 'predicting before fit is refused',
    async run({ make }) {
      await promiseRefusal(() => answer(make(), checkProblem().X), ['ERR_NOT_FITTED'])
    },
  },
  {
    name: 'views of any strides give the same results as copies',
    async run(subject) {
      const { X, y } = checkProblem()
      const wide = array(new Float64Array(40 * 7), { shape: [40, 7] })
      const views = [X.transpose().copy().transpose(), wide.slice(null, [0, 6, 2])]
      views.push(X.reversed(0).copy().reversed(0), X.reversed(1).copy().reversed(1))
      for (let i = 0; i < 40; i++) {
        for (let j = 0; j < 3; j++) wide.set(X.get(i, j), i, 2 * j)
      }
      await promiseSame(subject, { X, y }, views)
    },
  },
  {
    name: 'every dtype gives the same results as float64',
    async run(subject) {
      const { X, y } = checkProblem()
      const dtypes = ['float32', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32'] as const
      const views: NDArray[] = dtypes.map((dtype) => array([...X.toTypedArray()], { dtype }))
      for (const dtype of ['int64', 'uint64'] as const) {
        views.push(array(Array.from(X.toTypedArray(), BigInt), { dtype }))
      }
      await promiseSame(
        subject,
        { X, y },
        views.map((view) => view.reshape(40, 3)),
      )
    },
  },
  {
    name: 'shared memory and mapped files give the same results as private memory',
    async run(subject) {
      const { X, y } = checkProblem()
      const scratch = shared([40, 3], 'float64')
      scratch.data.set(X.toTypedArray())
      const folder = await mkdtemp(join(tmpdir(), 'onecopy-check-'))
      try {
        const path = join(folder, 'X.npy')
        await saveArray(path, X)
        const views = [scratch, openArray(path), openArray(path, { mode: 'r+' })]
        await promiseSame(subject, { X, y }, views)
        for (const view of views) {
          promise(String(valuesOf(view)) === String(valuesOf(X)), 'X has changed.')
        }
      } finally {
        await rm(folder, { recursive: true })
        scratch[Symbol.dispose]()
      }
    },
  },
]

/** Throws unless views of the same values give the same model and predictions. */
async function promiseSame(
  subject: CheckSubject,
  { X, y }: { X: NDArray; y: NDArray },
  views: readonly NDArray[],
): Promise<void> {
  const expected = await (await subject.fit(X, y)).answer(X)
  for (const view of views) promiseClose(await (await subject.fit(view, y)).answer(view), expected)
}
