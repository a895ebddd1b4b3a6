/** When a thread waits for answers without sleeping. */

import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { SpinWait } from '../../../src/parallel/machine/spin-wait.ts'

test('messages are looked for until the answer is there, outside the context of whoever waits', async () => {
  const contexts: unknown[] = []
  const context = new AsyncLocalStorage<string>()
  const spinWait = new SpinWait(() => {
    contexts.push(context.getStore())
    spinWait.answer()
  })
  context.run('a task', () => spinWait.expect())
  assert.deepEqual(contexts, [], 'not at once: the caller goes on first')
  await nextTurn()
  await nextTurn()
  assert.deepEqual(contexts, [undefined])
})

test('a message that is an answer and a question is waited for again', async ({ mock }) => {
  mock.method(performance, 'now', () => 0) // answers that are late, as on a busy machine, are not waited for
  let answers = 0
  const spinWait = new SpinWait(() => {
    answers++
    spinWait.answer()
    if (answers < 5) spinWait.expect()
  })
  spinWait.expect()
  for (let turn = 0; turn < 10; turn++) await nextTurn()
  assert.equal(answers, 5)
})

test('waiting goes on after a message whose handler has thrown', async () => {
  let isBroken = true
  let looks = 0
  const spinWait = new SpinWait(() => {
    looks++
    if (!isBroken) return spinWait.answer()
    isBroken = false
    throw new Error('broken')
  })
  const failed = new Promise((resolve) => process.setUncaughtExceptionCaptureCallback(resolve))
  spinWait.expect()
  assert.match(String(await failed), /broken/)
  process.setUncaughtExceptionCaptureCallback(null)
  spinWait.expect()
  await nextTurn()
  await nextTurn()
  assert.equal(looks, 2)
})
