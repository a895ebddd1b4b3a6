/** Private arrays in scratch memory, each byte once. */

import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  arange,
  encodeReference,
  type NDArray,
  openArray,
  saveArray,
  shared,
  zeros,
} from '../../../src/arrays/index.ts'
import { type Mapping, share, SharedCopies } from '../../../src/arrays/internal.ts'
import { temporaryFolder } from '../temporary-folder.ts'

/** Bytes of memory that scratch memory takes. */
function pagesOf(mapping: Mapping | undefined): number {
  return statSync(`/proc/self/fd/${mapping!.fd}`).blocks * 512
}

test('a shared copy has the values, shape and strides of the array', () => {
  const X = arange(0, 12).reshape(3, 4)
  for (const view of [
    X,
    X.transpose(),
    X.reversed(1),
    X.slice(1, [1, 3]),
    X.broadcastTo([2, 3, 4]),
  ]) {
    const copy = share(view)
    assert.deepEqual([copy.strides, copy.toArray()], [view.strides, view.toArray()])
    assert.equal(copy.mapping?.kind, 'scratch')
    assert.ok(encodeReference(copy))
    copy.data.fill(-1)
  }
  assert.deepEqual(X.toArray(), arange(0, 12).reshape(3, 4).toArray())
})

test('many views of one buffer cost one copy', () => {
  const X = zeros([1000, 100], 'float64')
  X.data.fill(1)
  const copies = new SharedCopies()
  const views = Array.from({ length: 10 }, (_, k) => copies.share(X.rows(k * 100, k * 100 + 100)))
  views.push(copies.share(X.transpose()), copies.share(X))
  assert.equal(new Set(views.map((view) => view.buffer)).size, 1)
  assert.ok(pagesOf(views[0]!.mapping) < 1.05 * X.nbytes)
  assert.ok(views.every((view) => view.get(0, 0) === 1))
})

test('a small view of a large buffer copies only its own part', () => {
  const X = zeros([1 << 20], 'float64')
  const part = share(X.rows(500_000, 501_000))
  assert.equal(part.size, 1000)
  assert.ok(pagesOf(part.mapping) < 64 << 10)
})

test('overlapping views in any order show their values', () => {
  const range = fc.tuple(fc.nat(300), fc.nat(300))
  fc.assert(
    fc.property(fc.array(range, { maxLength: 12 }), (ranges) => {
      const X = arange(0, 300)
      const copies = new SharedCopies()
      for (const [a, b] of ranges) {
        const view = X.rows(Math.min(a, b), Math.max(a, b))
        assert.deepEqual(copies.share(view).toArray(), view.toArray())
      }
    }),
    { seed: 5 },
  )
})

test('a part that was copied is not copied again: copies are snapshots', () => {
  const X = arange(0, 4)
  const copies = new SharedCopies()
  const before = copies.share(X)
  X.set(9, 0)
  assert.deepEqual(copies.share(X).toArray(), [0, 1, 2, 3])
  assert.deepEqual(before.toArray(), [0, 1, 2, 3])
  assert.deepEqual(share(X).toArray(), [9, 1, 2, 3], 'the next run sees the new values')
})

test('arrays of any dtype and any length of buffer are shared', () => {
  const odd: NDArray = zeros([13], 'uint8').rows(3)
  odd.set(5, 9)
  assert.deepEqual(share(odd).toArray(), odd.toArray())
  assert.deepEqual(share(zeros([0, 3], 'float64')).shape, [0, 3])
})

test('what workers can see already is not copied', async (t) => {
  const path = join(temporaryFolder(t), 'a.npy')
  await saveArray(path, arange(0, 3))
  const [scratch, file] = [shared([3], 'int8'), openArray(path)]
  assert.equal(share(scratch), scratch)
  assert.equal(share(file), file)
  file.set(7, 0)
  const copy = share(file)
  assert.equal(copy.mapping?.kind, 'scratch')
  assert.deepEqual(copy.toArray(), [7, 1, 2])
})

test('copies can lie in a folder', (t) => {
  const folder = temporaryFolder(t)
  const copy = share(arange(0, 3), { scratch: folder })
  assert.deepEqual(copy.toArray(), [0, 1, 2])
  assert.equal(statSync(`/proc/self/fd/${copy.mapping!.fd}`).dev, statSync(folder).dev)
})
