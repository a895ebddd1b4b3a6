/** References show the same bytes in every thread and process. */

import assert from 'node:assert/strict'
import { renameSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  arange,
  array,
  type ArrayReference,
  decodeReference,
  encodeReference,
  isSenderGone,
  type NDArray,
  openArray,
  type ReferenceOptions,
  saveArray,
  shared,
} from '../../../src/arrays/index.ts'
import { type MappingReference } from '../../../src/arrays/internal.ts'
import { startReceiver } from '../receiver.ts'
import { refusal } from '../refusal.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { share } from '../share.ts'

function refer(array: NDArray, options?: ReferenceOptions): ArrayReference {
  const reference = encodeReference(array, options)
  assert.ok(reference)
  return reference
}

test('private memory has no reference', () => {
  assert.equal(encodeReference(arange(0, 3)), undefined)
})

test('a reference is plain data that survives JSON', () => {
  const X = shared([4, 3], 'float64')
  const view = X.transpose().reversed(1)
  view.set(5, 2, 0)
  const reference = JSON.parse(JSON.stringify(refer(view))) as ArrayReference
  const back = decodeReference(reference)
  assert.deepEqual(back.strides, [1, -3])
  assert.equal(back.buffer, X.buffer, 'one buffer a thread')
  assert.deepEqual(back.toArray(), view.toArray())
})

for (const kind of ['thread', 'process'] as const) {
  const sameProcess = kind === 'thread'

  test(`a ${kind} sees scratch memory and its writes are seen`, async (t) => {
    const tell = startReceiver(t, kind)
    const X = shared([3, 2], 'float64')
    X.set(1, 2, 1)
    const reference = refer(X.column(1), { sameProcess })
    const answer = await tell({ reference, write: [7, 0] })
    assert.deepEqual(answer.values, [7, 0, 1])
    assert.equal(X.get(0, 1), 7)
    X.set(8, 1, 1)
    assert.deepEqual((await tell({ reference })).values, [7, 8, 1])
    assert.equal(answer.isShared, X.buffer instanceof SharedArrayBuffer)
  })

  test(`a ${kind} sees a file opened in either mode`, async (t) => {
    const tell = startReceiver(t, kind)
    const path = join(temporaryFolder(t), 'a.npy')
    await saveArray(path, array([1, 2, 3]))
    const live = openArray(path, { mode: 'r+' })
    const answer = await tell({ reference: refer(live, { sameProcess }), write: [9, 0] })
    assert.deepEqual(answer.values, [9, 2, 3])
    assert.deepEqual(openArray(path).toArray(), [9, 2, 3])
    const again = openArray(path)
    const still = await tell({ reference: refer(again, { sameProcess }) })
    assert.deepEqual(still.values, again.toArray())
  })

  test(`what a ${kind} makes outlives it here`, async (t) => {
    const tell = startReceiver(t, kind)
    const { reference } = await tell({ make: 6 })
    assert.deepEqual(decodeReference(reference!).toArray(), [6])
  })

  test(`a copy-on-write reference keeps the writes of a ${kind} to itself`, async (t) => {
    const tell = startReceiver(t, kind)
    const X = share(array([1, 2, 3]))
    const reference = refer(X, { sameProcess, copyOnWrite: true })
    assert.deepEqual((await tell({ reference, write: [9, 0] })).values, [9, 2, 3])
    assert.deepEqual(X.toArray(), [1, 2, 3])
    const again = await tell({ reference, dispose: true })
    assert.deepEqual(again.values, [1, 2, 3], 'the next one sees what the sender sees')
    assert.deepEqual(X.toArray(), [1, 2, 3], 'and cannot free the pages of the sender')
  })

  test(`two of kind ${kind} write to one copy-on-write file, each for itself`, async (t) => {
    const [first, second] = [startReceiver(t, kind), startReceiver(t, kind)]
    const path = join(temporaryFolder(t), 'a.npy')
    await saveArray(path, array([1, 2, 3]))
    const X = openArray(path)
    const reference = refer(X, { sameProcess, copyOnWrite: true })
    assert.deepEqual((await first({ reference, write: [8, 0] })).values, [8, 2, 3])
    assert.deepEqual((await second({ reference, write: [9, 2] })).values, [1, 2, 9])
    assert.deepEqual(X.toArray(), [1, 2, 3])
  })

  test(`a ${kind} frees nothing when it disposes what it was only lent`, async (t) => {
    const tell = startReceiver(t, kind)
    const X = shared([2], 'float64')
    X.set(5, 0)
    await tell({ reference: refer(X, { sameProcess }), dispose: true })
    assert.deepEqual(X.toArray(), [5, 0])
    const reference = refer(X, { sameProcess })
    X[Symbol.dispose]()
    assert.throws(() => refer(X, { sameProcess }), refusal('ERR_DETACHED'))
    const late = await tell({ reference })
    // Another process can't know that the memory was freed before.
    if (kind === 'thread') assert.equal(late.error?.code, 'ERR_REFERENCE')
    else assert.deepEqual(late.values, [0, 0])
  })

  test(`a ${kind} can refer on to what it got`, async (t) => {
    const [first, second] = [startReceiver(t, kind), startReceiver(t, kind)]
    const X = shared([2], 'float64')
    const { reference } = await first({ reference: refer(X, { sameProcess }), sendBack: true })
    assert.equal(decodeReference(reference!).buffer, X.buffer, 'home again')
    await second({ reference: reference!, write: [3, 1] })
    assert.deepEqual(X.toArray(), [0, 3])
    assert.deepEqual(decodeReference(reference!).toArray(), [0, 3])
  })
}

test('private writes to a file are never lost on the way to a process', async (t) => {
  const path = join(temporaryFolder(t), 'a.npy')
  await saveArray(path, arange(0, 4096))
  const X = openArray(path)
  assert.ok(encodeReference(X), 'clean')
  X.set(-1, 4095)
  assert.equal(encodeReference(X), undefined)
  assert.ok(encodeReference(X.rows(0, 512)), 'other pages than the written one are clean')
  assert.equal(encodeReference(X.rows(4000)), undefined)
  const seen = decodeReference(refer(X, { sameProcess: true }))
  assert.equal(seen.buffer, X.buffer)
  const tell = startReceiver(t, 'process')
  const copy = share(X.rows(4094))
  const { values } = await tell({ reference: refer(copy, { copyOnWrite: true }) })
  assert.deepEqual(values, copy.toArray())
  assert.deepEqual(values, [4094, -1])
})

test('a private write by a process is never seen through the next reference', async (t) => {
  const path = join(temporaryFolder(t), 'a.npy')
  await saveArray(path, array([1, 2, 3]))
  const tell = startReceiver(t, 'process')
  const reference = refer(openArray(path))
  assert.deepEqual((await tell({ reference, write: [9, 1] })).values, [1, 9, 3])
  assert.deepEqual((await tell({ reference })).values, [1, 2, 3])
})

test('a file that was replaced, cut or removed is refused by name', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'a.npy')
  const other = join(folder, 'b.npy')
  await saveArray(path, array([1, 2, 3]))
  await saveArray(other, array([4, 5, 6]))
  const tell = startReceiver(t, 'process')
  const reference = refer(openArray(path))
  renameSync(other, path)
  const replaced = await tell({ reference })
  assert.equal(replaced.error?.code, 'ERR_REFERENCE')
  assert.match(replaced.error.message, /a\.npy was replaced or resized after it was opened/)
  const cut = refer(openArray(path))
  truncateSync(path, 140)
  assert.match((await tell({ reference: cut })).error?.message ?? '', /replaced or resized/)
  rmSync(path)
  assert.match((await tell({ reference: cut })).error?.message ?? '', /Could not open .*a\.npy/)
})

test('a reference whose sender is gone is refused', async (t) => {
  const tell = startReceiver(t, 'process')
  const kept = shared([1], 'float64')
  const { mapping, ...place } = refer(kept)
  const missing = { ...mapping, process: 'gone', path: '/proc/999999999/fd/3' }
  assert.throws(
    () => decodeReference({ ...place, mapping: missing }),
    refusal('ERR_REFERENCE', 'The sender of this array has ended'),
  )
  const isGone = (mapping: MappingReference): boolean => {
    try {
      decodeReference({ ...place, mapping })
      throw new Error('it was opened')
    } catch (error) {
      return isSenderGone(error)
    }
  }
  assert.ok(isGone(missing))
  // That it can't be opened here, as with too many files, says nothing of the sender.
  const closed = { ...missing, path: '/dev/null/3' }
  assert.equal(isGone(closed), false)
  assert.throws(
    () => decodeReference({ ...place, mapping: closed }),
    refusal('ERR_REFERENCE', 'Could not open the memory of an array that was sent'),
  )
  // The number of a descriptor may be taken by another file meanwhile.
  const taken = { ...mapping, identity: '1:2:3' }
  const answer = await tell({ reference: { ...place, mapping: taken } })
  assert.match(answer.error?.message ?? '', /Its sender must keep it until it has been received/)
  const never = { ...mapping, id: 2 ** 40 }
  assert.throws(
    () => decodeReference({ ...place, mapping: never }),
    refusal('ERR_REFERENCE', 'must keep it until it has been received'),
  )
  assert.equal(kept.size, 1, 'the array lives until here, so that its descriptor does')
})
