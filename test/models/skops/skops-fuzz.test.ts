/** Mutated .skops files: a model that predicts, or a refusal; never a crash. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { zeros } from '../../../src/arrays/index.ts'
import { isOneCopyError } from '../../../src/errors.ts'
import { isEstimator } from '../../../src/learn/index.ts'
import { makeModel } from '../../../src/models/skops/make-model.ts'
import { arraysOf } from '../../../src/models/skops/open-skops-arrays.ts'
import { readArchive } from '../../../src/models/skops/read-skops.ts'
import { FileMemory } from '../mapped-bytes.ts'
import { fuzzRuns, fuzzSeed, mutate, mutations } from '../mutations.ts'
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

test('a mutated .skops file becomes a model or is refused', async () => {
  const memory = new FileMemory(2 ** 20)
  const files = names.map((name) => {
    const bytes = readFileSync(fixture(`${name}.skops`))
    return { bytes, members: unzip(bytes) }
  })
  const rows = zeros([2, 6])
  let opened = 0
  const attempt = async (bytes: Buffer): Promise<void> => {
    try {
      const archive = memory.archive(bytes)
      const { arrays } = arraysOf(await readArchive(archive, {}))
      for (const array of Object.values(arrays)) memory.requireInside(array)
      const value = await readArchive(archive, {})
      const model = (await makeModel(value, 'mutated')) as unknown as Record<string, unknown>
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
    { numRuns: runs, seed: fuzzSeed },
  )
  assert.ok(opened > runs / 100, `${opened} of ${runs} were opened`)
  assert.ok(opened < runs / 1.2, `${opened} of ${runs} were opened`)
})
