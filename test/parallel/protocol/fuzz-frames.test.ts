/** Frames of a worker, mutated anywhere: read, checked and decoded, or refused. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shared } from '../../../src/arrays/index.ts'
import { decode } from '../../../src/parallel/payload/decode.ts'
import { encode, encodeThrown } from '../../../src/parallel/payload/encode.ts'
import { requireFromWorker } from '../../../src/parallel/protocol/check-message.ts'
import { drawKey, FrameReader, writeFrame } from '../../../src/parallel/protocol/frames.ts'
import { failed, type Form, withPlaceholders } from '../../../src/parallel/protocol/messages.ts'

const runs = Number(process.env['ONECOPY_FUZZ_RUNS'] ?? 3000)
const seed = 20261129

/** Numbers in [0, limit), the same for the same seed. */
function numbers(start: number): (limit: number) => number {
  let state = start
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}

/** Bytes before the body of a frame: its length and the key. */
const prefixBytes = 12

const rules = { shareFromBytes: 1000, sameProcess: false }
const kept = shared([300], 'float64')
const values: unknown[] = [
  1.5,
  'text with \u00fcmlaut and \ud83d\ude80',
  [1, 3, 2n ** 70n, null, undefined],
  { a: { b: [new Date(0), /x/g] }, c: new Map([[1, new Set(['x'])]]) },
  [new Float64Array([1, 2]), new Uint8Array(5), new DataView(new ArrayBuffer(8))],
  kept,
  kept.reshape(30, 10),
]
const thrown = Object.assign(new RangeError('wrong', { cause: new Error('deeper') }), {
  code: 'E_X',
})

/** One message of each kind, as workers send them. */
function makeMessages(): unknown[] {
  const results = values.flatMap((value) => {
    const { value: encoded, hasPlaceholders } = encode(value, rules, () => 'a result')
    return [hasPlaceholders ? withPlaceholders : 0, encoded, 0.25]
  })
  const error = encodeThrown(thrown, rules).value
  return [
    ['ready', 4e9, undefined],
    ['initialized'],
    ['uninitialized', error],
    ['available'],
    ['outgrown', 123_456],
    ['uncaught', error],
    ['output', 1, 5, new Uint8Array([104, 105, 10])],
    ['results', 7, results, false, 1234.5],
    ['results', 65_535, [failed, error, 3], false, 1234.5],
    ...Array.from({ length: values.length }, (_, i) => [
      'results',
      i,
      results.slice(3 * i, 3 * i + 3),
      true,
      1,
    ]),
  ]
}

/** Changes, drops, doubles or moves bytes of the body, or its end; the prefix stays right in most cases. */
function mutate(frame: Buffer, other: Buffer, draw: (limit: number) => number): Buffer {
  let bytes = Buffer.from(frame)
  for (let change = draw(3); change >= 0; change--) {
    const at = prefixBytes + draw(Math.max(1, bytes.length - prefixBytes))
    const length = draw(8)
    const kind = draw(6)
    if (kind === 0) bytes[at] = draw(256)
    else if (kind === 1) bytes[at]! ^= 1 << draw(8)
    else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)])
    else if (kind === 3) bytes = Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)])
    else if (kind === 4)
      bytes = Buffer.concat([bytes.subarray(0, at), other.subarray(prefixBytes + draw(20))])
    else bytes.fill(0xff, Math.min(at, bytes.length), Math.min(at + length, bytes.length))
  }
  if (draw(20) === 0) bytes[draw(Math.min(prefixBytes, bytes.length))] = draw(256)
  else if (bytes.length > prefixBytes) bytes.writeUInt32LE(bytes.length - prefixBytes, 0)
  return bytes
}

/** What the pool does with a message: returns whether it could be used. */
function use(message: unknown): boolean {
  const checked = requireFromWorker(message)
  if (checked[0] === 'uncaught' || checked[0] === 'uninitialized') decode(checked[1])
  if (checked[0] !== 'results') return true
  for (let i = 0; i < checked[2].length; i += 3)
    if ((checked[2][i] as Form) !== 0) decode(checked[2][i + 1])
  return true
}

test(`${runs} mutated frames are used or refused by an error (seed ${seed})`, () => {
  const draw = numbers(seed)
  const key = drawKey()
  const frames = makeMessages().map((message) => writeFrame(message, key))
  for (const frame of frames) new FrameReader(key).read(frame, (message) => assert.ok(use(message)))
  let used = 0
  let refused = 0
  for (let run = 0; run < runs; run++) {
    const frame = frames[draw(frames.length)]!
    const bytes = mutate(frame, frames[draw(frames.length)]!, draw)
    const reader = new FrameReader(key)
    try {
      for (let from = 0; from < bytes.length;) {
        const part = bytes.subarray(from, (from += 1 + draw(bytes.length)))
        reader.read(part, (message) => {
          if (use(message)) used++
        })
      }
    } catch (error) {
      assert.ok(error instanceof Error, `run ${run}: ${String(error)}`)
      refused++
    }
  }
  assert.ok(used > runs / 50 && refused > runs / 50, `${used} used, ${refused} refused`)
  console.log(`${used} used, ${refused} refused`)
})
