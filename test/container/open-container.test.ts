/** Open containers: one mapping, which stays valid; or a private copy. */

import assert from 'node:assert/strict'
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { arange, encodeReference, type NDArray, zeros } from '../../src/arrays/index.ts'
import { formatNpyHeader } from '../../src/arrays/internal.ts'
import { describeContainer, openContainer, saveContainer } from '../../src/container/index.ts'
import {
  formatCentralEntry,
  formatEnd,
  formatLocalHeader,
  placeMember,
} from '../../src/zip/internal.ts'
import { crc32 } from 'node:zlib'
import { refusal } from '../arrays/refusal.ts'
import { temporaryFolder } from '../arrays/temporary-folder.ts'
import { runPython, withoutNumpy } from '../numpy.ts'

async function save(
  t: TestContext,
  arrays: Record<string, NDArray>,
  schema: unknown = 1,
): Promise<string> {
  const path = join(temporaryFolder(t), 'a.onecopy')
  await saveContainer(path, { schema, arrays: new Map(Object.entries(arrays)) })
  return path
}

test('all arrays of a file are views of one mapping, also when it is opened again', async (t) => {
  const path = await save(t, { 'a.npy': arange(0, 10), 'b.npy': zeros([3], 'int8') })
  const { values } = await openContainer(path)
  const again = await openContainer(path)
  const [a, b] = [values.get('a.npy')!, values.get('b.npy')!]
  assert.equal(a.mapping, b.mapping)
  assert.equal(again.values.get('a.npy')!.buffer, a.buffer)
  assert.equal(a.mapping!.mode, 'c')
  // So a task gets a few words for it.
  assert.ok(encodeReference(a) !== undefined)
})

test('what is written to an open container stays in this process', async (t) => {
  const path = await save(t, { 'a.npy': arange(0, 10) })
  const before = readFileSync(path)
  const { values } = await openContainer(path)
  values.get('a.npy')!.set(7, 0)
  assert.ok(readFileSync(path).equals(before))
})

test('arrays stay valid when the file is replaced or removed', async (t) => {
  const path = await save(t, { 'a.npy': arange(0, 100_000) })
  const { values } = await openContainer(path)
  const old = values.get('a.npy')!
  await saveContainer(path, { schema: 2, arrays: new Map([['a.npy', zeros([5])]]) })
  assert.equal(old.get(99_999), 99_999)
  const now = await openContainer(path)
  assert.deepEqual(now.schema, 2)
  assert.deepEqual(now.values.get('a.npy')!.shape, [5])
  rmSync(path)
  assert.equal(old.get(99_998), 99_998)
})

test('a copy does not see what happens to the file', async (t) => {
  const path = await save(t, { 'a.npy': arange(0, 100_000) })
  const { values } = await openContainer(path, { copy: true })
  const fd = openSync(path, 'r+')
  writeSync(fd, Buffer.alloc(400_000, 1), 0, 400_000, 1000)
  ftruncateSync(fd, 10)
  closeSync(fd)
  const a = values.get('a.npy')!
  assert.equal(a.mapping, undefined)
  assert.ok(a.buffer instanceof ArrayBuffer)
  for (let i = 0; i < 100_000; i += 997) assert.equal(a.get(i), i)
})

test('verify finds a changed byte of an array, which opening does not look at', async (t) => {
  const path = await save(t, { 'a.npy': arange(0, 1000), 'b.npy': arange(0, 2_000_000) })
  const [, b] = describeContainer(path).arrays
  const bytes = readFileSync(path)
  bytes[b!.dataOffset + 15_000_000]! ^= 1
  writeFileSync(path, bytes)
  for (const copy of [false, true]) {
    await openContainer(path, { copy })
    await assert.rejects(
      openContainer(path, { copy, verify: true }),
      (error: Error & { details?: object }) =>
        refusal(
          'ERR_FORMAT',
          /^Expected the CRC-32 of member 'b\.npy' of .*a\.onecopy to be \d+ as its header says, got \d+\. Its content was changed after it was written\.$/,
        )(error) && 'member' in error.details!,
    )
  }
})

test('a file that was cut is refused before it is mapped', async (t) => {
  const path = await save(t, { 'a.npy': arange(0, 10_000) })
  const whole = readFileSync(path)
  for (const length of [0, 21, 22, 100, 4096, 40_000, whole.length - 1]) {
    writeFileSync(path, whole.subarray(0, length))
    await assert.rejects(openContainer(path), refusal('ERR_FORMAT'))
    await assert.rejects(openContainer(path, { copy: true }), refusal('ERR_FORMAT'))
  }
})

test('describe reads no array: it works where all of them are missing pages', async (t) => {
  const path = await save(
    t,
    { 'a/b.npy': arange(0, 6).reshape(2, 3), 'c.npy': zeros([0], 'bool') },
    { x: 1 },
  )
  const { schema, arrays, size, signature } = describeContainer(path)
  assert.deepEqual(schema, { x: 1 })
  assert.equal(signature, undefined)
  assert.equal(size, readFileSync(path).length)
  assert.deepEqual(
    arrays.map(({ name, dtype, shape, byteLength, dataOffset }) => [
      name,
      dtype,
      shape,
      byteLength,
      dataOffset % 64,
    ]),
    [
      ['a/b.npy', 'float64', [2, 3], 48, 0],
      ['c.npy', 'bool', [0], 0, 0],
    ],
  )
})

test('other files are refused with what they are', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'a')
  const cases: [Buffer, string][] = [
    [
      Buffer.concat([
        formatNpyHeader({ descr: '<f8', fortranOrder: false, shape: [2] }),
        Buffer.alloc(16),
      ]),
      'got a .npy file. Open it with openArray().',
    ],
    [Buffer.alloc(100, 0x80), 'got a pickle. Loading one can run code from its author.'],
    [
      Buffer.from([0x1f, 0x8b, ...Array<number>(100).fill(0)]),
      'got a file that gzip compressed. Unpack it first.',
    ],
  ]
  for (const [bytes, words] of cases) {
    writeFileSync(path, bytes)
    await assert.rejects(openContainer(path), refusal('ERR_FORMAT', words))
  }
  mkdirSync(join(folder, 'folder'))
  await assert.rejects(
    openContainer(join(folder, 'folder')),
    refusal('ERR_FILE', 'it is no regular file'),
  )
  await assert.rejects(openContainer(join(folder, 'none')), refusal('ERR_FILE', 'ENOENT'))
  await assert.rejects(openContainer(1 as never), TypeError)
})

/** A member of 4.8 GB without any bytes on the disk, and one behind it. */
function saveSparse(path: string): void {
  const schema = Buffer.from('1')
  const shape = [600_000_000]
  const header = formatNpyHeader({ descr: '<f8', fortranOrder: false, shape })
  const small = Buffer.concat([
    formatNpyHeader({ descr: '<f8', fortranOrder: false, shape: [1] }),
    Buffer.from(Float64Array.of(7).buffer),
  ])
  const fd = openSync(path, 'w')
  const members = []
  let at = 0
  for (const [name, content, size, alignment] of [
    ['schema.json', schema, schema.length, 1],
    ['large.npy', header, header.length + 8 * shape[0]!, 64],
    ['small.npy', small, small.length, 64],
  ] as const) {
    const member = {
      ...placeMember(name, size, { at, alignment }),
      crc: size === content.length ? crc32(content) : 0,
    }
    const bytes = formatLocalHeader(member, alignment)
    writeSync(fd, bytes, 0, bytes.length, at)
    writeSync(fd, content, 0, content.length, member.dataOffset)
    members.push(member)
    at = member.dataOffset + size
  }
  const directory = Buffer.concat(members.map(formatCentralEntry))
  const end = Buffer.concat([directory, formatEnd(members.length, at, directory.length)])
  writeSync(fd, end, 0, end.length, at)
  closeSync(fd)
}

test('files beyond 4 GiB are opened, by Python too', { skip: withoutNumpy }, async (t) => {
  const path = join(temporaryFolder(t), 'large.onecopy')
  saveSparse(path)
  const { values } = await openContainer(path)
  assert.equal(values.get('small.npy')!.get(0), 7)
  assert.equal(values.get('large.npy')!.get(599_999_999), 0)
  const program = `
import sys, numpy
z = numpy.load(sys.argv[1])
print(z['small'].tolist(), z.zip.getinfo('large.npy').file_size)`
  assert.equal(runPython(program, path), '[7.0] 4800000128\n')
})
