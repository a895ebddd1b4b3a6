/** Mutated .npz files: opened right or refused, never a crash. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { arange } from '../../../src/arrays/index.ts'
import { isOneCopyError } from '../../../src/errors.ts'
import { saveNpz } from '../../../src/models/index.ts'
import { openArrays } from '../../../src/models/npz/open-npz.ts'
import { temporaryFolder } from '../../arrays/temporary-folder.ts'
import { FileMemory } from '../mapped-bytes.ts'
import { fuzzRuns, fuzzSeed, mutate, mutations } from '../mutations.ts'

const runs = fuzzRuns(1000)
const folder = new URL('../../fixtures/npz/', import.meta.url)
const words = [
  'PK\x01\x02',
  'PK\x03\x04',
  'PK\x05\x06',
  'PK\x06\x06',
  'PK\x06\x07',
  '\x01\0\x10\0',
  'X.npy',
  "'<f8'",
  "'|O'",
  "'>c16'",
  '(3, 4)',
  '(99999999999,)',
  'True',
  'False',
]

test('a mutated .npz file is opened or refused, and every element of it can be read', async (t) => {
  const own = join(temporaryFolder(t), 'own.npz')
  await saveNpz(own, { X: arange(0, 12).reshape(3, 4), y: arange(0, 3, { dtype: 'int16' }) })
  const names = ['stored.npz', 'compressed.npz', 'streamed.npz', 'empty.npz']
  const files = [...names.map((name) => readFileSync(new URL(name, folder))), readFileSync(own)]
  const memory = new FileMemory(2 ** 16)
  const maxUnpackedBytes = 1 << 20
  let opened = 0
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...files), mutations(words), async (file, changes) => {
      const bytes = mutate(file, changes)
      try {
        const { arrays } = await openArrays(memory.archive(bytes), { maxUnpackedBytes })
        for (const array of Object.values(arrays)) {
          assert.ok(array.nbytes <= 4 * bytes.length + maxUnpackedBytes)
          memory.requireInside(array)
        }
        opened++
      } catch (error) {
        const isRefusal = isOneCopyError(error) && /^ERR_(FORMAT|DTYPE|MEMORY)$/.test(error.code)
        if (!isRefusal) throw error
      }
    }),
    { numRuns: runs, seed: fuzzSeed },
  )
  assert.ok(opened > runs / 100, `${opened} of ${runs} were opened`)
  assert.ok(opened < runs / 1.2, `${opened} of ${runs} were opened`)
})
