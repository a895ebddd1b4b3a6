/** Options of a fit, completed by what was read. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requireOneClass } from '../../../src/cli/fit/settle-request.ts'
import { UsageError } from '../../../src/cli/output/failure.ts'

const settings = { folds: 5, seed: 0, workers: 1, backend: 'serial' } as const

test('a scorer of one class needs classes of which one is that', () => {
  const check = (scorer: string, classes: (string | number)[], ofFile = false): void => {
    const described = ofFile
      ? { file: 'mine.json', ensemble: { layers: [], scorer } as never }
      : undefined
    requireOneClass({ scorer, described }, { ...settings, scorer }, classes)
  }
  for (const classes of [[], [0, 1], [-1, 1]]) check('f1', classes)
  for (const scorer of ['f1Macro', 'accuracy', 'rocAuc']) check(scorer, ['a', 'b'])
  assert.throws(() => check('f1', ['ham', 'spam']), {
    constructor: UsageError,
    message:
      "Expected --scorer to be a measure of all classes, got f1, which scores the class 1 of 0 and 1, for 'ham', 'spam'. " +
      'Use f1Macro, the mean over classes, f1Weighted or f1Micro.',
  })
  assert.throws(() => check('recall', [1, 2, 3, 4], true), {
    message: /^Expected scorer of mine\.json to be .*, for '1', '2', '3', …\. Use recallMacro,/,
  })
})
