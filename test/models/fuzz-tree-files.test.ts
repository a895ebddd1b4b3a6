/** Damaged model files of other libraries are refused, or predict. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzz } from './fuzz-tree-files.ts'

for (const format of ['lightgbm', 'xgboost'] as const)
  test(`2000 damaged files of ${format} are refused with a code, or predict`, async () => {
    const { opened, refused } = await fuzz(format, 2000, 20261201)
    assert.ok(opened > 100 && refused > 100, `${opened} opened, ${refused} refused`)
  })
