/** Crafted containers are refused by name, before anything of them is used. */

import assert from 'node:assert/strict'
import { ftruncateSync, openSync, closeSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { describeContainer, openContainer } from '../../src/container/index.ts'
import { isOneCopyError, type OneCopyError } from '../../src/errors.ts'
import { temporaryFolder } from '../arrays/temporary-folder.ts'
import {
  type CraftedEnd,
  type CraftedMember,
  craftNpy,
  craftZip,
  paddingAt,
  soundHeader,
  soundMembers,
  zipBomb,
} from './crafted-file.ts'

/** The refusal of a file by each way to open it; all say the same. */
async function refusalOf(t: TestContext, bytes: Buffer): Promise<OneCopyError> {
  const path = join(temporaryFolder(t), 'crafted.onecopy')
  writeFileSync(path, bytes)
  const errors: unknown[] = []
  const opened = await openContainer(path).catch((error: unknown) => void errors.push(error))
  assert.equal(opened, undefined, 'it was opened')
  await openContainer(path, { copy: true, verify: true }).catch((error: unknown) =>
    errors.push(error),
  )
  assert.throws(
    () => describeContainer(path),
    (error) => errors.push(error) > 0,
  )
  assert.equal(errors.length, 3)
  for (const error of errors) {
    assert.ok(isOneCopyError(error), String(error))
    assert.equal(error.message, (errors[0] as Error).message)
    assert.match(error.message, /^Expected .* got /s)
  }
  return errors[0] as OneCopyError
}

/** A file with a fault, and what the error says: code, member and field. */
type Attack = readonly [
  name: string,
  make: () => Buffer,
  field: string,
  member?: string | undefined,
  code?: string,
]

const sound = (array: Partial<CraftedMember> = {}, end: CraftedEnd = {}): Buffer =>
  craftZip(soundMembers(array), end)

const named =
  (name: string | Buffer, more: Partial<CraftedMember> = {}): (() => Buffer) =>
  () =>
    sound({ name, ...more })

const headed =
  (header: string, bytes = 8000, version = 1): (() => Buffer) =>
  () =>
    sound({ content: craftNpy(header, bytes, version) })

const texted =
  (text: string | Buffer): (() => Buffer) =>
  () =>
    craftZip(soundMembers({}, { content: Buffer.from(text) }))

const change = (edit: (bytes: Buffer) => void): (() => Buffer) => {
  return () => {
    const bytes = sound()
    edit(bytes)
    return bytes
  }
}

/** First byte of the directory, which begins with the entry of the schema. */
const directoryOf = (bytes: Buffer): number => bytes.readUInt32LE(bytes.length - 6)
const arrayEntryOf = (bytes: Buffer): number => directoryOf(bytes) + 46 + 'schema.json'.length
const arrayHeaderOf = (bytes: Buffer): number => bytes.readUInt32LE(arrayEntryOf(bytes) + 42)

const extra = (id: number, bytes: Buffer): Buffer => {
  const head = Buffer.alloc(4)
  head.writeUInt16LE(id, 0)
  head.writeUInt16LE(bytes.length, 2)
  return Buffer.concat([head, bytes])
}

const zeros = (length: number): Buffer => Buffer.alloc(length)
const text = (value: string): Buffer => Buffer.from(value)

/** The fifteen of the research, in its order. */
const fifteen: readonly Attack[] = [
  ['cut by one byte', () => sound().subarray(0, -1), 'the last 22 bytes'],
  ['a program before it', () => sound({}, { before: text('MZ') }), 'the start'],
  ['a letter behind it', () => sound({}, { after: text('x') }), 'the last 22 bytes'],
  ['a compressed member', () => sound({ method: 8 }), 'the compression method', 'a.npy'],
  ['an encrypted member', () => sound({ flags: 1 }), 'the flags', 'a.npy'],
  ['sizes behind the content', () => sound({ flags: 8 }), 'the flags', 'a.npy'],
  ['a size that is a lie', () => sound({ size: 1e9 }), 'the size in the local header', 'a.npy'],
  ['an offset that is a lie', () => sound({ offset: 64 }), 'the place', 'a.npy'],
  ['a name that leads out', named('../evil.npy'), 'the name of each member'],
  [
    'Python objects',
    headed("{'descr': '|O', 'fortran_order': False, 'shape': (1000,), }"),
    'the dtype',
    'a.npy',
    'ERR_DTYPE',
  ],
  ['a larger shape', headed(soundHeader.replace('1000', '9999')), 'the size', 'a.npy'],
  ['a negative shape', headed(soundHeader.replace('1000', '-100')), 'the array header', 'a.npy'],
  ['a smaller shape, with a hole', headed(soundHeader.replace('1000', '999')), 'the size', 'a.npy'],
  [
    'an array header longer than the member',
    change((bytes) => bytes.writeUInt16LE(0xffff, bytes.indexOf('\x93NUMPY', 'latin1') + 8)),
    'the length of the array header',
    'a.npy',
  ],
  [
    'two CRCs',
    change((bytes) => (bytes[arrayHeaderOf(bytes) + 14]! ^= 1)),
    'the CRC in the local header',
    'a.npy',
  ],
]

/** What is known from attacks on archives. */
const archives: readonly Attack[] = [
  ['an empty file', () => zeros(0), 'the start'],
  ['a file of zeros', () => zeros(500), 'the start'],
  ['an end record alone', () => craftZip([]), 'the start'],
  ['a comment', () => sound({}, { comment: 'PK\x05\x06' + 'x'.repeat(40) }), 'the last 22 bytes'],
  [
    'a comment that looks like an end',
    () => {
      const bytes = sound()
      const fake = Buffer.from(bytes.subarray(-22))
      bytes.writeUInt16LE(22, bytes.length - 2)
      return Buffer.concat([bytes, fake])
    },
    'the directory',
  ],
  ['a comment length of one', change((b) => b.writeUInt16LE(1, b.length - 2)), 'the comment'],
  ['another disk', change((b) => b.writeUInt16LE(1, b.length - 18)), 'the disk numbers'],
  ['a zip bomb', () => sound(zipBomb()), 'the compression method', 'a.npy'],
  [
    'a gap between members',
    () => craftZip(soundMembers({}, { gap: text('hidden') })),
    'the place',
    'a.npy',
  ],
  ['a gap before the directory', () => sound({}, { gap: text('hidden') }), 'the directory'],
  [
    'two members that share their bytes',
    () => {
      const [schema, array] = soundMembers() as [CraftedMember, CraftedMember]
      const first = craftZip([schema, array])
      const offset = first.readUInt32LE(arrayEntryOf(first) + 42)
      return craftZip([schema, array, { ...array, name: 'b.npy', offset }])
    },
    'the place',
    'b.npy',
  ],
  [
    'a member inside another',
    () => {
      const inner = craftZip([{ name: 'b.npy', content: craftNpy(soundHeader, 8000) }])
      const content = Buffer.concat([
        craftNpy(soundHeader.replace('1000', '1100'), 0),
        inner.subarray(0, 8800),
      ])
      return sound({ content, size: 128 })
    },
    'the size in the local header',
    'a.npy',
  ],
  ['one name twice', () => craftZip([...soundMembers(), soundMembers()[1]!]), 'the name', 'a.npy'],
  ['a count that is too small', () => sound({}, { count: 1 }), 'the directory'],
  ['a count that is too large', () => sound({}, { count: 3 }), 'the directory entry at byte 8364'],
  ['two counts', change((b) => b.writeUInt16LE(1, b.length - 14)), 'both numbers of members'],
  ['a directory that is too long', () => sound({}, { length: 5000 }), 'the directory'],
  ['a directory elsewhere', () => sound({}, { start: 64 }), 'the directory'],
  [
    '64-bit values without their record',
    () => sound({}, { start: 0xffffffff }),
    'the zip64 end record',
  ],
  [
    '65,535 members without their record',
    () => sound({}, { count: 0xffff }),
    'the zip64 end record',
  ],
  [
    'another name in the local header',
    () => sound({ localName: 'b.npy' }),
    'the name in the local header',
    'a.npy',
  ],
  [
    'a longer name in the local header',
    () => sound({ localName: 'a.npyx' }),
    'the name in the local header',
    'a.npy',
  ],
  ['a comment of a member', () => sound({ comment: 'x' }), 'the comment', 'a.npy'],
  ['a symbolic link', () => sound({ kind: 0o120777 }), 'the kind', 'a.npy'],
  ['a folder', () => sound({ kind: 0o040755 }), 'the kind', 'a.npy'],
  [
    'an unknown field',
    () => sound({ localExtra: extra(0x7875, zeros(8)) }),
    'the extra field in the local header',
    'a.npy',
  ],
  [
    'an unknown field in the directory',
    () => sound({ centralExtra: extra(0x7875, zeros(8)) }),
    'the extra field in the directory',
    'a.npy',
  ],
  [
    'a hidden text in the padding',
    () => sound({ localExtra: extra(0xd935, text('\x40\0hidden')) }),
    'the extra field in the local header',
    'a.npy',
  ],
  [
    'a field that reaches out',
    () => sound({ localExtra: Buffer.from([0x35, 0xd9, 0xff, 0xff]) }),
    'the extra field in the local header',
    'a.npy',
  ],
  [
    'half a field',
    () => sound({ localExtra: Buffer.from([0x35, 0xd9]) }),
    'the extra field in the local header',
    'a.npy',
  ],
  [
    'an alignment of no bytes',
    () => sound({ localExtra: extra(0xd935, zeros(0)) }),
    'the extra field in the local header',
    'a.npy',
  ],
  [
    '64-bit sizes that nobody needs',
    () => sound({ centralExtra: extra(1, zeros(16)) }),
    'the extra field in the directory',
    'a.npy',
  ],
  [
    'padding twice',
    () => sound({ localExtra: Buffer.concat([extra(0xd935, zeros(2)), extra(0xd935, zeros(2))]) }),
    'the extra field in the local header',
    'a.npy',
  ],
  [
    'an array at an odd byte',
    () => sound({ localExtra: zeros(0) }),
    'the first byte of the elements',
    'a.npy',
  ],
  [
    '64-bit sizes beyond exact numbers',
    () => sound({ size: 0xffffffff, centralExtra: extra(1, Buffer.alloc(16, 0xff)) }),
    'the stored size',
    'a.npy',
  ],
  [
    'an offset beyond exact numbers',
    () => sound({ offset: 0xffffffff, centralExtra: extra(1, Buffer.alloc(8, 0xff)) }),
    'the place',
    'a.npy',
  ],
  [
    'a size of 4 GB in 64 bits',
    () =>
      sound({
        size: 0xffffffff,
        centralExtra: extra(1, Buffer.from([0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0])),
      }),
    'the size in the local header',
    'a.npy',
  ],
]

/** Names that would lead elsewhere, or that two programs would read in two ways. */
const names: readonly Attack[] = (
  [
    ['/etc/a.npy', 'an absolute name'],
    ['a/../../b.npy', 'a name that climbs'],
    ['./a.npy', 'a name with a dot'],
    ['a//b.npy', 'a name with an empty part'],
    ['a\\..\\b.npy', 'a name with backslashes'],
    ['C:a.npy', 'a drive'],
    ['a\0.npy', 'a name with a NUL'],
    ['a\n.npy', 'a name with a line end'],
    ['', 'no name'],
    [`${'x'.repeat(1025)}.npy`, 'a name of 1029 bytes'],
    [Buffer.from([0xff, 0x2e, 0x6e, 0x70, 0x79]), 'a name that is no UTF-8'],
    ['ü.npy', 'UTF-8 that is not marked'],
  ] as const
).map(([name, what]): Attack => [what, named(name), 'the name of each member'])

const members: readonly Attack[] = [
  ['a member that is no array', named('run.py'), 'the name', 'run.py'],
  ['a schema that is not first', () => craftZip(soundMembers().toReversed()), 'the first member'],
  [
    'a signature that is not last',
    () =>
      craftZip([
        soundMembers()[0]!,
        { name: 'signature.json', content: text('x') },
        soundMembers()[1]!,
      ]),
    'the name',
    'signature.json',
  ],
  [
    'a signature of a megabyte',
    () => craftZip([...soundMembers(), { name: 'signature.json', content: zeros(1e6) }]),
    'the size',
    'signature.json',
  ],
  [
    'two schemas',
    () => craftZip([soundMembers()[0]!, soundMembers()[0]!]),
    'the name',
    'schema.json',
  ],
  [
    'a schema with another CRC',
    () => craftZip(soundMembers({}, { crc: 7 })),
    'the CRC-32',
    'schema.json',
  ],
]

const schemas: readonly Attack[] = [
  ['no JSON', texted('{"a":'), 'the text', 'schema.json'],
  ['an empty schema', texted(''), 'the text', 'schema.json'],
  ['a key twice', texted('{"a":1,"a":2}'), 'the text', 'schema.json'],
  ['spaces', texted('{"a": 1}'), 'the text', 'schema.json'],
  ['a number with two spellings', texted('1e400'), 'the text', 'schema.json'],
  ['minus zero', texted('-0'), 'the text', 'schema.json'],
  ['no UTF-8', texted(Buffer.from([0x22, 0xff, 0x22])), 'the text', 'schema.json'],
  ['a byte order mark', texted('\ufeff1'), 'the text', 'schema.json'],
  [
    'a million lists in each other',
    texted('['.repeat(1e6) + ']'.repeat(1e6)),
    'the text',
    'schema.json',
  ],
  ['a million empty lists', texted(`[${'[],'.repeat(1e6)}[]]`), 'the text', 'schema.json'],
  [
    'a million empty objects behind a string',
    texted(`["\\"[",${'{},'.repeat(1e6)}1]`),
    'the text',
    'schema.json',
  ],
]

const arrayHeaders: readonly Attack[] = [
  ['no .npy file', () => sound({ content: zeros(8128) }), 'the start', 'a.npy'],
  ['a member of 3 bytes', () => sound({ content: zeros(3) }), 'the start', 'a.npy'],
  ['version 2', headed(soundHeader, 8000, 2), 'the start', 'a.npy'],
  ['an expression', headed(soundHeader.replace('1000', '500+500')), 'the array header', 'a.npy'],
  ['a call', headed(soundHeader.replace('1000', 'f()')), 'the array header', 'a.npy'],
  [
    'a shape in hexadecimal',
    headed(soundHeader.replace('1000', '0x3e8')),
    'the array header',
    'a.npy',
  ],
  [
    'a shape with underscores',
    headed(soundHeader.replace('1000', '1_000')),
    'the array header',
    'a.npy',
  ],
  [
    "a shape of Python 2's",
    headed(soundHeader.replace('1000', '1000L')),
    'the array header',
    'a.npy',
  ],
  [
    'a shape with zeros before it',
    headed(soundHeader.replace('1000', '01000')),
    'the shape',
    'a.npy',
  ],
  [
    'a shape that is no tuple',
    headed(soundHeader.replace('1000,', '1000')),
    'the array header',
    'a.npy',
  ],
  [
    'a list as the shape',
    headed(soundHeader.replace('(1000,)', '[1000]')),
    'the array header',
    'a.npy',
  ],
  [
    'a product that overflows',
    headed(soundHeader.replace('1000,', '4294967296, 4294967296')),
    'the shape',
    'a.npy',
  ],
  [
    'a huge length behind a zero',
    headed(soundHeader.replace('1000,', '0, 9999999999999999')),
    'the shape',
    'a.npy',
  ],
  [
    '33 axes',
    headed(soundHeader.replace('1000,', Array(33).fill(1).join(', '))),
    'the shape',
    'a.npy',
  ],
  [
    'a key twice',
    headed(soundHeader.replace('}', "'descr': '<f4', }")),
    'the array header',
    'a.npy',
  ],
  ['a comment', headed(soundHeader + ' # x'), 'the array header', 'a.npy'],
  [
    'another order of keys',
    headed("{'fortran_order': False, 'descr': '<f8', 'shape': (1000,), }"),
    'the array header',
    'a.npy',
  ],
  ['fortran_order 1', headed(soundHeader.replace('False', '1')), 'the array header', 'a.npy'],
  [
    'structured elements',
    headed(soundHeader.replace("'<f8'", "[('a', '<f8')]")),
    'the array header',
    'a.npy',
  ],
  ['texts', headed(soundHeader.replace('<f8', '<U2')), 'the dtype', 'a.npy', 'ERR_DTYPE'],
  [
    'another byte order',
    headed(soundHeader.replace('<f8', '>f8')),
    'the dtype',
    'a.npy',
    'ERR_DTYPE',
  ],
  [
    'the name of a property',
    headed(soundHeader.replace('<f8', '__proto__')),
    'the dtype',
    'a.npy',
    'ERR_DTYPE',
  ],
  ['bytes behind the elements', headed(soundHeader, 8001), 'the size', 'a.npy'],
  [
    'a header of 60,000 bytes',
    headed(soundHeader + ' '.repeat(60_000)),
    'the length of the array header',
    'a.npy',
  ],
]

for (const [group, attacks] of Object.entries({
  fifteen,
  archives,
  names,
  members,
  schemas,
  arrayHeaders,
})) {
  for (const [name, make, field, member, code = 'ERR_FORMAT'] of attacks) {
    test(`${group}: ${name}`, async (t) => {
      const error = await refusalOf(t, make())
      assert.deepEqual(
        { code: error.code, field: error.details['field'], member: error.details['member'] },
        { code, field, member },
        error.message,
      )
    })
  }
}

test('a container without any fault is opened, so that the faults above are what is refused', async (t) => {
  const path = join(temporaryFolder(t), 'sound.onecopy')
  writeFileSync(path, sound({}, {}))
  const { schema, values } = await openContainer(path, { verify: true })
  assert.deepEqual(schema, { a: 1 })
  assert.deepEqual(values.get('a.npy')!.shape, [1000])
  // Python repeats the padding in the directory.
  writeFileSync(path, sound({ centralExtra: paddingAt(3) }))
  await openContainer(path, { verify: true })
})

test('a file that claims terabytes is refused without room for them', async (t) => {
  const path = join(temporaryFolder(t), 'sparse.onecopy')
  const bytes = craftZip([{ name: 'schema.json', content: text('1') }])
  const fd = openSync(path, 'w')
  writeSync(fd, bytes.subarray(0, 60))
  ftruncateSync(fd, 2 ** 40)
  writeSync(fd, bytes.subarray(-22), 0, 22, 2 ** 40 - 22)
  closeSync(fd)
  for (const options of [{}, { copy: true }, { verify: true }])
    await assert.rejects(openContainer(path, options), { code: 'ERR_FORMAT' })
})
