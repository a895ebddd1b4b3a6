/** Opening .npz files: NumPy's, our own, and damaged ones. */

import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { deflateRawSync } from 'node:zlib'
import { arange, array, zeros } from '../../../src/arrays/index.ts'
import { openNpz, saveNpz } from '../../../src/models/index.ts'
import { refusal } from '../../arrays/refusal.ts'
import { temporaryFolder } from '../../arrays/temporary-folder.ts'
import { zipBytes } from '../zip-bytes.ts'

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/npz/${name}`, import.meta.url))

const expected = {
  X: [
    [0, 1, 2, 3],
    [4, 5, 6, 7],
    [8, 9, 10, 11],
  ],
  columns: [
    [0, 1, 2],
    [3, 4, 5],
  ],
  flags: [1, 0, 1],
  half: [0.5, -2, Infinity],
  big: [0n, 1n, 2n, 3n],
  complex: [
    [1, 2],
    [-0, -3],
  ],
  scalar: 2.5,
  none: [],
  Größe: [7],
}

for (const name of ['stored.npz', 'compressed.npz', 'streamed.npz'])
  test(`arrays of ${name} of NumPy are copied with their values`, async () => {
    const { arrays, storage } = await openNpz(fixture(name), { verify: true })
    const found = Object.fromEntries(
      Object.entries(arrays).map(([key, one]) => [key, one.toArray()]),
    )
    assert.deepEqual(found, expected)
    assert.deepEqual(arrays['none']!.shape, [0, 3])
    assert.ok(Object.values(storage).every((one) => one === 'copied' || name === 'stored.npz'))
  })

test('copies of many arrays take few maps of the system', async (t) => {
  const path = join(temporaryFolder(t), 'many.npz')
  const stored = (value: number): Buffer => {
    const header = `${"{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }".padEnd(117)}\n`
    const head = Buffer.from(`\x93NUMPY\x01\x00v\x00${header}`, 'latin1')
    return Buffer.concat([head, Buffer.from(Float64Array.of(value).buffer)])
  }
  const members = Array.from({ length: 3000 }, (_, i) => {
    const data = stored(i)
    return { name: `a${i}.npy`, data, ...(i % 3 === 0 && { packed: deflateRawSync(data) }) }
  })
  writeFileSync(path, zipBytes(members))
  const { arrays, storage } = await openNpz(path)
  for (let i = 0; i < 3000; i++) assert.equal(arrays[`a${i}`]!.get(0), i)
  const copied = Object.values(arrays).filter(({ mapping }) => mapping!.kind === 'scratch')
  assert.ok(copied.length > 1000 && storage['a0'] === 'copied')
  assert.ok(new Set(copied.map(({ mapping }) => mapping!.id)).size < 20)
})

test('a file without arrays has none', async () => {
  assert.deepEqual(Object.keys((await openNpz(fixture('empty.npz'))).arrays), [])
})

test('a saved file is mapped', async (t) => {
  const path = join(temporaryFolder(t), 'a.npz')
  await saveNpz(path, { X: arange(0, 12).reshape(3, 4), small: array([1, 2], { dtype: 'int8' }) })
  const { arrays, storage } = await openNpz(path)
  assert.deepEqual({ ...storage }, { X: 'mapped', small: 'mapped' })
  assert.equal(arrays['X']!.mapping!.kind, 'file')
  assert.equal(arrays['X']!.buffer, arrays['small']!.buffer)
  arrays['X']!.set(99, 0, 0)
  assert.equal((await openNpz(path, { verify: false })).arrays['X']!.get(0, 1), 1)
})

test('a stored array of another writer that happens to lie aligned is mapped', async (t) => {
  const path = join(temporaryFolder(t), 'a.npz')
  const npy = readFileSync(
    fileURLToPath(new URL('../../fixtures/npy/type-f8.npy', import.meta.url)),
  )
  // 30 bytes of header and 18 of name: its elements begin at byte 176.
  writeFileSync(path, zipBytes([{ name: `${'x'.repeat(14)}.npy`, data: npy }]))
  assert.deepEqual({ ...(await openNpz(path)).storage }, { xxxxxxxxxxxxxx: 'mapped' })
})

test('names choose arrays, so that others may hold texts or objects', async () => {
  for (const name of ['texts.npz', 'objects.npz']) {
    const { arrays } = await openNpz(fixture(name), { names: ['X'] })
    assert.deepEqual(Object.keys(arrays), ['X'])
    await assert.rejects(openNpz(fixture(name)), refusal('ERR_DTYPE', fixture(name)))
  }
})

test('a name that the file does not have is refused with those that are similar', async () => {
  await assert.rejects(
    openNpz(fixture('stored.npz'), { names: ['flag'] }),
    refusal('ERR_INDEX', "has no array 'flag'. Did you mean 'flags'?"),
  )
  await assert.rejects(openNpz(fixture('stored.npz'), { names: 'X' as never }), TypeError)
  await assert.rejects(openNpz(fixture('stored.npz'), { nmes: [] } as never), TypeError)
})

test('an array named __proto__ is an array', async (t) => {
  const path = join(temporaryFolder(t), 'a.npz')
  await saveNpz(path, new Map([['__proto__', zeros([2])]]))
  const { arrays } = await openNpz(path)
  assert.deepEqual(Object.keys(arrays), ['__proto__'])
  assert.deepEqual(arrays['__proto__']!.shape, [2])
})

test('a compressed array beyond the limit is refused before it is unpacked', async (t) => {
  const path = join(temporaryFolder(t), 'bomb.npz')
  const header = Buffer.from(npyHeader(8 * 2 ** 20))
  const data = Buffer.concat([header, Buffer.alloc(8 * 2 ** 20)])
  const packed = deflateRawSync(data)
  const one = { name: 'a.npy', data, packed }
  writeFileSync(path, zipBytes([one, { ...one, name: 'b.npy' }]))
  const limit = { maxUnpackedBytes: 2 ** 24 }
  await assert.rejects(
    openNpz(path, limit),
    refusal(
      'ERR_MEMORY',
      `to unpack to at most 16777216 bytes, got ${2 * data.length}. If you trust`,
    ),
  )
  assert.deepEqual((await openNpz(path, { ...limit, names: ['b'] })).arrays['b']!.shape, [2 ** 20])
  // A size that deflate can't reach is refused whatever the limit.
  writeFileSync(path, zipBytes([{ ...one, bytes: 2 ** 34 }]))
  await assert.rejects(
    openNpz(path, { maxUnpackedBytes: Infinity }),
    refusal('ERR_FORMAT', /the size of member 'a\.npy' .* compressed ones can unpack to/),
  )
})

test('damaged bytes of members are refused by their CRC', async (t) => {
  const path = join(temporaryFolder(t), 'a.npz')
  for (const name of ['stored.npz', 'compressed.npz']) {
    const bytes = readFileSync(fixture(name))
    bytes[bytes.indexOf('X.npy') + 30]! ^= 1
    writeFileSync(path, bytes)
    await assert.rejects(openNpz(path, { names: ['X'], verify: true }), refusal('ERR_FORMAT'))
  }
  await saveNpz(path, { X: arange(0, 4) })
  const bytes = readFileSync(path)
  bytes[bytes.indexOf('PK\x01\x02') - 1]! ^= 1
  writeFileSync(path, bytes)
  await openNpz(path)
  await assert.rejects(
    openNpz(path, { verify: true }),
    refusal('ERR_FORMAT', "Expected the CRC-32 of member 'X.npy' of "),
  )
})

test('members that lie about their size are refused', async (t) => {
  const path = join(temporaryFolder(t), 'a.npz')
  const data = Buffer.concat([npyHeader(80), Buffer.alloc(80)])
  const packed = deflateRawSync(data)
  for (const [bytes, words] of [
    [data.length - 8, 'to be 200 bytes as its header says, got more.'],
    [data.length + 8, 'to be 216 bytes as its header says, got 208.'],
  ] as const) {
    writeFileSync(path, zipBytes([{ name: 'a.npy', data, packed, bytes }]))
    await assert.rejects(openNpz(path), refusal('ERR_FORMAT', words))
  }
  writeFileSync(path, zipBytes([{ name: 'a.npy', data, packed: Buffer.concat([packed, packed]) }]))
  await assert.rejects(openNpz(path), refusal('ERR_FORMAT', 'bytes behind its compressed ones'))
  writeFileSync(path, zipBytes([{ name: 'a.npy', data: data.subarray(0, -8) }]))
  await assert.rejects(openNpz(path), refusal('ERR_FORMAT', 'Expected 208 bytes as the header of'))
})

test('other files and members are refused', async (t) => {
  const path = join(temporaryFolder(t), 'a.npz')
  copyFileSync(fileURLToPath(new URL('../../fixtures/npy/type-f8.npy', import.meta.url)), path)
  await assert.rejects(
    openNpz(path),
    refusal('ERR_FORMAT', 'got a .npy file. Open it with openArray().'),
  )
  writeFileSync(path, zipBytes([{ name: 'schema.json', data: Buffer.from('{}') }]))
  await assert.rejects(openNpz(path), refusal('ERR_FORMAT', 'open it with openModel()'))
  writeFileSync(path, zipBytes([{ name: 'a.txt', data: Buffer.from('{}') }]))
  await assert.rejects(openNpz(path), refusal('ERR_FORMAT', "got the member 'a.txt'"))
  const data = Buffer.concat([npyHeader(8), Buffer.alloc(8)])
  writeFileSync(path, zipBytes(['a', 'a.npy'].map((name) => ({ name, data }))))
  await assert.rejects(openNpz(path), refusal('ERR_FORMAT', "has two arrays 'a'"))
  await assert.rejects(openNpz(join(path, 'none')), refusal('ERR_FILE'))
})

/** A header of float64 elements with so many bytes. */
function npyHeader(bytes: number): Buffer {
  const text = `{'descr': '<f8', 'fortran_order': False, 'shape': (${bytes / 8},), }`
  return Buffer.concat([
    Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]),
    Buffer.from(`${text.padEnd(117)}\n`, 'latin1'),
  ])
}
