/** Objects that members share: what each of them took. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { zeros } from '../../../src/arrays/index.ts'
import type { FoldSharing } from '../../../src/learn/index.ts'
import type { LayerData } from '../../../src/learn/ensembles/folds/layer-data.ts'
import { SharedObjects } from '../../../src/learn/ensembles/shared/shared-objects.ts'

const sharing = (kind: string, delayMs: number): FoldSharing<string> => ({
  kind,
  make: () => setTimeout(delayMs, kind),
})

test('a use counts the work on its own object, not on those of others', async () => {
  // Nothing here reads rows or folds.
  const data = { X: zeros([4, 1]), y: zeros([4]), folds: [], fitsAll: true, finals: [null] }
  const objects = new SharedObjects(data as unknown as LayerData)
  const quick = objects.use(sharing('test/quick', 0), 0)
  const slow = objects.use(sharing('test/slow', 60), 0)
  const alsoSlow = objects.use(sharing('test/slow', 60), 0)
  await quick.get()
  const before = quick.milliseconds
  assert.deepEqual(await Promise.all([slow.get(), alsoSlow.get()]), ['test/slow', 'test/slow'])
  assert.equal(quick.milliseconds, before)
  assert.ok(slow.milliseconds > 50)
  assert.equal(alsoSlow.milliseconds, slow.milliseconds)
  assert.equal(slow.seconds, slow.milliseconds / 1000 / 2)
  for (const use of [quick, slow, alsoSlow]) use.release()
  await objects.close()
})
