/** Lists and the like where an NDArray is needed. */

import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { array, saveArray } from '../../../src/arrays/index.ts'
import { requireArray, requireMatrix, requireVector } from '../../../src/arrays/internal.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const refusal = (name: string): object => ({
  name: 'TypeError',
  message: `Expected ${name} to be an NDArray, got an array of length 2. Make one from nested lists or a typed array with array().`,
})

test('what is no array is refused under the given name', () => {
  for (const requireIt of [requireArray, requireMatrix, requireVector])
    assert.throws(() => requireIt([1, 2] as never, '`X`'), refusal('`X`'))
})

test('what is no array is not saved, nor under what is no path', async (context) => {
  const folder = temporaryFolder(context)
  const path = join(folder, 'list.npy')
  await assert.rejects(saveArray(path, [1, 2] as never), refusal('`array`'))
  await assert.rejects(saveArray(array([1, 2]) as never, path as never), {
    name: 'TypeError',
    message: /^Expected a path, got .+\.$/,
  })
  assert.deepEqual(readdirSync(folder), [])
})
