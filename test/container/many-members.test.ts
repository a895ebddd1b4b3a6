/** Containers of more members than the plain end of a zip file can count. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { arange, type NDArray } from '../../src/arrays/index.ts'
import { openContainer, saveContainer } from '../../src/container/index.ts'
import { temporaryFolder } from '../arrays/temporary-folder.ts'

test('66,000 members are opened, which needs the 64-bit end record', async (t) => {
  const one = arange(0, 1)
  const names = Array.from({ length: 66_000 }, (_, i): [string, NDArray] => [`${i}.npy`, one])
  const path = join(temporaryFolder(t), 'a.onecopy')
  await saveContainer(path, { schema: 1, arrays: new Map(names) })
  const { values } = await openContainer(path)
  assert.equal(values.size, 66_000)
  assert.equal(values.get('65999.npy')!.mapping, values.get('0.npy')!.mapping)
})
