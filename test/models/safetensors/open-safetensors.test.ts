/** Opening .safetensors files: the reference's own test bytes, the list of attacks, and types. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { openSafetensors, type OpenedTensors } from '../../../src/models/index.ts'
import { refusal } from '../../arrays/refusal.ts'
import { temporaryFolder } from '../../arrays/temporary-folder.ts'

type Header = Record<string, unknown>

/** A file as a naive writer makes it: no padding, no order. */
function tensorFile(header: Header | string | Buffer, data: Buffer | number = 0): Buffer {
  const text =
    header instanceof Buffer
      ? header
      : Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  return Buffer.concat([length, text, typeof data === 'number' ? Buffer.alloc(data) : data])
}

function open(t: TestContext, bytes: Buffer, names?: string[]): Promise<OpenedTensors> {
  const path = join(temporaryFolder(t), 'x.safetensors')
  writeFileSync(path, bytes)
  return openSafetensors(path, names && { names })
}

const tensor = (dtype: string, shape: number[], data_offsets: number[]): Header => ({
  dtype,
  shape,
  data_offsets,
})
const refuses = (what: string, bytes: Buffer, words: string | RegExp): void =>
  void test(`${what} is refused`, async (t) => {
    await assert.rejects(open(t, bytes), refusal('ERR_FORMAT', words))
  })

test('copies of many tensors take few maps of the system', async (t) => {
  const header = Object.fromEntries(
    Array.from({ length: 2000 }, (_, i) => [`t${i}`, tensor('BF16', [1], [2 * i, 2 * i + 2])]),
  )
  const data = Buffer.from(Uint16Array.from({ length: 2000 }, (_, i) => i).buffer)
  const { arrays } = await open(t, tensorFile(header, data))
  const found = Object.values(arrays)
  const bits = new Float32Array(1)
  for (const [i, one] of found.entries()) {
    new Uint32Array(bits.buffer)[0] = i << 16
    assert.equal(one.get(0), bits[0])
  }
  assert.ok(new Set(found.map(({ mapping }) => mapping!.id)).size < 20)
})

test("bytes of the reference's own tests are read", async (t) => {
  // safetensors/src/tensor.rs: test_deserialization, test_empty_shapes_allowed, test_zero_sized_tensor, test_empty.
  const one = '{"test":{"dtype":"I32","shape":[2,2],"data_offsets":[0,16]}}'
  assert.deepEqual((await open(t, tensorFile(one, 16))).arrays['test']!.toArray(), [
    [0, 0],
    [0, 0],
  ])
  const scalar = '{"test":{"dtype":"I32","shape":[],"data_offsets":[0,4]}}'
  assert.equal((await open(t, tensorFile(scalar, 4))).arrays['test']!.toArray(), 0)
  const none = '{"test":{"dtype":"I32","shape":[2,0],"data_offsets":[0, 0]}}'
  assert.deepEqual((await open(t, tensorFile(none))).arrays['test']!.shape, [2, 0])
  for (const empty of ['{}      ', '{}\r \t\n', '\t\n{}\r ', '{"__metadata__":null}'])
    assert.deepEqual(Object.keys((await open(t, tensorFile(empty))).arrays), [])
  const framework = '{"__metadata__":{"framework":"pt"}}     '
  assert.deepEqual({ ...(await open(t, tensorFile(framework))).metadata }, { framework: 'pt' })
})

test('aligned tensors are mapped and others copied, with the same values', async (t) => {
  const values = Buffer.from(Float32Array.of(1.5, -2, 3).buffer)
  for (const pad of [0, 1, 2, 3, 4]) {
    const header = { w: tensor('F32', [3], [0, 12]), __metadata__: { pad: 'x'.repeat(pad) } }
    const bytes = tensorFile(header, values)
    const { arrays, storage, metadata } = await open(t, bytes)
    assert.deepEqual(arrays['w']!.toArray(), [1.5, -2, 3])
    assert.equal(storage['w'], (bytes.length - 12) % 4 === 0 ? 'mapped' : 'copied')
    assert.equal(metadata['pad'], 'x'.repeat(pad))
  }
})

test('a tensor behind one of odd length is copied', async (t) => {
  const header =
    '{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"F64","shape":[1],"data_offsets":[3,11]}}'
  const { storage, arrays } = await open(
    t,
    tensorFile(
      header.padEnd(Math.ceil(header.length / 8) * 8),
      Buffer.concat([Buffer.of(7, 8, 9), Buffer.from(Float64Array.of(0.1).buffer)]),
    ),
  )
  assert.deepEqual({ ...storage }, { a: 'mapped', b: 'copied' })
  assert.deepEqual(arrays['b']!.toArray(), [0.1])
})

test('every type becomes its dtype', async (t) => {
  const types = {
    BOOL: ['bool', 1],
    U8: ['uint8', 1],
    I8: ['int8', 1],
    I16: ['int16', 2],
    U16: ['uint16', 2],
    I32: ['int32', 4],
    U32: ['uint32', 4],
    I64: ['int64', 8],
    U64: ['uint64', 8],
    F32: ['float32', 4],
    F64: ['float64', 8],
    F16: ['float32', 2],
    BF16: ['float32', 2],
    C64: ['float32', 8],
  } as const
  for (const [type, [dtype, bytes]] of Object.entries(types)) {
    const { arrays } = await open(
      t,
      tensorFile({ x: tensor(type, [3], [0, 3 * bytes]) }, 3 * bytes),
    )
    assert.equal(arrays['x']!.dtype, dtype)
    assert.deepEqual(arrays['x']!.shape, type === 'C64' ? [3, 2] : [3])
  }
})

test('floats of 16 bits become float32 exactly, NaN and infinities included', async (t) => {
  const words = (...bits: number[]): Buffer => Buffer.from(Uint16Array.from(bits).buffer)
  const half = await open(
    t,
    tensorFile({ x: tensor('F16', [5], [0, 10]) }, words(0x3c00, 0xc100, 0x7c00, 1, 0x8000)),
  )
  assert.deepEqual(half.arrays['x']!.toArray(), [1, -2.5, Infinity, 2 ** -24, -0])
  assert.equal(half.storage['x'], 'copied')
  const brain = await open(
    t,
    tensorFile({ x: tensor('BF16', [5], [0, 10]) }, words(0x3f80, 0xc020, 0xff80, 0x7fc1, 1)),
  )
  const found = brain.arrays['x']!.toTypedArray()
  assert.deepEqual(
    [...new Uint32Array(found.buffer, found.byteOffset, 5)],
    [0x3f800000, 0xc0200000, 0xff800000, 0x7fc10000, 0x10000],
  )
})

test('types without a counterpart are refused by name, and can be left out', async (t) => {
  for (const type of [
    'F8_E5M2',
    'F8_E4M3',
    'F8_E8M0',
    'F8_E4M3FNUZ',
    'F8_E5M2FNUZ',
    'F4',
    'F6_E2M3',
    'F6_E3M2',
  ]) {
    const bits = type.startsWith('F8') ? 8 : type === 'F4' ? 4 : 6
    const header = {
      q: tensor(type, [4], [0, bits / 2]),
      w: tensor('U8', [1], [bits / 2, bits / 2 + 1]),
    }
    const bytes = tensorFile(header, bits / 2 + 1)
    await assert.rejects(open(t, bytes), refusal('ERR_DTYPE', `got ${type} at 'q'`))
    assert.deepEqual((await open(t, bytes, ['w'])).arrays['w']!.shape, [1])
  }
})

test('names choose tensors', async (t) => {
  const bytes = tensorFile({ alpha: tensor('U8', [1], [0, 1]), beta: tensor('U8', [1], [1, 2]) }, 2)
  assert.deepEqual(Object.keys((await open(t, bytes, ['beta'])).arrays), ['beta'])
  await assert.rejects(open(t, bytes, ['bet']), refusal('ERR_INDEX', "Did you mean 'beta'?"))
})

const U8 = (shape: number[], offsets: number[]): Header => ({ x: tensor('U8', shape, offsets) })

refuses('an empty file', Buffer.alloc(0), 'has 0 bytes')
refuses('a file shorter than the length of its header', Buffer.alloc(7), 'has 7 bytes')
refuses(
  'a header beyond the file',
  Buffer.concat([Buffer.from('e803000000000000', 'hex'), Buffer.from('{}')]),
  'says a header of 1000 bytes, but has 10',
)
refuses(
  'a header above the limit',
  Buffer.concat([Buffer.from('00000000ffffffff', 'hex'), Buffer.from('{}')]),
  'at most 100000000 are read',
)
refuses('a header of no bytes', Buffer.alloc(8), 'has no value where one is expected')
refuses('a header that is not UTF-8', tensorFile(Buffer.of(0xff)), 'that is not UTF-8')
refuses('a header with a byte order mark', tensorFile('\ufeff{}'), 'at character 0')
refuses('a header that is not JSON', tensorFile('{'), 'at character 1 of its header')
refuses('a header that is a list', tensorFile('[]'), 'no JSON object')
refuses('JSON behind the header', tensorFile('{}{}'), 'more text behind the value')
refuses(
  'a tensor that has its name twice',
  tensorFile(
    `{"x":${JSON.stringify(U8([1], [0, 1])['x'])},"x":${JSON.stringify(U8([1], [0, 1])['x'])}}`,
    1,
  ),
  'the name "x" twice',
)
refuses(
  'a field twice',
  tensorFile('{"x":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}}', 1),
  'the name "dtype" twice',
)
refuses(
  'metadata twice',
  tensorFile('{"__metadata__":{},"__metadata__":{}}'),
  'the name "__metadata__" twice',
)
refuses(
  'metadata that are no texts',
  tensorFile({ __metadata__: { a: 1 } }),
  "no text as the value of 'a'",
)
refuses('metadata that are a list', tensorFile({ __metadata__: [] }), 'no JSON object')
refuses(
  'half of a surrogate pair',
  tensorFile('{"\\ud800":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', 1),
  'not well-formed',
)
refuses('a deep header', tensorFile('{"a":'.repeat(5000)), 'more than 250 deep')
refuses(
  'an unknown dtype',
  tensorFile({ x: tensor('F33', [1], [0, 4]) }, 4),
  "the unknown dtype 'F33'",
)
refuses(
  'a tensor without a dtype',
  tensorFile({ x: { shape: [1], data_offsets: [0, 1] } }, 1),
  'no dtype',
)
refuses('a tensor that is no object', tensorFile({ x: [] }), 'no JSON object')
refuses(
  'a negative offset',
  tensorFile(U8([1], [-1, 0]), 1),
  '`data_offsets` that are no two whole numbers',
)
refuses(
  'a negative zero',
  tensorFile('{"x":{"dtype":"U8","shape":[1],"data_offsets":[-0,1]}}', 1),
  'no two whole numbers',
)
refuses(
  'an offset that is no whole number',
  tensorFile(U8([1], [0.5, 1.5]), 1),
  'no value where one is expected',
)
refuses(
  'an offset with an exponent',
  tensorFile('{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1e0]}}', 1),
  'no value where one is expected',
)
refuses('three offsets', tensorFile(U8([1], [0, 1, 2]), 1), 'no two whole numbers')
refuses('an end before the start', tensorFile(U8([1], [1, 0]), 1), 'expected 1 bytes')
refuses('an offset beyond the file', tensorFile(U8([9], [0, 9]), 1), 'It was truncated')
refuses(
  'an offset beyond a number',
  tensorFile('{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,18446744073709551615]}}', 1),
  'which is too large',
)
refuses('a negative length of an axis', tensorFile(U8([-1], [0, 0])), 'a shape that is no list')
refuses(
  'a shape larger than its bytes',
  tensorFile(U8([2, 2], [0, 3]), 3),
  'expected 4 bytes for U8 of shape [2, 2]',
)
// test_validation_overflow
refuses(
  'a shape beyond 64 bits',
  tensorFile('{"test":{"dtype":"I32","shape":[2,18446744073709551614],"data_offsets":[0,16]}}', 16),
  'which is too large',
)
refuses(
  'a product of axes that overflows',
  tensorFile(U8([2 ** 32, 2 ** 32], [0, 0])),
  '2^50 elements or more',
)
refuses(
  'a product that overflows beside an axis of length 0',
  tensorFile(U8([0, 2 ** 40, 2 ** 40], [0, 0])),
  '2^50 elements or more',
)
refuses(
  'more axes than arrays have',
  tensorFile(U8(Array<number>(33).fill(1), [0, 1]), 1),
  '33 axes',
)
refuses('half a byte', tensorFile({ x: tensor('F4', [3], [0, 2]) }, 2), 'no whole number of bytes')
// attacks/README.md, proposals 2 and 4
refuses(
  'many tensors on the same bytes',
  tensorFile(
    Object.fromEntries(
      Array.from({ length: 1000 }, (_, i) => [`w${i}`, tensor('F32', [2, 2], [0, 16])]),
    ),
    16,
  ),
  'expected at byte 16',
)
refuses(
  'tensors that overlap',
  tensorFile({ a: tensor('U8', [4], [0, 4]), b: tensor('U8', [4], [2, 6]) }, 6),
  "'b' at byte 2 of its data, expected at byte 4",
)
refuses(
  'a hole between tensors',
  tensorFile({ a: tensor('U8', [4], [0, 4]), b: tensor('U8', [4], [6, 10]) }, 10),
  "'b' at byte 6 of its data, expected at byte 4",
)
refuses('a hole before the first tensor', tensorFile(U8([1], [1, 2]), 2), 'expected at byte 0')
// test_metadata_incomplete_buffer
refuses(
  'bytes behind the last tensor',
  tensorFile(U8([1], [0, 1]), 30),
  'has bytes behind its tensors',
)
refuses('data without tensors', tensorFile('{}', 4), 'has bytes behind its tensors')

test('a tensor named __proto__ is a tensor', async (t) => {
  const header = '{"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}'
  const { arrays } = await open(t, tensorFile(header, 1))
  assert.deepEqual(Object.keys(arrays), ['__proto__'])
})

test('a missing file is refused', async () => {
  await assert.rejects(openSafetensors('/nowhere.safetensors'), refusal('ERR_FILE'))
  await assert.rejects(openSafetensors(7 as never), TypeError)
})

test('complex numbers of 32 axes, which would be 33, are refused', async (t) => {
  const shape = Array(32).fill(1)
  const bytes = tensorFile({ X: tensor('C64', shape, [0, 8]) }, 8)
  await assert.rejects(open(t, bytes), refusal('ERR_FORMAT', '32 axes'))
})
