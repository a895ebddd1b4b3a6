/** Batches: requests that come together are predicted together, in bounds. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import * as fc from 'fast-check'
import { Batcher } from '../../../src/serve/batches/batcher.ts'
import { ServedModel } from '../../../src/serve/model/served-model.ts'
import type { FeatureRows } from '../../../src/serve/model/feature-rows.ts'
import { SlowModel } from '../models.ts'

const limits = { maxQueue: 10_000, timeoutMs: 60_000, parallel: 2 }

const rowsOf = (values: readonly number[]): FeatureRows => ({
  kind: 'matrix',
  count: values.length,
  width: 1,
  values: Float64Array.from(values),
})

async function slowModel(): Promise<[SlowModel, ServedModel]> {
  const slow = new SlowModel().open()
  const served = await ServedModel.of('slow', slow)
  slow.isOpen = false
  slow.batches.length = 0
  return [slow, served]
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let turns = 0; !isTrue(); turns++) {
    assert.ok(turns < 100_000, 'waited too long')
    await turn()
  }
}

test('a request alone is predicted at once, those that come meanwhile together', async (t) => {
  const [slow, model] = await slowModel()
  const batcher = new Batcher(limits)
  t.after(() => batcher.close())
  const first = batcher.predict(model, rowsOf([1]), ['predict'])
  await until(() => slow.batches.length === 1)
  const others = [2, 3, 4].map((value) => batcher.predict(model, rowsOf([value]), ['predict']))
  await turn()
  assert.equal(batcher.length, 3)
  slow.release()
  await first
  await until(() => slow.batches.length === 2)
  slow.open()
  assert.deepEqual(
    (await Promise.all(others)).map(({ predict }) => [...predict!.values]),
    [[2], [3], [4]],
  )
  assert.deepEqual(slow.batches, [1, 3])
})

test('a large request does not hold up small ones', async (t) => {
  const [slow, model] = await slowModel()
  const batcher = new Batcher(limits)
  t.after(() => batcher.close())
  const large = batcher.predict(model, rowsOf(Array.from({ length: 600 }, () => 1)), ['predict'])
  const small = batcher.predict(model, rowsOf([2]), ['predict'])
  await until(() => slow.batches.length === 2)
  assert.deepEqual(
    slow.batches.toSorted((a, b) => a - b),
    [1, 600],
  )
  slow.open()
  await Promise.all([large, small])
})

test('a row that fails harms only its own request', async (t) => {
  const [slow, model] = await slowModel()
  const batcher = new Batcher(limits)
  t.after(() => batcher.close())
  const answers = [1, 666, 3].map((value) => batcher.predict(model, rowsOf([value]), ['predict']))
  const settled = Promise.allSettled(answers)
  await until(() => slow.batches.length === 1)
  slow.open()
  assert.deepEqual(
    (await settled).map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
})

test('a full queue refuses with 429, and a slow model with 503', async (t) => {
  const [slow, model] = await slowModel()
  const batcher = new Batcher({ maxQueue: 2, timeoutMs: 40, parallel: 1 })
  t.after(() => batcher.close())
  const first = batcher.predict(model, rowsOf([1]), ['predict'])
  await until(() => slow.batches.length === 1)
  const waiting = [2, 3].map((value) => batcher.predict(model, rowsOf([value]), ['predict']))
  await assert.rejects(batcher.predict(model, rowsOf([4]), ['predict']), {
    statusCode: 429,
    message: '2 requests are waiting, at most 2 may. Try again later.',
    headers: { 'retry-after': '1' },
  })
  for (const answer of [first, ...waiting])
    await assert.rejects(answer, {
      statusCode: 503,
      message:
        'The prediction was not ready after 0.04 s, the time limit of this server. Try again later, or send fewer rows.',
    })
  slow.open()
  await batcher.whenIdle()
  assert.equal(batcher.length, 0)
  assert.deepEqual(slow.batches, [1])
})

test('each request gets its own rows, whatever comes together', async () => {
  const [slow, model] = await slowModel()
  slow.open()
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 700 }), fc.boolean(), fc.boolean()), {
        maxLength: 25,
      }),
      async (requests) => {
        const batcher = new Batcher(limits)
        let next = 1000
        const answers: Promise<void>[] = []
        for (const [count, isBad, waits] of requests) {
          const values = Array.from({ length: count }, () => next++)
          if (isBad && count > 0) values[count - 1] = 666
          const answer = batcher.predict(model, rowsOf(values), ['predict'])
          answers.push(
            isBad && count > 0
              ? assert.rejects(answer, /secret/)
              : answer.then(({ predict }) => assert.deepEqual([...predict!.values], values)),
          )
          if (waits) await turn()
        }
        await Promise.all(answers)
        await batcher.whenIdle()
        batcher.close()
      },
    ),
    { numRuns: 60, seed: 12 },
  )
})
