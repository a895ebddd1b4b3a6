/** Saving .safetensors files, byte for byte as the reference writer. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { array, dtypes, type NDArray, zeros } from '../../../src/arrays/index.ts'
import { openSafetensors, saveSafetensors } from '../../../src/models/index.ts'
import { PendingFile } from '../../../src/pending-file.ts'
import { refusal } from '../../arrays/refusal.ts'
import { temporaryFolder } from '../../arrays/temporary-folder.ts'

const zeros22 = zeros([2, 2], 'int32')

/** Arrays, metadata, and what the reference writes of them: bindings/python/tests/test_simple.py, safetensors/src/tensor.rs. */
const references: readonly [
  Record<string, NDArray>,
  Record<string, string> | undefined,
  string,
  number,
][] = [
  [
    { test: zeros22 },
    undefined,
    '@\0\0\0\0\0\0\0{"test":{"dtype":"I32","shape":[2,2],"data_offsets":[0,16]}}    ',
    16,
  ],
  [
    { test1: zeros22 },
    { framework: 'pt' },
    '`\0\0\0\0\0\0\0{"__metadata__":{"framework":"pt"},"test1":{"dtype":"I32","shape":[2,2],"data_offsets":[0,16]}} ',
    16,
  ],
  [{}, undefined, '\x08\0\0\0\0\0\0\0{}      ', 0],
  [{}, { framework: 'pt' }, '(\0\0\0\0\0\0\0{"__metadata__":{"framework":"pt"}}     ', 0],
  [
    { attn0: zeros([1, 1, 2, 3], 'float32') },
    undefined,
    'H\0\0\0\0\0\0\0{"attn0":{"dtype":"F32","shape":[1,1,2,3],"data_offsets":[0,24]}}       ',
    24,
  ],
]

test('files have the bytes of the reference writer', async (t) => {
  const path = join(temporaryFolder(t), 'a.safetensors')
  for (const [arrays, metadata, header, bytes] of references) {
    await saveSafetensors(path, arrays, metadata && { metadata })
    assert.deepEqual(readFileSync(path), Buffer.concat([Buffer.from(header), Buffer.alloc(bytes)]))
  }
})

test('tensors stand by their types, then by the bytes of their names', async (t) => {
  const path = join(temporaryFolder(t), 'a.safetensors')
  const arrays = Object.fromEntries(dtypes.map((dtype) => [`of ${dtype}`, zeros([3], dtype)]))
  // As UTF-16, the first of these names is greater than the second; as UTF-8 it is less.
  await saveSafetensors(path, {
    ...arrays,
    '\uff5e': zeros([1]),
    '\u{1f600}': zeros([1]),
    7: zeros([1]),
  })
  const { storage } = await openSafetensors(path)
  const text = readFileSync(path).toString()
  const names = [...text.matchAll(/"([^"]+)":\{"dtype"/g)].map(([, name]) => name)
  assert.deepEqual(names, [
    'of uint64',
    'of int64',
    '7',
    'of float64',
    '\uff5e',
    '\u{1f600}',
    'of float32',
    'of uint32',
    'of int32',
    'of uint16',
    'of int16',
    'of int8',
    'of uint8',
    'of bool',
  ])
  assert.ok(Object.values(storage).every((one) => one === 'mapped'))
})

test('a file can be replaced by the arrays that are mapped from it', async (t) => {
  const path = join(temporaryFolder(t), 'a.safetensors')
  await saveSafetensors(path, { w: array([1, 2, 3]) })
  const { arrays } = await openSafetensors(path)
  await saveSafetensors(path, arrays)
  assert.deepEqual((await openSafetensors(path)).arrays['w']!.toArray(), [1, 2, 3])
})

test('what the format cannot hold is refused', async (t) => {
  const path = join(temporaryFolder(t), 'a.safetensors')
  const w = zeros([1])
  await assert.rejects(
    saveSafetensors(path, { __metadata__: w }),
    refusal('ERR_OPTION', "'__metadata__'"),
  )
  await assert.rejects(saveSafetensors(path, { '\ud800': w }), refusal('ERR_OPTION'))
  await assert.rejects(
    saveSafetensors(path, { w }, { metadata: { a: '\ud800' } }),
    refusal('ERR_OPTION'),
  )
  await assert.rejects(saveSafetensors(path, { w }, { metadata: { a: 1 } as never }), TypeError)
  await assert.rejects(saveSafetensors(path, [w] as never), TypeError)
  await assert.rejects(saveSafetensors(path, w as never), TypeError)
  await assert.rejects(saveSafetensors(path, { w: [1] } as never), TypeError)
  await assert.rejects(saveSafetensors(join(path, 'none', 'a'), { w }), refusal('ERR_FILE'))
})

test('any arrays come back with their values', async (t) => {
  const path = join(temporaryFolder(t), 'a.safetensors')
  const one = fc
    .tuple(
      fc.constantFrom(...dtypes.filter((dtype) => !dtype.endsWith('64') || dtype === 'float64')),
      fc.array(fc.nat(3), { maxLength: 3 }),
      fc.boolean(),
    )
    .map(([dtype, shape, turned]) => {
      const made = zeros(shape, dtype)
      const data = made.toTypedArray()
      for (let i = 0; i < data.length; i++) data[i] = (i * 7) % (dtype === 'bool' ? 2 : 100)
      return turned ? made.transpose() : made
    })
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(
        fc
          .string({ unit: 'grapheme', minLength: 1 })
          .filter((name) => !/\p{Cc}/u.test(name) && name !== '__metadata__'),
        one,
      ),
      fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })),
      async (arrays, metadata) => {
        await saveSafetensors(path, arrays, { metadata })
        const opened = await openSafetensors(path)
        assert.deepEqual(new Set(Object.keys(opened.arrays)), new Set(Object.keys(arrays)))
        for (const [name, made] of Object.entries(arrays)) {
          assert.deepEqual(opened.arrays[name]!.toArray(), made.toArray())
          assert.deepEqual(opened.arrays[name]!.shape, made.shape)
          assert.equal(opened.storage[name], 'mapped')
        }
        assert.deepEqual({ ...opened.metadata }, { ...metadata })
      },
    ),
    { numRuns: 40, seed: 12 },
  )
})

test('a signal stops the saving of a large array and leaves nothing behind', async (t) => {
  const folder = temporaryFolder(t)
  const controller = new AbortController()
  const { signal } = controller
  // oxlint-disable-next-line typescript/unbound-method -- called with `this` below
  const { write } = PendingFile.prototype
  let writes = 0
  t.mock.method(PendingFile.prototype, 'write', function (this: PendingFile, bytes: Uint8Array) {
    // The header, and the first piece of the array.
    if (++writes === 2) controller.abort()
    return write.call(this, bytes)
  })
  await assert.rejects(saveSafetensors(join(folder, 'a'), { X: zeros([4_000_000]) }, { signal }), {
    name: 'AbortError',
  })
  assert.equal(writes, 2)
  assert.deepEqual(readdirSync(folder), [])
})

test('a header that no reader takes is refused before a file is made', async (t) => {
  const folder = temporaryFolder(t)
  await assert.rejects(
    saveSafetensors(join(folder, 'a'), {}, { metadata: { text: 'x'.repeat(100_000_000) } }),
    refusal('ERR_VALUE', 'at most 100000000 bytes'),
  )
  assert.deepEqual(readdirSync(folder), [])
})
