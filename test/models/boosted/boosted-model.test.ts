/** Models of other libraries are saved, opened and sent as those that were fitted here. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type NDArray, openArray } from '../../../src/arrays/index.ts'
import type { GradientBoostingRegressor } from '../../../src/learn/index.ts'
import { openLightGBM, openModel, openXGBoost, saveModel } from '../../../src/models/index.ts'
import { parseLightGBM } from '../../../src/models/lightgbm/parse-lightgbm.ts'
import { writeText } from '../lightgbm/naive-lightgbm.ts'

const at = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url))

/** Trees that split a column at more places than a binned column has edges. */
const wide = parseLightGBM(
  'wide.txt',
  writeText(
    Array.from({ length: 400 }, (_, i) => ({
      splits: [{ feature: 1, threshold: i / 100 - 2, kind: 2, codes: [] }],
      left: [-1],
      right: [-2],
      leaves: [i, -i],
    })),
  ),
)

const models = {
  lightgbm: [await openLightGBM(at('lightgbm/binary.txt')), openArray(at('lightgbm/X.npy'))],
  xgboost: [await openXGBoost(at('xgboost/partition.json')), openArray(at('xgboost/X-codes.npy'))],
  wide: [wide, openArray(at('xgboost/X-codes.npy'))],
} as const

for (const [name, [model, X]] of Object.entries(models))
  test(`${name}: a model file has the same model`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'onecopy-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'model.onecopy')
    await saveModel(model, path)
    const opened = await openModel<GradientBoostingRegressor>(path)
    assert.equal(opened.constructor, model.constructor)
    const [found, expected] = [
      await opened.predict(X),
      await (model as { predict(X: NDArray): Promise<NDArray> }).predict(X),
    ]
    assert.deepEqual(found.toTypedArray(), expected.toTypedArray())
    assert.deepEqual(opened.binColumns_, model.binColumns_)
  })
