/** Scratch memory is used again when, and only when, nobody sees it any more. */

import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { mock, test } from 'node:test'
import * as fc from 'fast-check'
import {
  arange,
  decodeReference,
  encodeReference,
  type NDArray,
  receiveReference,
  shared,
  zeros,
} from '../../src/arrays/index.ts'
import { bytesOf, holdMapping, Snapshot } from '../../src/arrays/internal.ts'
import { native } from '../../src/native/index.ts'
import { refusal } from './refusal.ts'
import { startReceiver } from './receiver.ts'

/** Bytes of a segment, each test's own, so that none finds what another left. */
let lastLength = 1 << 20
const someLength = (): number => (lastLength += 4096)

const isLinux = process.platform === 'linux'

// What lies unused is freed after 400 ms, which a busy machine needs to end a process; here only by hand.
mock.timers.enable({ apis: ['setInterval'] })

/** A snapshot of bytes that are all `value`. */
function snapshotOf(length: number, value: number): { snapshot: Snapshot; array: NDArray } {
  const { buffer } = new Uint8Array(length).fill(value)
  const snapshot = new Snapshot(buffer)
  snapshot.copy(buffer, [0, length])
  return {
    snapshot,
    array: decodeReference(snapshot.refer(arange(0, 1, { dtype: 'uint8' }), 'given')),
  }
}

test('memory that was left serves the next array, as zeros', { skip: !isLinux }, () => {
  const length = someLength()
  const { buffer } = new Uint8Array(length).fill(7)
  const snapshot = new Snapshot(buffer)
  snapshot.copy(buffer, [0, length])
  snapshot.release()
  const next = shared([length], 'uint8')
  assert.equal(next.mapping!.identity, snapshot.identity)
  assert.ok(next.data.every((x) => x === 0))
})

test('memory that somebody in this process sees is not used again', () => {
  const length = someLength()
  const { snapshot, array } = snapshotOf(length, 7)
  snapshot.release()
  const next = shared([length], 'uint8')
  assert.notEqual(next.mapping!.identity, snapshot.identity)
  assert.equal(array.get(0), 7)
})

for (const copyOnWrite of [false, true]) {
  test(
    `memory that another process has open is not used again (${copyOnWrite ? 'private' : 'shared'} map)`,
    { skip: !isLinux },
    async (t) => {
      const tell = startReceiver(t, 'process')
      const length = someLength()
      const { buffer } = new Uint8Array(length).fill(7)
      const snapshot = new Snapshot(buffer)
      snapshot.copy(buffer, [0, length])
      const bytes = arange(0, 3, { dtype: 'uint8' })
      const reference = snapshot.refer(bytes, copyOnWrite ? 'shared' : 'given')
      assert.deepEqual((await tell({ reference })).values, [7, 7, 7])
      snapshot.release()
      const next = shared([length], 'uint8')
      assert.notEqual(next.mapping!.identity, snapshot.identity)
      next.data.fill(9)
      await assert.rejects(tell({ end: true })) // the process has gone, and its hold with it
      const later = shared([length], 'uint8')
      assert.equal(later.mapping!.identity, snapshot.identity)
      assert.equal(next.get(0), 9, 'the other one lives until here, so that it is not left, too')
    },
  )
}

test('what nobody uses is freed after a while', { skip: !isLinux }, () => {
  const length = someLength()
  const { buffer } = new Uint8Array(length)
  const snapshot = new Snapshot(buffer)
  const [, inode] = snapshot.identity.split(':')
  const isMapped = (): boolean => readFileSync('/proc/self/maps', 'latin1').includes(` ${inode} `)
  snapshot.release()
  assert.ok(isMapped())
  native.trimScratch(0)
  assert.ok(!isMapped())
})

test('a snapshot copies what is asked for, once, and knows what has changed', () => {
  const range = fc
    .tuple(fc.nat(64), fc.nat(64))
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
  fc.assert(
    fc.property(fc.array(range, { maxLength: 8 }), fc.nat(63), range, (ranges, at, asked) => {
      const bytes = Uint8Array.from({ length: 64 }, (_, i) => i + 1)
      const snapshot = new Snapshot(bytes.buffer)
      for (const each of ranges) snapshot.copy(bytes.buffer, each)
      bytes[at] = 0
      const isCopied = ranges.some(([start, stop]) => at >= start && at < stop)
      const isAsked = at >= asked[0] && at < asked[1]
      assert.equal(snapshot.isCurrent(bytes.buffer, asked), !(isCopied && isAsked))
      for (const each of ranges) snapshot.copy(bytes.buffer, each) // nothing is copied again
      assert.equal(snapshot.isCurrent(bytes.buffer, [0, 64]), !isCopied)
      snapshot.release()
    }),
    { seed: 4 },
  )
})

test('views of one buffer share one copy, with their shapes and strides', () => {
  const X = arange(0, 300)
  const snapshot = new Snapshot(X.buffer)
  const range = fc.tuple(fc.nat(299), fc.nat(299), fc.boolean())
  fc.assert(
    fc.property(range, ([a, b, isReversed]) => {
      const part = X.rows(Math.min(a, b), Math.max(a, b) + 1)
      const view = isReversed ? part.reversed() : part
      snapshot.copy(X.buffer, bytesOf(view))
      const copy = decodeReference(snapshot.refer(view, 'given'))
      assert.deepEqual([copy.strides, copy.toArray()], [view.strides, view.toArray()])
      assert.equal(copy.mapping!.identity, snapshot.identity)
    }),
    { seed: 5 },
  )
  const matrix = X.reshape(30, 10).transpose()
  const copy = decodeReference(snapshot.refer(matrix, 'given'))
  assert.deepEqual([copy.strides, copy.toArray()], [matrix.strides, matrix.toArray()])
})

test('a small view of a large buffer copies only its own part', { skip: !isLinux }, () => {
  const X = zeros([1 << 20], 'float64')
  const snapshot = new Snapshot(X.buffer)
  const view = X.rows(500_000, 501_000)
  snapshot.copy(X.buffer, bytesOf(view))
  const { mapping } = decodeReference(snapshot.refer(view, 'given'))
  assert.ok(statSync(`/proc/self/fd/${mapping!.fd}`).blocks * 512 < 64 << 10)
})

test('memory that was received outlives its sender', { skip: !isLinux }, async (t) => {
  const tell = startReceiver(t, 'process')
  const { reference } = await tell({ make: 5 })
  const received = receiveReference({ ...reference!, given: true })
  await assert.rejects(tell({ end: true }))
  const array = decodeReference(received.reference)
  received.hold.release()
  received.hold.release()
  assert.deepEqual(array.toArray(), [5])
  assert.throws(() => receiveReference(reference!), refusal('ERR_REFERENCE'))
})

test('a hold keeps memory without any array of it', () => {
  const { hold, reference } = (() => {
    const array = shared([2], 'float64')
    array.set(3, 1)
    return { hold: holdMapping(array.mapping!), reference: encodeReference(array)! }
  })()
  globalThis.gc?.()
  assert.deepEqual(decodeReference(reference).toArray(), [0, 3])
  hold.release()
})

test(
  'who gives memory back reads zeros of its own, and its maker uses the pages',
  { skip: !isLinux },
  async (t) => {
    const tell = startReceiver(t, 'process')
    const X = shared([someLength() / 8], 'float64')
    X.set(5, 0)
    const reference = { ...encodeReference(X)!, given: true }
    assert.equal(((await tell({ reference, dispose: true })).values as number[])[0], 0)
    assert.equal(X.get(0), 5, 'its maker still has it')
  },
)
