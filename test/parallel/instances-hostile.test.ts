/** Classes and states that a worker forges end their own task, and nothing else. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MessagePort } from 'node:worker_threads'
import * as fc from 'fast-check'
import { zeros } from '../../src/arrays/index.ts'
import { delayed, Parallel } from '../../src/parallel/index.ts'
import { findResultClasses } from '../../src/parallel/functions/revive/result-classes.ts'
import { decode } from '../../src/parallel/payload/decode.ts'
import { LazyResult } from '../../src/parallel/payload/lazy-result.ts'
import { placeholderKey } from '../../src/parallel/payload/placeholders.ts'
import { Square } from '../fixtures/classes/exported.ts'
import { Scale } from '../fixtures/classes/registered.ts'
import { square } from '../fixtures/tasks/plain.ts'
import { randomRuns } from '../random-runs.ts'

const exportedUrl = new URL('../fixtures/classes/exported.ts', import.meta.url).href
const evil = 'data:text/javascript,globalThis.wasImported = true; export class Evil {}'

const instance = { [placeholderKey]: 'instance', of: 0, fields: { x: 1 } }
const saved = (state: unknown, version: unknown = 1): object => ({
  [placeholderKey]: 'saved',
  of: 0,
  version,
  state,
})
const scale = { kind: 'registered', name: 'test.Scale', module: evil }

/** Classes of a message, a value, and the error that comes of it. */
const forged: readonly (readonly [classes: unknown, value: unknown, error: RegExp])[] = [
  [
    [{ kind: 'registered', name: 'test.Nowhere', module: evil }],
    saved({}),
    /'test\.Nowhere', which nothing in the program has registered/,
  ],
  [[{ kind: 'registered', name: 7 }], saved({}), /the class 7, which nothing/],
  [[{ kind: 'exported', url: evil, name: 'Evil' }], instance, /`Evil` of data:.* has not imported/],
  [[{ kind: 'exported', url: exportedUrl, name: 'Nowhere' }], instance, /which does not export it/],
  [[{ kind: 'exported', url: 1, name: 'x' }], instance, /a class without a name/],
  [[{ kind: 'made', id: 1e9 }], instance, /a class that the program has not sent/],
  [[{ kind: 'made', id: 'x' }], instance, /a class that the program has not sent/],
  [[{ kind: 'other' }], instance, /an unknown kind of class, 'other'/],
  [[null], instance, /an unknown kind of class, undefined/],
  [[], instance, /a class with the number 0, which the result does not list/],
  ['many', instance, /a class with the number 0/],
  [[scale], instance, /Expected the class of a received instance/],
  [
    [{ kind: 'exported', url: exportedUrl, name: 'Square' }],
    saved({}),
    /Expected a registered class of a received instance/,
  ],
  [
    [scale],
    saved({}),
    /test\.Scale \(class Scale\) can't be made: expected `factors` to be an array\./,
  ],
  [[scale], saved(undefined), /test\.Scale .* can't be made: Cannot destructure/],
  [[scale], saved({ factors: 1 }, 2), /expected version 1, got 2\. The program and its workers/],
  [[scale], saved({ factors: 1 }, 'x'), /expected version 1, got 'x'/],
  [[scale], { inner: [saved({})] }, /can't be made/],
]

/** Replaces its own result by a forged one. */
function forge(value: unknown, form: number): string {
  const post = Reflect.get(MessagePort.prototype, 'postMessage') as (message: unknown) => void
  MessagePort.prototype.postMessage = function (message: unknown[]) {
    const results = message[2] as unknown[]
    const at = message[0] === 'results' ? results.indexOf('forge me') : -1
    if (at >= 0) {
      results[at - 1] = form
      results[at] = value
      MessagePort.prototype.postMessage = post
    }
    post.call(this, message)
  }
  return 'forge me'
}

for (const form of [1, 2])
  test(`a forged ${form === 1 ? 'result' : 'failure'} fails its task, and its neighbours live`, async (context) => {
    const parallel = new Parallel({ workers: 1, backend: 'threads' })
    context.after(() => parallel.close())
    for (const [classes, value, text] of forged) {
      const message = { [placeholderKey]: 'classes', classes, value }
      const results = await parallel.run(
        [delayed(square)(3), delayed(forge)(message, form), delayed(square)(4)],
        { onError: 'collect' },
      )
      const [before, one, after] = results
      assert.deepEqual(
        [before, after],
        [
          { status: 'fulfilled', index: 0, value: 9 },
          { status: 'fulfilled', index: 2, value: 16 },
        ],
      )
      assert.equal(one.status, 'rejected')
      assert.match(String((one as { reason: unknown }).reason), text)
    }
    assert.ok(!('wasImported' in globalThis))
  })

test('a placeholder of an instance without a list of classes is refused', () => {
  for (const value of [instance, saved({}), [instance], { x: saved(1) }])
    for (const open of [decode, (received: unknown) => new LazyResult(received)])
      assert.throws(() => open(structuredClone(value)), { code: 'ERR_UNSENDABLE' })
})

test('a forged field named like an accessor or __proto__ is only data', async () => {
  const classes = await findResultClasses([{ kind: 'exported', url: exportedUrl, name: 'Square' }])
  const fields = JSON.parse('{ "__proto__": { "area": 1 }, "side": 3, "constructor": 1 }') as object
  const made = decode({ [placeholderKey]: 'instance', of: 0, fields }, undefined, classes)
  assert.ok(made instanceof Square)
  assert.equal(made.area(), 9)
  assert.equal(Object.getPrototypeOf(made), Square.prototype)
})

test('no list of classes and no value make the receiver fail in another way', async () => {
  const kind = fc.constantFrom('registered', 'exported', 'made', 'x')
  const sent = fc.oneof(
    fc.anything(),
    fc.record({
      kind,
      name: fc.oneof(fc.constant('test.Scale'), fc.anything()),
      id: fc.anything(),
    }),
  )
  const place = fc.record({
    [placeholderKey]: fc.constantFrom('instance', 'saved'),
    of: fc.oneof(fc.nat(3), fc.anything()),
    version: fc.oneof(fc.constant(1), fc.anything()),
    fields: fc.dictionary(fc.string(), fc.anything()),
    state: fc.oneof(fc.constant({ factors: zeros([1]), name: 'x' }), fc.anything()),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(sent), place, async (classes, value) => {
      const lookup = await findResultClasses(classes)
      try {
        const made = decode(value, undefined, lookup)
        return made instanceof Scale
      } catch (error) {
        return error instanceof Error && 'code' in error && error.code === 'ERR_UNSENDABLE'
      }
    }),
    { numRuns: randomRuns(500, 4000), seed: 20_261_201 },
  )
})
