/** LZ4 frames, as the lz4 command 1.9.4 writes them, and damaged ones. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { decodeLz4Frame, Lz4Error } from '../../../src/tables/arrow/lz4-frame.ts'
import { randomRuns } from '../../random-runs.ts'

/** 200 numbers of 8 bytes: 1000003 * (i % 7). */
const plain = new Uint8Array(
  BigInt64Array.from({ length: 200 }, (_, i) => BigInt(1_000_003 * (i % 7))).buffer,
)

const frames = {
  'lz4 -1':
    'BCJNGGRApzoAAAATAAEAMUNCDwoAMYaEHggAMcnGLQgAMQwJPQgAMU9LTAgAMZKNWwgABAIADzgA///////tUAAAAAAAAAAAAFYZDnQ=',
  'lz4 -9 -BI --content-size -BX':
    'BCJNGHxAQAYAAAAAAADONwAAABMAAQAxQ0IPCAAxhoQeCAAxycYtCAAxDAk9CAAxT0tMCAA0ko1bMwAPOAD///////JQAAAAAABi8EsOAAAAAFYZDnQ=',
  'lz4 -1 --no-frame-crc':
    'BCJNGGBAgjoAAAATAAEAMUNCDwoAMYaEHggAMcnGLQgAMQwJPQgAMU9LTAgAMZKNWwgABAIADzgA///////tUAAAAAAAAAAAAA==',
}

for (const [name, base64] of Object.entries(frames)) {
  const frame = new Uint8Array(Buffer.from(base64, 'base64'))

  test(`what ${name} wrote is decoded`, () => {
    const target = new Uint8Array(plain.length)
    decodeLz4Frame(frame, target)
    assert.deepEqual(target, plain)
  })

  test(`${name}: a frame of another length is refused`, () => {
    for (const length of [0, 1, plain.length - 1, plain.length + 1, 2 * plain.length])
      assert.throws(() => decodeLz4Frame(frame, new Uint8Array(length)), Lz4Error)
  })

  test(`${name}: a frame that is cut off anywhere before its checksum is refused`, () => {
    // The last 8 bytes are the end mark and a checksum, which is not compared.
    for (let end = 0; end < frame.length - 8; end++)
      assert.throws(
        () => decodeLz4Frame(frame.subarray(0, end), new Uint8Array(plain.length)),
        Lz4Error,
      )
  })

  test(`${name}: damaged bytes give other bytes or an error, and nothing outside`, () => {
    fc.assert(
      fc.property(fc.nat(frame.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const damaged = frame.slice()
        damaged[at] = byte
        const room = new Uint8Array(plain.length + 64).fill(170)
        const target = room.subarray(32, 32 + plain.length)
        try {
          decodeLz4Frame(damaged, target)
        } catch (error) {
          assert.ok(error instanceof Lz4Error)
        }
        const outside = [...room.subarray(0, 32), ...room.subarray(32 + plain.length)]
        assert.ok(outside.every((one) => one === 170))
      }),
      { numRuns: randomRuns(500, 20_000), seed: 1 },
    )
  })
}

test('stored blocks are copied', () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => (i * 37) % 251)
  const length = Uint8Array.of(300 & 255, 300 >> 8, 0, 128)
  const frame = Uint8Array.of(4, 34, 77, 24, 96, 64, 130, ...length, ...bytes, 0, 0, 0, 0)
  const target = new Uint8Array(300)
  decodeLz4Frame(frame, target)
  assert.deepEqual(target, bytes)
})
