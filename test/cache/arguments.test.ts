/** Equal arguments have equal keys, and others have others. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { array, openArray, saveArray, shared } from '../../src/arrays/index.ts'
import { cached } from '../../src/cache/index.ts'
import { isOneCopyError } from '../../src/errors.ts'
import { registerClass } from '../../src/objects/index.ts'
import { randomRuns } from '../random-runs.ts'
import { keyOfArguments, makePlace } from './cache-place.ts'

async function assertEqualKeys(...values: readonly unknown[]): Promise<void> {
  const keys = await Promise.all(values.map((value) => keyOfArguments(value)))
  for (const [i, key] of keys.entries()) assert.equal(key, keys[0], `value ${i}`)
}

async function assertOtherKeys(...values: readonly unknown[]): Promise<void> {
  const keys = await Promise.all(values.map((value) => keyOfArguments(value)))
  for (const [i, key] of keys.entries())
    for (let j = 0; j < i; j++) assert.notEqual(key, keys[j], `values ${j} and ${i}`)
}

test('K7: one object twice and two equal ones have one key', async () => {
  const one = { a: [1, 2], b: 'text' }
  await assertEqualKeys([one, one], [one, { ...one }], structuredClone([one, one]))
  const circle: { self?: unknown; list: number[] } = { list: [1] }
  circle.self = circle
  await assertEqualKeys(circle, structuredClone(circle))
})

test('K7: the order of keys, entries and members makes no difference', async () => {
  await assertEqualKeys({ a: 1, b: 2 }, { b: 2, a: 1 })
  await assertEqualKeys(new Set([1, 'a', [2]]), new Set([[2], 'a', 1]))
  await assertEqualKeys(
    new Map<unknown, unknown>([
      ['a', 1],
      [{ k: 1 }, 2],
    ]),
    new Map<unknown, unknown>([
      [{ k: 1 }, 2],
      ['a', 1],
    ]),
  )
})

test('K7: values that differ have other keys', async () => {
  await assertOtherKeys(0, -0, NaN, Infinity, 1, '1', 1n, true, null, undefined, [1], { 0: 1 })
  await assertEqualKeys(NaN, Number.NaN, 0 / 0)
  await assertOtherKeys(
    [undefined],
    Object.assign([], { length: 1 }),
    [],
    [[]],
    {},
    new Map(),
    new Set(),
  )
  await assertOtherKeys(['ab', 'c'], ['a', 'bc'], ['abc'], 'abc')
  await assertOtherKeys({ a: undefined }, {}, { a: null })
  await assertOtherKeys('\ud800', '\ud801', '\ufffd')
  await assertOtherKeys(new Date(0), 0, new Date(1), /a/g, /a/i, new Error('a'), new Error('b'))
  await assertOtherKeys(
    [1, 2, 3],
    new Float64Array([1, 2, 3]),
    new Float32Array([1, 2, 3]),
    array([1, 2, 3]),
  )
  await assertOtherKeys(Buffer.from('a'), new Uint8Array([97]), new Uint8Array([97]).buffer)
  await assertOtherKeys(
    array([[1, 2, 3, 4]]),
    array([
      [1, 2],
      [3, 4],
    ]),
    array([1, 2, 3, 4]),
  )
})

test('K7: calls with other numbers of arguments have other keys', async () => {
  const keys = [await keyOfArguments(), await keyOfArguments(undefined), await keyOfArguments([])]
  assert.equal(new Set(keys).size, 3)
})

test('K7: random data has the key of its clone, and another one when a part of it changes', async () => {
  const data = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
    withObjectString: false,
    withNullPrototype: false,
    withBoxedValues: false,
  })
  await fc.assert(
    fc.asyncProperty(data, async (value) => {
      const key = await keyOfArguments(value)
      assert.equal(await keyOfArguments(structuredClone(value)), key)
      assert.notEqual(await keyOfArguments([value]), key)
      assert.notEqual(await keyOfArguments(value, 1), key)
    }),
    { numRuns: randomRuns(300, 20_000), seed: 7 },
  )
})

test('K7: another process makes the same keys', async () => {
  const program = `import { keyOfArguments } from ${JSON.stringify(join(import.meta.dirname, 'cache-place.ts'))}
console.log(await keyOfArguments(${exampleText}))`
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
    env,
  })
  const [key] = printed.split('\n')
  assert.equal(key, await keyOfArguments(example()))
})

test('K7: keys are the same after an upgrade of onecopy', async () => {
  assert.equal(await keyOfArguments(example()), '42d41222e9218fe5b25e1a7346c5bb83')
  // The form of the text, of which a key is a hash, is part of what is kept.
  const probe = createHash('sha256').update('version number 1 probe').digest('hex').slice(0, 32)
  const text = createHash('sha256').update(`onecopy.cache 1\n${probe}\nl1;0;n1;`).digest('hex')
  assert.equal(await keyOfArguments(1), text.slice(0, 32))
})

const exampleText =
  "{ b: [1, -0, 'ä', null], a: new Map([[1n, new Set(['x', 2])]]), at: new Date(5), x: new Float32Array([1, 2.5]) }"

function example(): unknown {
  return {
    x: new Float32Array([1, 2.5]),
    at: new Date(5),
    a: new Map([[1n, new Set<unknown>([2, 'x'])]]),
    b: [1, -0, 'ä', null],
  }
}

test('K8: views, transposed, sliced, mapped and shared arrays of equal elements have one key', async () => {
  const values = array([
    [1, 2, 3],
    [4, 5, 6],
  ])
  const columns = array([
    [1, 4],
    [2, 5],
    [3, 6],
  ]).transpose()
  const wide = array([
    [1, 0, 2, 0, 3],
    [4, 0, 5, 0, 6],
  ]).slice(null, [0, 5, 2])
  const scratch = shared([2, 3], 'float64')
  for (let r = 0; r < 2; r++) for (let c = 0; c < 3; c++) scratch.set(values.get(r, c), r, c)
  const path = join(makePlace(), 'values.npy')
  await saveArray(path, values)
  await assertEqualKeys(values, columns, wide, scratch, openArray(path), values.copy())
})

test('K8: large arrays too, whose digests are made beside the event loop', async () => {
  const X = shared([400, 301], 'float64')
  for (let i = 0; i < X.size; i++) X.data[X.offset + i] = Math.sqrt(i)
  const path = join(makePlace(), 'values.npy')
  await saveArray(path, X)
  await assertEqualKeys(X, X.transpose().copy().transpose(), openArray(path), openArray(path))
  await assertEqualKeys({ X, twice: [X, X] }, { X, twice: [X.copy(), openArray(path)] })
  await assertOtherKeys(X, X.transpose(), X.reshape(301, 400), X.slice([0, 399]))
})

test('registered classes count by their name and state, others by their source and fields', async () => {
  class Celsius {
    readonly #degrees: number
    constructor(degrees: number) {
      this.#degrees = degrees
    }
    get degrees(): number {
      return this.#degrees
    }
  }
  registerClass(Celsius, {
    name: 'acme.CacheCelsius',
    version: 1,
    save: ({ degrees }) => ({ degrees }),
    load: ({ degrees }) => new Celsius(degrees),
  })
  class Point {
    x: number
    constructor(x: number) {
      this.x = x
    }
  }
  await assertEqualKeys(new Celsius(3), new Celsius(3))
  await assertOtherKeys(new Celsius(3), new Celsius(4), new Point(3), new Point(4), { x: 3 })
})

test('functions as arguments count by what they do', async () => {
  const add = (by: number) => (x: number) => x + by
  await assertEqualKeys(add(1), add(1))
  await assertOtherKeys(add(1), add(2), Math.max, Math.min)
})

test('ignored parameters and members make no difference, by whatever way they are named', async () => {
  const folder = makePlace()
  const fit = cached(
    (x: number, { k, log }: { k: number; log?: unknown }, options: { trace?: unknown } = {}) =>
      [x, k, log, options].length,
    { folder, ignore: ['log', 'options.trace'] },
  )
  const before = await fit.key(1, { k: 2 }, {})
  assert.equal(await fit.key(1, { k: 2, log: console }, { trace: () => 1 }), before)
  assert.notEqual(await fit.key(1, { k: 3, log: console }, {}), before)
  const step = cached((x: number, _log?: unknown) => x, { folder, ignore: ['_log'] })
  assert.equal(await step.key(1, console), await step.key(1))
})

test('an ignored name that the function does not have is refused with those that it has', () => {
  assert.throws(
    () => cached((x: number, k: number) => x + k, { folder: 'a', ignore: ['verbose'] }),
    (error) =>
      isOneCopyError(error) &&
      error.code === 'ERR_OPTION' &&
      error.message ===
        "Expected `ignore` to name parameters of the function ('x', 'k'), or members of them such as 'options.log', got 'verbose'.",
  )
})

test('an argument that is no data is refused with its place', async () => {
  const own = cached((x: { at: unknown }) => x, { folder: makePlace() })
  await assert.rejects(own({ at: Promise.resolve(1) }), (error) => {
    assert.ok(isOneCopyError(error))
    assert.equal(error.code, 'ERR_UNSENDABLE')
    assert.match(
      error.message,
      /^Expected the arguments of a cached function to be data, got an object of class Promise at `arguments\[0\]\.at`: .* name it in `ignore`\.$/,
    )
    return true
  })
})

test('K10: a key of a large object needs no copy of its arrays', async () => {
  const X = new Float64Array(8_000_000).fill(1)
  const before = process.memoryUsage().arrayBuffers
  const promise = keyOfArguments({ X, names: ['a'] })
  const during = process.memoryUsage().arrayBuffers
  await promise
  assert.ok(during - before < X.byteLength / 8, `${during - before} bytes`)
})

test('objects that lead to one place by very many ways take no time', async () => {
  let value: unknown = [1]
  for (let i = 0; i < 100; i++) value = [value, value]
  assert.equal(await keyOfArguments(value), await keyOfArguments(value))
})
