/** The reader of zip directories against crafted archives. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import { memorySource, type PackedMember, readForeignDirectory } from '../../src/zip/internal.ts'
import { refusal } from '../arrays/refusal.ts'
import { type TestArchive, type TestMember, zipBytes } from '../models/zip-bytes.ts'

const a = { name: 'a', data: Buffer.from('first') }
const b = { name: 'b', data: Buffer.from('second one') }

function read(bytes: Buffer): readonly PackedMember[] {
  return readForeignDirectory(memorySource(bytes, 'x.zip'))
}

test('members have their names, sizes and places', () => {
  const bytes = zipBytes([a, { ...b, name: 'ü/b', flags: 0x800 }])
  const members = read(bytes)
  assert.deepEqual(
    members.map(({ name, dataOffset: start, size }) => [
      name,
      bytes.subarray(start, start + size).toString(),
    ]),
    [
      ['a', 'first'],
      ['ü/b', 'second one'],
    ],
  )
})

/** What is wrong, the archive, and words of the refusal. */
const wrong: readonly [string, readonly TestMember[], TestArchive, string][] = [
  [
    'bytes before the first member',
    [a],
    { before: Buffer.from('#!/bin/sh\n') },
    'the start of x.zip to be that of a zip archive, got other bytes',
  ],
  [
    'bytes between members and directory',
    [a],
    { gap: Buffer.from('hidden') },
    "the record behind the bytes of member 'a' of x.zip to be at byte 36, got byte 42",
  ],
  ['bytes behind the end record', [a], { behind: Buffer.from('x') }, 'the last 22 bytes'],
  ['a comment', [a], { comment: Buffer.from('x') }, 'the last 22 bytes'],
  [
    'two members with one place',
    [a, { ...b, offset: 0 }],
    {},
    "behind the bytes of member 'a' of x.zip to be at byte 36, got byte 0",
  ],
  [
    'one member twice',
    [a, { ...a, offset: 0 }],
    {},
    "the name of member 'a' of x.zip to be there once, got it twice",
  ],
  [
    'one place under two names',
    [
      { ...a, name: 'b' },
      { ...a, offset: 0, name: 'b' },
    ],
    {},
    "the name of member 'b' of x.zip to be there once, got it twice",
  ],
  [
    'a size beyond the file',
    [{ ...a, bytes: 500 }],
    {},
    "the stored size of member 'a' of x.zip to be the size, 500 bytes, got 5",
  ],
  ['more members than there are', [a], { count: 2 }, 'directory'],
  [
    'fewer members than there are',
    [a, b],
    { count: 1 },
    'the directory of x.zip to be 94 bytes long',
  ],
  ['a directory elsewhere', [a], { directoryStart: 3 }, 'the directory of x.zip to be at the end'],
  ['an encrypted member', [{ ...a, flags: 1 }], {}, 'It is encrypted'],
  [
    'another method',
    [{ ...a, method: 12 }],
    {},
    "the compression method of member 'a' of x.zip to be 0 (stored) or 8 (deflated), got 12",
  ],
  [
    'another name in the local header',
    [{ ...a, localName: 'z' }],
    {},
    "the name in the local header of member 'a'",
  ],
  [
    'another size in the local header',
    [{ ...a, localBytes: 3 }],
    {},
    "the size in the local header of member 'a' of x.zip to be 5 as in the directory, got 3",
  ],
  [
    'a place outside',
    [{ ...a, offset: 4000 }],
    {},
    'the first record of x.zip to be at byte 0, got byte 4000',
  ],
  [
    'a name that is no text',
    [{ ...a, name: 'a\nb' }],
    {},
    'the name of each member of x.zip to be a text in ASCII, or marked as UTF-8, got',
  ],
  [
    'a name of another encoding',
    [{ ...a, name: 'ü' }],
    {},
    'the name of each member of x.zip to be a text in ASCII, or marked as UTF-8, got',
  ],
]
for (const [what, members, archive, words] of wrong)
  test(`${what} is refused`, () => {
    assert.throws(() => read(zipBytes(members, archive)), refusal('ERR_FORMAT', words))
  })

test('a zip64 end record that nobody needs is read, as Python writes it from 2 GiB on', () => {
  const bytes = zipBytes([a, b])
  const end = bytes.subarray(-22)
  const [count, length, start] = [end.readUInt16LE(8), end.readUInt32LE(12), end.readUInt32LE(16)]
  const long = Buffer.alloc(76)
  long.write('PK\x06\x06')
  long.writeBigUInt64LE(44n, 4)
  long.writeUInt16LE(45, 12)
  long.writeUInt16LE(45, 14)
  for (const [i, value] of [count, count, length, start].entries())
    long.writeBigUInt64LE(BigInt(value), 24 + 8 * i)
  long.write('PK\x06\x07', 56)
  long.writeBigUInt64LE(BigInt(start + length), 64)
  long.writeUInt32LE(1, 72)
  const members = read(Buffer.concat([bytes.subarray(0, -22), long, end]))
  assert.deepEqual(
    members.map(({ name }) => name),
    ['a', 'b'],
  )
})

test('bytes behind a member are its sizes, or refused', () => {
  const descriptor = (mark: string, ...values: number[]): Buffer => {
    const numbers = values.map((value) => {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32LE(value)
      return bytes
    })
    return Buffer.concat([Buffer.from(mark), ...numbers])
  }
  const crc = crc32(a.data)
  const { length } = a.data
  const streamed = { ...a, flags: 8 }
  for (const sound of [
    descriptor('', crc, length, length),
    descriptor('PK\x07\x08', crc, length, length),
    descriptor('', crc, length, 0, length, 0),
    descriptor('PK\x07\x08', crc, length, 0, length, 0),
  ])
    assert.equal(read(zipBytes([streamed], { gap: sound }))[0]!.size, length)
  for (const wrong of [
    Buffer.from('hidden'),
    descriptor('PK\x07\x08', crc, length, length + 1),
    descriptor('PK\x07\x09', crc, length, length),
    Buffer.alloc(24),
  ])
    assert.throws(
      () => read(zipBytes([streamed], { gap: wrong })),
      refusal('ERR_FORMAT', "the record behind the bytes of member 'a'"),
    )
})

test('a directory of gigabytes that is none is refused before it is read', () => {
  const size = 2 ** 45
  const end = zipBytes([a])
  // The file is empty but for its ends; the directory is said to begin at byte 100.
  const long = Buffer.alloc(76)
  long.write('PK\x06\x06')
  long.writeBigUInt64LE(44n, 4)
  for (const place of [24, 32]) long.writeBigUInt64LE(1n, place)
  long.writeBigUInt64LE(BigInt(size - 98 - 100), 40)
  long.writeBigUInt64LE(100n, 48)
  long.write('PK\x06\x07', 56)
  long.writeBigUInt64LE(BigInt(size - 98), 64)
  const last = Buffer.from(end.subarray(-22))
  last.writeUInt32LE(0xffffffff, 12)
  last.writeUInt32LE(0xffffffff, 16)
  const tail = Buffer.concat([long, last])
  const source = {
    path: 'x.zip',
    size,
    read: (at: number, target: Uint8Array): number => {
      target.fill(0)
      if (at === 0) target.set(end.subarray(0, 30))
      const from = size - tail.length
      for (let i = Math.max(0, from - at); i < target.length; i++) target[i] = tail[at + i - from]!
      return target.length
    },
  }
  assert.throws(
    () => readForeignDirectory(source),
    refusal('ERR_FORMAT', 'the directory entry at byte 100'),
  )
})

test('every cut-off file is refused', () => {
  const bytes = zipBytes([a, b])
  for (let length = 0; length < bytes.length; length++)
    assert.throws(() => read(bytes.subarray(0, length)), refusal('ERR_FORMAT'))
})
