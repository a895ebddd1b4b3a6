/** What options and values of other libraries are called here. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { foreignHint, foreignValueAdvice } from '../src/foreign-options.ts'
import { requireKnown } from '../src/options.ts'

const hintFor = foreignHint({
  counterparts: { n_jobs: 'workers', n_estimators: ['maxIter', 'trees'], prefer: 'backend' },
  instead: { callback: 'await `run()`' },
  places: { backend: '`new Parallel()`' },
})
const known = { trees: true, maxDepth: true, workers: true }

for (const [name, rest] of [
  ['n_jobs', '; onecopy calls it `workers`. It has: trees, maxDepth, workers.'],
  ['nJobs', '; onecopy calls it `workers`. It has: trees, maxDepth, workers.'],
  ['nEstimators', '; onecopy calls it `trees`. It has: trees, maxDepth, workers.'],
  ['max_depth', '; onecopy calls it `maxDepth`. It has: trees, maxDepth, workers.'],
  ['callback', '; await `run()`. It has: trees, maxDepth, workers.'],
  ['prefer', '; onecopy calls it `backend`, an option of `new Parallel()`.'],
  ['backend', '; it is an option of `new Parallel()`.'],
  ['tree', '. Did you mean `trees`? It has: trees, maxDepth, workers.'],
  ['constructor', '. It has: trees, maxDepth, workers.'],
] as const) {
  test(`the error about \`${name}\` says what it is called here`, () => {
    assert.throws(() => requireKnown<object>('f', { [name]: 1 }, known, hintFor(known)), {
      name: 'TypeError',
      message: `f has no option \`${name}\`${rest}`,
    })
  })
}

test('an option that has no counterpart in the called function gets no hint', () => {
  assert.equal(hintFor({ alpha: true })('n_estimators'), undefined)
})

test('a value of another library is translated', () => {
  assert.equal(foreignValueAdvice({ loky: 'processes' }, 'loky'), " onecopy calls it 'processes'.")
  assert.equal(foreignValueAdvice({ loky: 'processes' }, 'toString'), '')
  assert.equal(foreignValueAdvice({ loky: 'processes' }, 5), '')
})
