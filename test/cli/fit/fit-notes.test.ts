/** Notes of `onecopy fit` about learners that did not converge. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withNotes } from '../../../src/cli/fit/fit-ensemble.ts'

test('only a model that columns keep from converging gets advice about columns', () => {
  const stopped = 'did not converge on all rows: it stopped after 200 iterations'
  const { notes } = withNotes({ notes: ['first'] } as never, [
    `Learner \`lasso\` ${stopped} with a duality gap of 1.0e-2, above its limit 1.0e-4. Raise maxIter, tol or alpha.`,
    `Learner \`network\` ${stopped} with a last fall of the loss of 1.5e-1, above its limit 1.0e-4. Raise maxIter, learningRate or tol, or scale the columns of \`X\`.`,
  ])
  assert.deepEqual(notes, [
    'first',
    `Learner \`lasso\` ${stopped} with a duality gap of 1.0e-2, above its limit 1.0e-4. Its predictions may be worse than they could be. ` +
      'Columns that nearly repeat others are the usual cause: leave them out with --without.',
    `Learner \`network\` ${stopped} with a last fall of the loss of 1.5e-1, above its limit 1.0e-4. Its predictions may be worse than they could be.`,
  ])
})
