/** Files that earlier versions wrote are opened for ever; new ones in another process. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { NDArray } from '../../../src/arrays/index.ts'
import { describeModel, openModel } from '../../../src/models/index.ts'
import { temporaryFolder } from '../../arrays/temporary-folder.ts'
import { saveFittedModels } from './fitted-models.ts'
import { predictionsOf } from './predictions-of.ts'

const folder = join(import.meta.dirname, '../../fixtures/models')
const kept = readdirSync(folder).filter((name) => name.endsWith('.onecopy'))

interface Kept {
  readonly model: object
  readonly data: unknown
  readonly predictions: Readonly<Record<string, unknown>>
}

/** Other processors round in another order. */
const tolerance = 1e-9

function requireNear(found: unknown, expected: unknown, what: string): void {
  if (!(expected instanceof NDArray)) return assert.deepEqual(found, expected, what)
  assert.ok(found instanceof NDArray, what)
  assert.deepEqual([found.dtype, found.shape], [expected.dtype, expected.shape], what)
  const values = expected.toTypedArray()
  for (const [i, value] of found.toTypedArray().entries()) {
    const wanted = values[i]!
    const near =
      Object.is(value, wanted) ||
      Math.abs(Number(value) - Number(wanted)) <= tolerance * (1 + Math.abs(Number(wanted)))
    assert.ok(near, `${what}[${i}]: expected ${wanted}, got ${value}`)
  }
}

test('there is a kept file of each kind of model', () => {
  assert.ok(kept.length > 60, `${kept.length}`)
})

for (const name of kept) {
  test(`${name} predicts what it predicted when it was written`, async () => {
    const path = join(folder, name)
    const { needsTrust } = await describeModel(path)
    assert.deepEqual(needsTrust, [])
    const { model, data, predictions } = await openModel<Kept>(path, { verify: true })
    const found = await predictionsOf(model, data)
    assert.deepEqual(Object.keys(found), Object.keys(predictions))
    for (const [method, expected] of Object.entries(predictions))
      requireNear(found[method], expected, method)
  })
}

test('every model predicts the same bytes in another process, which imports no learner', async (t) => {
  const fresh = temporaryFolder(t)
  const names = await saveFittedModels(fresh)
  assert.ok(names.length > 60)
  const program = join(import.meta.dirname, 'programs/predict-again.ts')
  const { stdout, stderr } = spawnSync(process.execPath, [program, fresh], { encoding: 'utf8' })
  assert.equal(stdout, '[]\n', stderr)
})
