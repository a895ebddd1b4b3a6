/** What comes for a task settles it once, whatever is wrong with it. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Collector } from '../../src/parallel/collector.ts'
import { Shipments } from '../../src/parallel/functions/shipments.ts'
import { delayed } from '../../src/parallel/index.ts'
import { Loans } from '../../src/parallel/payload/loans.ts'
import { Parcel } from '../../src/parallel/payload/parcel.ts'
import { Run } from '../../src/parallel/run.ts'
import { completeRunDefaults } from '../../src/parallel/run-options.ts'
import { square } from '../fixtures/tasks/plain.ts'

class SpoiltParcel extends Parcel {
  override take(): never {
    throw new RangeError('no room for another map')
  }
}

test('a result that can not be opened is one failure, and ends no run before its last task', async () => {
  const rules = { maxBytes: null, sameProcess: true }
  const loans = new Loans()
  const shipments = new Shipments(rules, loans, 'auto', () => {})
  const owner = { size: 1, dispatchMs: 0, rules, loans, shipments, onRoom() {}, onClose() {} }
  const settings = { ...completeRunDefaults({}), collects: true }
  const collector = new Collector()
  const run = new Run([delayed(square)(1), delayed(square)(2)], collector, owner, settings)
  const [first, second] = [run.take()!, run.take()!]
  let reason: unknown
  try {
    run.succeed(first, new SpoiltParcel(1, []))
  } catch (error) {
    reason = error
    run.fail(first, error)
  }
  assert.ok(reason instanceof RangeError)
  assert.equal(run.isClosed, false)
  run.succeed(second, 4)
  assert.deepEqual(await collector.promise, [
    { status: 'rejected', index: 0, reason },
    { status: 'fulfilled', index: 1, value: 4 },
  ])
  assert.equal(run.done, 2)
})
