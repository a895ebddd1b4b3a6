/** Checks of options, fitting and learned values. */

import { array } from '../../arrays/index.ts'
import {
  answer,
  checkProblem,
  promise,
  promiseClose,
  promiseRefusal,
  valuesOf,
  type EstimatorCheck,
} from './check-subject.ts'
import {
  clone,
  collectLearned,
  isLearnedName,
  learnedState,
  restore,
  type Params,
} from '../contract/estimator.ts'
import { isMomentsEstimator } from '../contract/moments-estimator.ts'
import { Moments } from '../statistics/moments.ts'

/** Checks of the rules for options, `fit` and learned values. */
export const contractChecks: readonly EstimatorCheck[] = [
  {
    name: 'the constructor stores options and nothing else',
    async run({ make }) {
      const own = Object.keys(make()).toSorted()
      const options = Object.keys(make().getParams()).toSorted()
      promise(
        String(own) === String(options),
        `Expected the options ${options.join(', ')}, got ${own.join(', ')}.`,
      )
    },
  },
  {
    name: 'an unknown option is refused',
    async run({ make }) {
      await promiseRefusal(async () => make().setParams({ noSuchOption: 1 }), ['ERR_OPTION'])
    },
  },
  {
    name: 'a clone has the same options and no learned values',
    async run(subject) {
      const { X, y } = checkProblem()
      const { estimator } = await subject.fit(X, y)
      const copy = clone(estimator)
      promise(copy !== estimator, 'Expected a new estimator.')
      promise(
        samePlain(copy.getParams(), estimator.getParams()),
        'The options differ. The constructor must take one options object, such as { alpha: 2 }, and store each option ' +
          'under its name.',
      )
      promise(Object.keys(collectLearned(copy)).length === 0, 'The clone has learned values.')
    },
  },
  {
    name: 'fit returns the estimator itself',
    async run(subject) {
      const { X, y } = checkProblem()
      const estimator = subject.make()
      promise(
        (await estimator.fit(X, subject.target(y))) === estimator,
        'Expected fit() to return the estimator.',
      )
    },
  },
  {
    name: 'fit adds only learned values, whose names end in _',
    async run(subject) {
      const { X, y } = checkProblem()
      const before = Object.keys(subject.make())
      const { estimator } = await subject.fit(X, y)
      const added = Object.keys(estimator).filter((name) => !before.includes(name))
      promise(added.length > 0, 'Expected fit() to learn something.')
      const wrong = added.find((name) => !isLearnedName(name))
      promise(wrong === undefined, `Expected names that end in _, got ${wrong}.`)
    },
  },
  {
    name: 'fit and predict do not change the options',
    async run(subject) {
      const { X, y } = checkProblem()
      const before = subject.make().getParams()
      const { estimator, answer } = await subject.fit(X, y)
      await answer(X)
      promise(samePlain(estimator.getParams(), before), 'The options have changed.')
    },
  },
  {
    name: 'predict does not change learned values',
    async run(subject) {
      const { X, y } = checkProblem()
      const { estimator, answer } = await subject.fit(X, y)
      const before = collectLearned(estimator)
      await answer(X)
      const after = collectLearned(estimator)
      const changed = Object.keys({ ...before, ...after }).find((n) => before[n] !== after[n])
      promise(changed === undefined, `${changed} has changed.`)
    },
  },
  {
    name: 'fit does not change X, y or weights',
    async run(subject) {
      const { X, y } = checkProblem()
      const weights = new Float64Array(X.shape[0]!).fill(2)
      const { answer } = await subject.fit(X, y, { weights })
      await answer(X)
      const same = checkProblem()
      promise(String(valuesOf(X)) === String(valuesOf(same.X)), 'X has changed.')
      promise(String(valuesOf(y)) === String(valuesOf(same.y)), 'y has changed.')
      promise(
        weights.every((weight) => weight === 2),
        'The weights have changed.',
      )
    },
  },
  {
    name: 'fitting twice gives the same result as fitting once',
    async run(subject) {
      const { X, y } = checkProblem()
      const { estimator, answer } = await subject.fit(X, y)
      const once = await answer(X)
      await estimator.fit(X, subject.target(y))
      promiseClose(await answer(X), once, 0)
    },
  },
  {
    name: 'fit discards an earlier fit, also one with other columns',
    async run(subject) {
      const first = checkProblem(30, 5)
      const { X, y } = checkProblem(20, 2)
      const { estimator, answer } = await subject.fit(first.X, first.y)
      await estimator.fit(X, subject.target(y))
      promiseClose(await answer(X), await (await subject.fit(X, y)).answer(X), 0)
    },
  },
  {
    name: 'fit keeps no reference to X or y',
    async run(subject) {
      const { X, y } = checkProblem()
      const { answer } = await subject.fit(X, y)
      const probe = checkProblem(10).X
      const before = await answer(probe)
      X.toTypedArray().fill(0)
      y.toTypedArray().fill(0)
      promiseClose(await answer(probe), before, 0)
    },
  },
  {
    name: 'learned values can be restored into a clone',
    async run(subject) {
      const { X, y } = checkProblem()
      const { estimator, answer: ask } = await subject.fit(X, y)
      const heir = restore(clone(estimator), learnedState(estimator))
      promiseClose(await answer(heir, X), await ask(X), 0)
    },
  },
  {
    name: 'fitting on moments gives the same result as fitting on rows',
    isFor: ({ make }) => isMomentsEstimator(make()),
    async run(subject) {
      const { X, y } = checkProblem()
      const { answer: ask } = await subject.fit(X, y)
      const [moments] = await Moments.compute(X, y)
      const estimator = subject.make()
      promise(isMomentsEstimator(estimator), 'Expected fitMoments().')
      promise(estimator.fitMoments(moments!) === estimator, 'Expected fitMoments() to return it.')
      promiseClose(await answer(estimator, X), await ask(X), 1e-12)
    },
  },
  {
    name: 'one column is enough',
    async run(subject) {
      const { X, y } = checkProblem(20, 1)
      const { answer } = await subject.fit(X, y)
      promise(valuesOf(await answer(X)).every(Number.isFinite), 'Expected finite numbers.')
    },
  },
  {
    name: 'a single row is accepted or refused',
    async run(subject) {
      const X = array([[1, 2]])
      try {
        const { answer } = await subject.fit(X, array([3]))
        promise(valuesOf(await answer(X)).every(Number.isFinite), 'Expected finite numbers.')
      } catch (error) {
        // A classifier of several learners finds a single class before it counts rows.
        await promiseRefusal(() => Promise.reject(error), ['ERR_ROWS', 'ERR_OPTION', 'ERR_VALUE'])
      }
    },
  },
]

/** Compares options; estimators among them by their own options. */
function samePlain(a: Params, b: Params): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
