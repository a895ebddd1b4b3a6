/** Signals and listeners of fits: wrong ones are refused by name, async ones don't end the process. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import {
  AutoEnsemble,
  benchmark,
  crossValidate,
  crossValPredict,
  Evaluator,
  learningCurve,
  Ridge,
  SuperLearner,
} from '../../../src/learn/index.ts'

const X = Array.from({ length: 40 }, (_, i) => [i, (i * i) % 7])
const y = Array.from({ length: 40 }, (_, i) => Math.sin(i))

/** Everything that takes `signal` and `onProgress`. */
const fits: Readonly<Record<string, (watch: object) => Promise<unknown>>> = {
  SuperLearner: (watch) => new SuperLearner({ folds: 2 }).add(new Ridge()).fit(X, y, watch),
  AutoEnsemble: (watch) =>
    new AutoEnsemble({ learners: { ridge: new Ridge() }, folds: 2 }).fit(X, y, watch),
  Evaluator: (watch) => new Evaluator({ folds: 2 }).add(new Ridge()).fit(X, y, watch),
  crossValidate: (watch) => crossValidate(new Ridge(), X, y, { folds: 2, ...watch }),
  crossValPredict: (watch) => crossValPredict(new Ridge(), X, y, { folds: 2, ...watch }),
  learningCurve: (watch) => learningCurve(new Ridge(), X, y, { folds: 2, ...watch }),
  benchmark: (watch) => benchmark(new Ridge(), X, y, { folds: 2, ...watch }),
}

for (const [name, fit] of Object.entries(fits)) {
  test(`${name} refuses what is no signal and no function`, async () => {
    for (const signal of [null, 3, { aborted: false }])
      await assert.rejects(fit({ signal }), {
        name: 'TypeError',
        message: /^Expected `signal` to be an AbortSignal, got /,
      })
    for (const onProgress of [null, 3, 'log'])
      await assert.rejects(fit({ onProgress }), {
        name: 'TypeError',
        message: /^Expected `onProgress` to be a function, got /,
      })
  })

  test(`${name} fails with what its listener throws, and warns of what it rejects with`, async () => {
    const own = new Error('mine')
    const onProgress = (): void => {
      throw own
    }
    await assert.rejects(fit({ onProgress }), (error) => error === own)
    const warned = once(process, 'warning')
    await fit({ onProgress: () => Promise.reject(own) })
    const [warning] = (await warned) as [Error & { code?: string }]
    assert.equal(warning.code, 'ONECOPY_PROGRESS_FAILED')
    assert.match(warning.message, /onProgress of a fit rejected: Error: mine\./)
  })
}
