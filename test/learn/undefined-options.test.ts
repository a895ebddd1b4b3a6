/** Options that are undefined get their defaults, in every estimator. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as estimators from '../../src/learn/estimators.ts'
import * as transformers from '../../src/learn/transformers.ts'
import type { Configurable } from '../../src/learn/index.ts'

type Maker = new (options?: object) => Configurable

const classes = Object.entries<unknown>({ ...estimators, ...transformers }).filter(
  (entry): entry is [string, Maker] =>
    typeof entry[1] === 'function' && 'getParams' in (entry[1].prototype as object),
)

test('estimators and transformers are found', () => {
  assert.ok(classes.length > 40, `only ${classes.length}`)
})

for (const [name, Estimator] of classes) {
  // Some can't be made without options.
  const made = (options?: object): Configurable | undefined => {
    try {
      return new Estimator(options)
    } catch {
      return undefined
    }
  }
  const defaults = made()?.getParams()
  if (defaults === undefined) continue
  test(`${name}: undefined is the same as no option`, () => {
    const none = Object.fromEntries(Object.keys(defaults).map((option) => [option, undefined]))
    assert.deepEqual(new Estimator(none).getParams(), defaults)
  })
}
