/** Which changes of a function have its results computed anew, and which don't. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cached } from '../../src/cache/index.ts'
import { isOneCopyError } from '../../src/errors.ts'
import { importFiles, keyOfFiles, makePlace } from './cache-place.ts'

const start = `import { scale } from './scale.mjs'
export function fn(x) { return scale(x) + own(x) }
const own = (x) => x + 1`

test('K1: a helper that changes in the same file has results computed again', async () => {
  const files = { 'scale.mjs': 'export const scale = (x) => 2 * x' }
  const before = await keyOfFiles({ ...files, 'main.mjs': start }, 1)
  assert.equal(await keyOfFiles({ ...files, 'main.mjs': start }, 1), before)
  const after = await keyOfFiles({ ...files, 'main.mjs': start.replace('x + 1', 'x + 2') }, 1)
  assert.notEqual(after, before)
})

test('K1, K2: a function of an own module that changes counts, one that is not used does not', async () => {
  const main = { 'main.mjs': start }
  const of = (scale: string): Promise<string> => keyOfFiles({ ...main, 'scale.mjs': scale }, 1)
  const before = await of('export const scale = (x) => 2 * x')
  assert.notEqual(await of('export const scale = (x) => 3 * x'), before)
  assert.equal(await of('export const scale = (x) => 2 * x; export const other = () => 5'), before)
  const deep = 'import { by } from "./by.mjs"; export const scale = (x) => by * x'
  const [two, three] = await Promise.all(
    [2, 3].map((by) =>
      keyOfFiles({ ...main, 'scale.mjs': deep, 'by.mjs': `export const by = ${by}` }, 1),
    ),
  )
  assert.notEqual(two, three)
})

test('K2: of a namespace import the members count that a function uses', async () => {
  const main = {
    'main.mjs': 'import * as tools from "./tools.mjs"; export const fn = (x) => tools.half(x)',
  }
  const of = (tools: string): Promise<string> => keyOfFiles({ ...main, 'tools.mjs': tools }, 1)
  const before = await of('export const half = (x) => x / 2; export const third = (x) => x / 3')
  assert.equal(
    await of('export const half = (x) => x / 2; export const third = (x) => x * 0.333'),
    before,
  )
  assert.notEqual(
    await of('export const half = (x) => x * 0.5; export const third = (x) => x / 3'),
    before,
  )
})

test('K2: what a function imports while it runs counts by its text and what that imports', async () => {
  const main = {
    'main.mjs': 'export const fn = async (x) => (await import("./late.mjs")).late(x)',
    'late.mjs': 'import { deep } from "./deep.mjs"; export const late = (x) => deep(x)',
  }
  const before = await keyOfFiles({ ...main, 'deep.mjs': 'export const deep = (x) => x' }, 1)
  assert.notEqual(
    await keyOfFiles({ ...main, 'deep.mjs': 'export const deep = (x) => -x' }, 1),
    before,
  )
})

test('K2: packages count by their version, not by their text', async () => {
  const of = (version: string, text: string): Promise<string> =>
    keyOfFiles(
      {
        'main.mjs': 'import sum from "acme-sum"; export const fn = (x) => sum(x)',
        'node_modules/acme-sum/package.json': `{ "name": "acme-sum", "version": "${version}", "exports": "./index.mjs" }`,
        'node_modules/acme-sum/index.mjs': `${text}\nexport default function sum(x) { return helper(x) }`,
      },
      1,
    )
  const before = await of('1.0.0', 'const helper = (x) => x + 1')
  assert.equal(await of('1.0.0', 'const helper = (x) => 1 + x'), before)
  assert.notEqual(await of('1.0.1', 'const helper = (x) => x + 1'), before)
})

test('K3: a captured value that changes gives another key, also inside an object', async () => {
  const { fn, options, setLimit } = await importFiles<{
    fn: (x: number) => number
    options: { k: number }
    setLimit: (limit: number) => void
  }>({
    'main.mjs': `export const options = { k: 1, list: [1, 2] }
let limit = 10
export const setLimit = (next) => { limit = next }
export const fn = (x) => x + options.k + limit`,
  })
  const own = cached(fn, { folder: makePlace() })
  const before = await own.key(1)
  options.k = 2
  const other = await own.key(1)
  assert.notEqual(other, before)
  options.k = 1
  assert.equal(await own.key(1), before)
  setLimit(11)
  assert.notEqual(await own.key(1), before)
})

test('K3: closures of one source with other captured values never share', async () => {
  const add = (by: number) => (x: number) => x + by
  const folder = makePlace()
  const [one, two] = [
    cached(add(1), { folder, name: 'add' }),
    cached(add(2), { folder, name: 'add' }),
  ]
  assert.deepEqual([await one(1), await two(1), await one(1)], [2, 3, 2])
  assert.equal(one.last?.isHit, true)
})

test('K4: comments, blanks, quotes and moved lines keep results', async () => {
  const before = await keyOfFiles(
    { 'main.mjs': "export const fn = (x) => { const a = 'b'; return a + x }" },
    1,
  )
  const after = await keyOfFiles(
    {
      'main.mjs': `// a line before
export const fn = (x) => {
  // says what it does
  const a = "b" /* here */
  return a + x
}`,
    },
    1,
  )
  assert.equal(after, before)
})

test('K4: a line break that means something counts', async () => {
  const before = await keyOfFiles({ 'main.mjs': 'export function fn(x) { return x + 1 }' }, 1)
  const after = await keyOfFiles({ 'main.mjs': 'export function fn(x) { return\n x + 1 }' }, 1)
  assert.notEqual(after, before)
})

test('K4: literals of other types count', async () => {
  const keys = await Promise.all(
    ['1', "'1'", '1n', '/1/', '`1`', '1e999', '2'].map((text) =>
      keyOfFiles({ 'main.mjs': `export const fn = (x) => [x, ${text}]` }, 1),
    ),
  )
  assert.equal(new Set(keys).size, keys.length)
})

test('K4: with a version nothing of the source counts but the version does', async () => {
  const folder = makePlace()
  const older = cached((x: number) => x + 1, { folder, name: 'step', version: 1 })
  const newer = cached((x: number) => x + 1 + 0, { folder, name: 'step', version: 1 })
  assert.equal(await older(1), 2)
  assert.equal(await newer(1), 2)
  assert.equal(newer.last?.isHit, true)
  const next = cached((x: number) => x + 2, { folder, name: 'step', version: 2 })
  assert.equal(await next(1), 3)
  assert.equal(next.last?.isHit, false)
})

test('K5: results of an older source are found again when the source is as it was', async () => {
  const folder = makePlace()
  const make = async (text: string) =>
    cached((await importFiles<{ fn: (x: number) => number }>({ 'main.mjs': text })).fn, { folder })
  const [before, after, again] = [
    await make('export const fn = (x) => x + 1'),
    await make('export const fn = (x) => x + 2'),
    await make('export const fn = (x) => x + 1'),
  ]
  assert.deepEqual([await before(1), await after(1), await again(1)], [2, 3, 2])
  assert.equal(again.last?.isHit, true)
})

test('K6: functions of one name, and those without a name, never share', async () => {
  const folder = makePlace()
  const functions = [
    cached(
      function step(x: number) {
        return x + 1
      },
      { folder },
    ),
    cached(
      function step(x: number) {
        return x + 2
      },
      { folder },
    ),
    cached((x: number) => x + 3, { folder }),
    cached((x: number) => x + 4, { folder }),
  ]
  for (const [i, step] of functions.entries()) {
    assert.equal(await step(1), i + 2)
    assert.equal(step.last?.isHit, false)
  }
})

test('functions that call each other in circles have keys, and a change in one of them counts', async () => {
  const text = `export const fn = (n) => n === 0 ? 'even' : odd(n - 1)
const odd = (n) => n === 0 ? 'odd' : fn(n - 1)`
  const before = await keyOfFiles({ 'main.mjs': text }, 4)
  assert.equal(await keyOfFiles({ 'main.mjs': text }, 4), before)
  assert.notEqual(await keyOfFiles({ 'main.mjs': text.replace("'odd'", "'uneven'") }, 4), before)
})

test('classes that a function uses count with what they extend', async () => {
  const text = (body: string): string => `class Base { size() { ${body} } }
class Own extends Base {}
export const fn = (x) => new Own().size() + x`
  assert.notEqual(
    await keyOfFiles({ 'main.mjs': text('return 1') }, 1),
    await keyOfFiles({ 'main.mjs': text('return 2') }, 1),
  )
})

test('a cached function that another one uses counts by its own source', async () => {
  const inner = (by: number) => cached((x: number) => x * by, { folder: 'a', name: 'inner' })
  const outer = (by: number) => {
    const times = inner(by)
    return cached(async (x: number) => (await times(x)) + 1, { folder: 'b', name: 'outer' })
  }
  assert.equal(await outer(2).key(1), await outer(2).key(1))
  assert.notEqual(await outer(2).key(1), await outer(3).key(1))
})

test('what no key can be made of is refused by name, with the ways out', async () => {
  const weak = new WeakMap<object, number>()
  const own = cached((x: number) => weak.get({}) ?? x, { folder: makePlace() })
  await assert.rejects(own(1), (error) => {
    assert.ok(isOneCopyError(error))
    assert.equal(error.code, 'ERR_FUNCTION')
    assert.match(
      error.message,
      /uses `weak` at function-identity\.test\.ts:\d+, and no key can be made of an object of class WeakMap: .*`version`/,
    )
    return true
  })
  const bound = cached(Math.max.bind(null, 1), { folder: makePlace() })
  await assert.rejects(bound(1), /is a bound or native function/)
})
