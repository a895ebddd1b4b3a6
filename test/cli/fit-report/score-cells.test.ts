/** Words for scores, splits and ensembles. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  combinerText,
  foldsText,
  scoreHeading,
  scoreInText,
  spreadOf,
} from '../../../src/cli/fit-report/score-cells.ts'

test('a single split is no fold and has no spread', () => {
  assert.deepEqual([foldsText(1), foldsText(5)], ['one split', '5 folds'])
  assert.equal(spreadOf({ spread: 0, folds: [3] }), null)
  assert.equal(spreadOf({ spread: 0.5, folds: [3, 4] }), 0.5)
})

test('names of measures stand in sentences in small letters, abbreviations as they are', () => {
  const scorers = ['rmse', 'r2', 'accuracy', 'logLoss', 'rocAuc']
  assert.deepEqual(scorers.map(scoreHeading), ['RMSE', 'R²', 'Accuracy', 'Log loss', 'rocAuc'])
  assert.deepEqual(scorers.map(scoreInText), ['RMSE', 'R²', 'accuracy', 'log loss', 'rocAuc'])
})

test('what combines an ensemble is said in words', () => {
  assert.equal(combinerText('greedy-selection'), 'all learners, combined by greedy selection')
  assert.equal(combinerText('ridge'), 'all learners, combined by a ridge regression')
  assert.equal(combinerText('svr'), 'all learners, combined by svr')
  assert.equal(combinerText('best-learner'), 'the learner with the best score')
})
