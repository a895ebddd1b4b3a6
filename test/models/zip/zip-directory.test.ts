/** The reader of zip directories against crafted archives. */

import assert from 'node:assert/strict'
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { readDirectory, type ZipMember } from '../../../src/models/zip/zip-directory.ts'
import { refusal } from '../../arrays/refusal.ts'
import { temporaryFolder } from '../../arrays/temporary-folder.ts'
import { type TestArchive, type TestMember, zipBytes } from '../zip-bytes.ts'

const a = { name: 'a', data: Buffer.from('first') }
const b = { name: 'b', data: Buffer.from('second one') }

function read(t: TestContext, bytes: Buffer): readonly ZipMember[] {
  const path = join(temporaryFolder(t), 'x.zip')
  writeFileSync(path, bytes)
  const fd = openSync(path, 'r')
  try {
    return readDirectory(fd, 'x.zip')
  } finally {
    closeSync(fd)
  }
}

test('members have their names, sizes and places', (t) => {
  const bytes = zipBytes([a, { ...b, name: 'ü/b', flags: 0x800 }])
  const members = read(t, bytes)
  assert.deepEqual(
    members.map(({ name, start, bytes: size }) => [
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
    'expected at byte 0',
  ],
  [
    'bytes between members and directory',
    [a],
    { gap: Buffer.from('hidden') },
    'has its directory at byte',
  ],
  [
    'bytes behind the end record',
    [a],
    { behind: Buffer.from('x') },
    "doesn't end with the end record",
  ],
  ['a comment', [a], { comment: Buffer.from('x') }, "doesn't end with the end record"],
  ['two members with one place', [a, { ...b, offset: 0 }], {}, 'that the directory contradicts'],
  ['one member twice', [a, { ...a, offset: 0 }], {}, "has two members 'a'"],
  [
    'one place under two names',
    [
      { ...a, name: 'b' },
      { ...a, offset: 0, name: 'b' },
    ],
    {},
    'two members',
  ],
  ['a size beyond the file', [{ ...a, bytes: 500 }], {}, 'for the stored member'],
  ['more members than there are', [a], { count: 2 }, 'directory'],
  ['fewer members than there are', [a, b], { count: 1 }, 'has bytes behind the directory'],
  ['a directory elsewhere', [a], { directoryStart: 3 }, "which doesn't lie there"],
  ['an encrypted member', [{ ...a, flags: 1 }], {}, 'it is encrypted'],
  ['another method', [{ ...a, method: 12 }], {}, 'compressed by method 12'],
  [
    'another name in the local header',
    [{ ...a, localName: 'z' }],
    {},
    'that the directory contradicts',
  ],
  [
    'another size in the local header',
    [{ ...a, localBytes: 3 }],
    {},
    'that the directory contradicts',
  ],
  ['a place outside', [{ ...a, offset: 4000 }], {}, 'outside of it'],
  ['a name that is no text', [{ ...a, name: 'a\nb' }], {}, 'name is not UTF-8 text'],
  ['a name of another encoding', [{ ...a, name: 'ü' }], {}, 'name is not UTF-8 text'],
]
for (const [what, members, archive, words] of wrong)
  test(`${what} is refused`, (t) => {
    assert.throws(() => read(t, zipBytes(members, archive)), refusal('ERR_FORMAT', words))
  })

test('every cut-off file is refused', (t) => {
  const bytes = zipBytes([a, b])
  for (let length = 0; length < bytes.length; length++)
    assert.throws(() => read(t, bytes.subarray(0, length)), refusal('ERR_FORMAT'))
})
