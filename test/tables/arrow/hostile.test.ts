/** Small Arrow files that claim a great deal are refused before memory is taken for it. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { zstdCompressSync } from 'node:zlib'
import { describeArrow, openArrow } from '../../../src/tables/index.ts'
import {
  batch,
  bool,
  compressed,
  field,
  int32,
  message,
  repeatingFile,
  schema,
  text,
} from './hand-made.ts'

const folder = mkdtempSync(join(tmpdir(), 'onecopy-hostile-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** Writes a file. Returns the path. */
function place(name: string, ...pieces: readonly Uint8Array[]): string {
  const path = join(folder, name)
  writeFileSync(path, Buffer.concat(pieces))
  return path
}

/** A stream of one column and one batch. */
function oneColumn(type: typeof int32, ...given: Parameters<typeof batch>): readonly Buffer[] {
  return [message('schema', schema([field('x', type)])), message('batch', batch(...given))]
}

/** The body of a compressed buffer: the length that it claims, then its bytes. */
function claiming(bytes: number, content: Uint8Array): Buffer {
  const length = new Uint8Array(BigInt64Array.of(BigInt(bytes)).buffer)
  const padding = new Uint8Array(7 - ((content.length + 7) % 8))
  return Buffer.concat([length, content, padding])
}

test('true and false of a thousand million rows need their bits', () => {
  const path = place('bool.arrows', ...oneColumn(bool, 1e9, [[1e9, 0]], [[0, 0], [0, 0]])) // prettier-ignore
  assert.throws(() => openArrow(path).column('x').get(0), {
    code: 'ERR_FORMAT',
    message: new RegExp(
      `^Expected 125000000 bytes at byte \\d+ in the Arrow file ${path}, got 0\\.`,
    ),
  })
})

test('rows that need no bitmap need values', () => {
  const bitmap = batch(8, [[8, 1]], [[0, 1], [8, 32]]) // prettier-ignore
  const absent = batch(1e10, [[1e10, 0]], [[0, 0], [0, 0]]) // prettier-ignore
  const path = place(
    'absent.arrows',
    message('schema', schema([field('x', int32)])),
    message('batch', bitmap, new Uint8Array(40)),
    message('batch', absent),
  )
  assert.throws(() => openArrow(path).column('x').missing, {
    code: 'ERR_FORMAT',
    message: /^Expected values of 10000000000 rows at byte \d+ /,
  })
})

test('a compressed buffer that claims far more than its rows need is refused', () => {
  const size = 256 * 2 ** 20
  for (const [codec, name, content] of [
    [0, 'lz4', new Uint8Array(size / 255 + 1)],
    [1, 'zstd', zstdCompressSync(new Uint8Array(size))],
  ] as const) {
    const body = claiming(size, content)
    const header = batch(10, [[10, 0]], [[0, 0], [0, body.length]], compressed(codec)) // prettier-ignore
    const path = place(
      `${name}.arrows`,
      message('schema', schema([field('x', int32)])),
      message('batch', header, body),
    )
    assert.throws(() => openArrow(path).column('x').get(0), {
      code: 'ERR_FORMAT',
      message: new RegExp(`^Expected about 40 bytes in the compressed buffer at byte \\d+ `),
    })
  }
})

test('compressed buffers that share bytes are refused, since each would be a copy', () => {
  const body = claiming(40, zstdCompressSync(new Uint8Array(40)))
  const buffers = [[0, 0], [0, body.length], [0, 0], [0, body.length]] as const // prettier-ignore
  const header = batch(10, [[10, 0], [10, 0]], buffers, compressed(1)) // prettier-ignore
  const path = place(
    'shared.arrows',
    message('schema', schema([field('x', int32), field('y', int32)])),
    message('batch', header, body),
  )
  assert.throws(() => openArrow(path), {
    code: 'ERR_FORMAT',
    message: /^Expected buffers side by side /,
  })
})

test('a footer that names one batch many times over is refused', () => {
  const body = new Uint8Array(64)
  const one = message('batch', batch(10, [[10, 0]], [[0, 0], [0, 40]]), body) // prettier-ignore
  const fields = schema([field('x', int32)])
  assert.equal(describeArrow(place('once.arrow', repeatingFile(fields, one, 1))).rows, 10)
  assert.throws(() => openArrow(place('often.arrow', repeatingFile(fields, one, 2))), {
    code: 'ERR_FORMAT',
    message: /^Expected batches that do not overlap in the Arrow file /,
  })
})

test('a schema whose columns are all one with a long name is refused', () => {
  const fields = [
    field('n'.repeat(100_000), int32),
    ...Array.from({ length: 2000 }, () => field('', int32)),
  ]
  const bytes = message('schema', schema(fields))
  const list = follow(bytes, follow(bytes, 8 + bytes.readUInt32LE(8), 2), 1)
  const first = list + 4 + bytes.readUInt32LE(list + 4)
  for (let i = 0; i < fields.length; i++) {
    const at = list + 4 + 4 * i
    bytes.writeUInt32LE(first - at, at)
  }
  assert.throws(() => openArrow(place('names.arrows', bytes)), {
    code: 'ERR_FORMAT',
    message: /^Expected fewer bytes of texts at byte \d+ /,
  })
})

/** Where a field of a flatbuffer's table leads to. */
function follow(bytes: Buffer, table: number, number: number): number {
  const places = table - bytes.readInt32LE(table)
  const at = table + bytes.readUInt16LE(places + 4 + 2 * number)
  return at + bytes.readUInt32LE(at)
}

test('what is sound but not supported is not called damaged', () => {
  const path = place('big.arrows', message('schema', schema([field('x', text)], 1)))
  assert.throws(() => openArrow(path), {
    code: 'ERR_FORMAT',
    message: `Expected little-endian values in the Arrow file ${path}, got big-endian ones. Write it on a little-endian machine, such as x64 or arm64.`,
  })
  const other = place(
    'other.arrows',
    message('schema', schema([field('x', int32)])),
    message('batch', batch(1, [[1, 0]], [[0, 0], [0, 0]], compressed(2))), // prettier-ignore
  )
  assert.throws(() => openArrow(other), {
    code: 'ERR_FORMAT',
    message: `Expected buffers compressed by LZ4 or ZSTD in the Arrow file ${other}, got another compression. Write it with one of them, or uncompressed.`,
  })
})
