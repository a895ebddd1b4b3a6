/** Mutated .safetensors files: opened right or refused, never a crash. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { arange, zeros } from '../../../src/arrays/index.ts'
import { isOneCopyError } from '../../../src/errors.ts'
import { saveSafetensors } from '../../../src/models/index.ts'
import { openTensors } from '../../../src/models/safetensors/open-safetensors.ts'
import { readTensorHeader } from '../../../src/models/safetensors/tensor-header.ts'
import { temporaryFolder } from '../../arrays/temporary-folder.ts'
import { FileMemory } from '../mapped-bytes.ts'
import { fuzzRuns, fuzzSeed, mutate, mutations } from '../mutations.ts'

const runs = fuzzRuns(1500)
const words = [
  ...'{}[]",:0123456789- \n\\'.split(''),
  ...'"F16" "BF16" "F64" "F4" "C64" "U8" "BOOL" "dtype" "shape" "data_offsets" "__metadata__" null true'.split(
    ' ',
  ),
  ...'[0,0] [0] [] [2,2] 1e3 1.0 -0 99999999999 18446744073709551615 "\\ud800" "__proto__"'.split(
    ' ',
  ),
]

test('a mutated .safetensors file is opened or refused, and every element of it can be read', async (t) => {
  const path = join(temporaryFolder(t), 'mutated.safetensors')
  await saveSafetensors(
    path,
    { X: arange(0, 4).reshape(2, 2), h: zeros([3], 'uint8'), none: zeros([0, 2], 'int64') },
    { metadata: { format: 'pt' } },
  )
  const file = readFileSync(path)
  const memory = new FileMemory(2 ** 16)
  /** Gives the header the length that its text has, so that what was changed in it is read. */
  const repair = (bytes: Buffer): Buffer => {
    const end = bytes.lastIndexOf('}')
    const length = Math.ceil((end - 7) / 8) * 8
    if (end > 8 && 8 + length <= bytes.length) bytes.writeBigUInt64LE(BigInt(length))
    return bytes
  }
  let opened = 0
  fc.assert(
    fc.property(mutations(words), fc.boolean(), (changes, repairs) => {
      const bytes = mutate(file, repairs ? [...changes, repair] : changes)
      try {
        const { source, mapping } = memory.put(bytes)
        const file = { path: 'mutated', header: readTensorHeader(source), mapping }
        const { arrays } = openTensors(file, {})
        for (const array of Object.values(arrays)) {
          assert.ok(array.nbytes <= 2 * bytes.length)
          memory.requireInside(array)
        }
        opened++
      } catch (error) {
        const isRefusal = isOneCopyError(error) && /^ERR_(FORMAT|DTYPE)$/.test(error.code)
        if (!isRefusal) throw error
      }
    }),
    { numRuns: runs, seed: fuzzSeed },
  )
  assert.ok(opened > runs / 100, `${opened} of ${runs} were opened`)
  assert.ok(opened < runs / 1.2, `${opened} of ${runs} were opened`)
})
