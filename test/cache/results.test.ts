/** Results of the cache: models, tables, and what memory a large one takes. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { array } from '../../src/arrays/index.ts'
import { cached } from '../../src/cache/index.ts'
import { Ridge } from '../../src/learn/index.ts'
import { makePlace } from './cache-place.ts'

test('K17: a result is in memory once while it is stored, and only in its file afterwards', () => {
  const printed = execFileSync(
    process.execPath,
    ['--expose-gc', join(import.meta.dirname, 'programs/store-memory.ts'), makePlace(), '64'],
    { encoding: 'utf8' },
  )
  const { most, held, hit, isRight } = JSON.parse(printed) as Record<string, number | boolean>
  assert.equal(isRight, true)
  // The function's own array, and a few pieces of the file.
  assert.ok(Number(most) < 64 + 32, printed)
  assert.ok(Number(held) < 16, printed)
  assert.ok(Number(hit) < 16, printed)
})

test('a fitted model is a result, also in a process that has not imported its class', async () => {
  const folder = makePlace()
  const fit = cached(
    async (alpha: number) => {
      const X = array([
        [1, 2],
        [3, 5],
        [4, 4],
        [7, 1],
      ])
      return new Ridge({ alpha }).fit(X, array([1, 2, 3, 4]))
    },
    { folder, name: 'fit', version: 1 },
  )
  const model = await fit(0.5)
  assert.ok(model instanceof Ridge)
  const program = `import { cached } from ${JSON.stringify(join(import.meta.dirname, '../../src/cache/index.ts'))}
const fit = cached(() => 0, { folder: ${JSON.stringify(folder)}, name: 'fit', version: 1 })
const model = await fit.get(0.5)
console.log(model.constructor.name, model.getParams().alpha)`
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
    env,
  })
  assert.equal(printed.trim(), 'Ridge 0.5')
})
