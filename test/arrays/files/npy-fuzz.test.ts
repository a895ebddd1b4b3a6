/** Mutated .npy files: opened right or refused, never a crash. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type NDArray, openArray, openForeignArray } from '../../../src/arrays/index.ts'
import { isOneCopyError } from '../../../src/errors.ts'
import { temporaryFolder } from '../temporary-folder.ts'

/** More of them, such as 300,000: `ONECOPY_FUZZ_RUNS=300000 node --test test/arrays/files/npy-fuzz.test.ts`. */
const runs = Number(process.env['ONECOPY_FUZZ_RUNS'] ?? 1000)

const folder = new URL('../../fixtures/npy/', import.meta.url)
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.npy'))
  .map((name) => readFileSync(new URL(name, folder)))

/** What headers are made of, and what upsets their readers. */
const words = [
  ...Array.from('(),\'"{}:<>=|?L-+.0123456789 \n\t\0'),
  ...'descr fortran_order shape True False <f8 >i4 <c16 <f2 |b1 |O'.split(' '),
  ..."99999999999 9007199254740993 4294967296 [ ] # \\ u' 1e9 0x10".split(' '),
].map((word) => Buffer.from(word, 'latin1'))

type Change = (bytes: Buffer) => Buffer

const place = fc.nat(400)
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(place, fc.nat(255)).map(([at, value]): Change => (bytes) => {
    if (bytes.length > 0) bytes[at % bytes.length] = value
    return bytes
  }),
  fc.tuple(place, fc.constantFrom(...words), fc.nat(4)).map(
    ([at, word, cut]): Change =>
      (bytes) =>
        Buffer.concat([bytes.subarray(0, at), word, bytes.subarray(at + cut)]),
  ),
  fc.tuple(place, fc.constantFrom(...words)).map(([at, word]): Change => (bytes) => {
    word.copy(bytes, Math.min(at, bytes.length))
    return bytes
  }),
  fc.tuple(place, fc.nat(40)).map(
    ([at, count]): Change =>
      (bytes) =>
        Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + count)]),
  ),
  place.map(
    (length): Change =>
      (bytes) =>
        bytes.subarray(0, length),
  ),
  fc.constantFrom(1, 2, 3).map((version): Change => (bytes) => {
    if (bytes.length > 8) bytes[6] = version
    return bytes
  }),
  // A length of the header that fits what was changed in it.
  fc.constant((bytes: Buffer): Buffer => {
    const end = bytes.indexOf('\n', 10)
    if (end > 0) bytes.writeUInt16LE(end + 1 - 10, 8)
    return bytes
  }),
)

/** Touches every element, which lies in the file. */
function readAll(array: NDArray, fileBytes: number): void {
  assert.ok(array.nbytes <= 4 * fileBytes)
  if (array.size > 0) assert.equal(array.toTypedArray().length, array.size)
}

test('a mutated .npy file is opened or refused, and every element of it can be read', (t) => {
  const path = join(temporaryFolder(t), 'mutated.npy')
  const mutation = fc.tuple(
    fc.constantFrom(...files),
    fc.array(change, { minLength: 1, maxLength: 6 }),
  )
  let opened = 0
  fc.assert(
    fc.property(mutation, ([file, changes]) => {
      const bytes = changes.reduce<Buffer>((all, apply) => apply(all), Buffer.from(file))
      writeFileSync(path, bytes)
      for (const open of [openArray, (name: string) => openForeignArray(name).toNative()]) {
        try {
          readAll(open(path), bytes.length)
          opened++
        } catch (error) {
          assert.ok(isOneCopyError(error) && /^ERR_(FORMAT|DTYPE)$/.test(error.code), String(error))
        }
      }
    }),
    { numRuns: runs, seed: 20261129 },
  )
  assert.ok(opened > runs / 100, `${opened} of ${runs} were opened`)
})
