/** When the event loop is kept from sleeping. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SpinWait, coldAnswers } from '../../../src/parallel/machine/spin-wait.ts'

/** Callbacks that keep the event loop turning. */
function countImmediates(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Immediate').length
}

test('the first answers are not waited for, since compiling that would cost more than it gains', () => {
  const spinWait = new SpinWait()
  const before = countImmediates()
  for (let i = 0; i < coldAnswers; i++) {
    spinWait.expect()
    spinWait.answer()
  }
  assert.equal(countImmediates(), before)
  spinWait.expect()
  assert.equal(countImmediates(), before + 1)
  spinWait.answer()
})
