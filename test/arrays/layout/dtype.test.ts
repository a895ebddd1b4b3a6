/** Element types. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dtypes, itemSize } from '../../../src/arrays/index.ts'
import { dtypeOf, requireDType } from '../../../src/arrays/internal.ts'
import { refusal } from '../refusal.ts'

test('each dtype has its size and its typed array', () => {
  assert.deepEqual(dtypes.map(itemSize), [1, 1, 2, 4, 8, 1, 2, 4, 8, 4, 8])
  assert.equal(dtypeOf(new Uint8Array(1)), 'uint8')
  assert.equal(dtypeOf(Buffer.alloc(1)), 'uint8')
  assert.equal(dtypeOf(new BigUint64Array(1)), 'uint64')
})

test('anything else is refused', () => {
  assert.throws(() => requireDType('toString'), refusal('ERR_DTYPE', "got 'toString'"))
  assert.throws(() => requireDType(undefined), refusal('ERR_DTYPE'))
  assert.throws(() => dtypeOf([1]), TypeError)
})
