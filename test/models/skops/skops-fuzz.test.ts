/** Mutated .skops files: a model that predicts, or a refusal; never a crash. */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { zeros } from '../../../src/arrays/index.ts'
import { isOneCopyError } from '../../../src/errors.ts'
import { isEstimator } from '../../../src/learn/index.ts'
import { openSkops, openSkopsArrays } from '../../../src/models/index.ts'
import { temporaryFolder } from '../../arrays/temporary-folder.ts'
import { fuzzRuns, mutate, mutations } from '../mutations.ts'
import { fixture, unzip, zipSkops } from './skops-files.ts'

const runs = fuzzRuns(600)
const names = [
  'ridge',
  'logistic-texts',
  'logistic-objects',
  'standard-scaler',
  'simple-imputer',
  'one-hot',
  'knn-texts',
  'tree-classifier',
  'forest-classifier',
  'boosting-two',
  'hist-three',
  'columns',
  'stack-two',
]
const words = [
  ...'{}[]",:0123456789- '.split(''),
  ...'null true "NaN" "Infinity" "-1" "1e400" "ListNode" "DictNode" "ObjectNode" "JsonNode" "NdArrayNode" "TreeNode"'.split(
    ' ',
  ),
  ...'"coef_" "steps" "classes_" "__proto__" "__id__" 1000 1001 2147483648 "numpy" "json" "passthrough" "drop"'.split(
    ' ',
  ),
  Buffer.from(new Float64Array([NaN]).buffer),
  Buffer.from(new BigInt64Array([-1n]).buffer),
  Buffer.from(new BigInt64Array([2n ** 40n]).buffer),
]

/** Codes of refusals: those of what our models refuse to learn or to take are among them. */
const refusals = /^ERR_(FORMAT|DTYPE|MEMORY|VALUE|SHAPE|OPTION|ROWS|INDEX)$/

test('a mutated .skops file becomes a model or is refused', async (t) => {
  const path = join(temporaryFolder(t), 'mutated.skops')
  const files = names.map((name) => {
    const bytes = readFileSync(fixture(`${name}.skops`))
    return { bytes, members: unzip(bytes) }
  })
  const rows = zeros([2, 6])
  let opened = 0
  const attempt = async (bytes: Buffer): Promise<void> => {
    writeFileSync(path, bytes)
    try {
      await openSkopsArrays(path)
      const model = (await openSkops(path)) as unknown as Record<string, unknown>
      opened++
      const method = isEstimator(model) ? 'predict' : 'transform'
      for (const columns of [2, 4, 6])
        await (model[method] as (X: unknown) => Promise<unknown>)(rows.slice(null, [0, columns]))
    } catch (error) {
      if (!isOneCopyError(error) || !refusals.test(error.code)) throw error
    }
  }
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...files),
      mutations(words),
      fc.nat(2),
      fc.nat(1000),
      async ({ bytes, members }, changes, kind, which) => {
        // The archive, its schema, or one of its arrays.
        if (kind === 0) return attempt(mutate(bytes, changes))
        const others = new Map(members)
        const schema = others.get('schema.json')!
        others.delete('schema.json')
        if (kind === 1) return attempt(zipSkops(mutate(schema, changes).toString(), others))
        const all = [...others.keys()]
        const name = all[which % Math.max(1, all.length)]
        if (name !== undefined) others.set(name, mutate(others.get(name)!, changes))
        return attempt(zipSkops(schema.toString(), others))
      },
    ),
    { numRuns: runs, seed: 20261201 },
  )
  assert.ok(opened > runs / 100, `${opened} of ${runs} were opened`)
  assert.ok(opened < runs / 1.2, `${opened} of ${runs} were opened`)
})
