/** Damaged model files of other libraries are refused, or predict. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomRuns } from '../random-runs.ts'
import { fuzz } from './fuzz-tree-files.ts'
import { fuzzSeed } from './mutations.ts'

const runs = randomRuns(400, 4000)

for (const format of ['lightgbm', 'xgboost'] as const)
  test(`${runs} damaged files of ${format} are refused with a code, or predict`, async () => {
    const { opened, refused } = await fuzz(format, runs, fuzzSeed)
    assert.ok(opened > runs / 20 && refused > runs / 20, `${opened} opened, ${refused} refused`)
  })
