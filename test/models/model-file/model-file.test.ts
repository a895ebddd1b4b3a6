/** Model files: what comes back, what is refused, and what is said about it. */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import * as fc from 'fast-check'
import { arange, type NDArray, zeros } from '../../../src/arrays/index.ts'
import { describeContainer, saveContainer } from '../../../src/container/index.ts'
import { isOneCopyError } from '../../../src/errors.ts'
import { describeModel, openModel, saveModel } from '../../../src/models/index.ts'
import { refusal } from '../../arrays/refusal.ts'
import { temporaryFolder } from '../../arrays/temporary-folder.ts'
import { loads, Thermometer } from './thermometer.ts'

const file = (t: TestContext): string => join(temporaryFolder(t), 'a.onecopy')
const acme = { trusted: ['acme.Thermometer'] }

/** Saves a tree as if it were a model, from anybody. */
async function saveTree(path: string, model: unknown, more: object = {}): Promise<void> {
  const schema = { format: 'onecopy.model', version: 1, metadata: {}, model, ...more }
  await saveContainer(path, { schema, arrays: new Map([['a.npy', arange(0, 6)]]) })
}

const instance = (state: unknown, version = 2, type = 'acme.Thermometer'): object => ({
  $: 'instance',
  type,
  version,
  state,
})

test('any data comes back as it was', async (t) => {
  const path = file(t)
  const values = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: false,
    maxDepth: 3,
  })
  await fc.assert(
    fc.asyncProperty(values, async (value) => {
      await saveModel(value, path)
      assert.deepStrictEqual(await openModel(path), value)
      assert.deepStrictEqual(await openModel(path, { copy: true, verify: true }), value)
    }),
    { numRuns: 100, seed: 12 },
  )
})

test('a file of another format is refused with the function that opens it', async (t) => {
  const folder = temporaryFolder(t)
  const readers = {
    skops: 'openSkops()',
    npz: 'openNpz()',
    npy: 'openArray()',
    safetensors: 'openSafetensors()',
    txt: 'openLightGBM()',
    json: 'openXGBoost()',
    ubj: 'openXGBoost()',
  }
  for (const [ending, reader] of Object.entries(readers)) {
    const path = join(folder, `model.${ending}`)
    writeFileSync(path, 'PK\x03\x04, but no container'.repeat(10))
    const words = `To open .${ending} files, use ${reader}.`
    await assert.rejects(openModel(path), refusal('ERR_FORMAT', words))
  }
  const missing = join(folder, 'missing.npz')
  await assert.rejects(
    openModel(missing),
    (error: Error) => !error.message.includes('openNpz') && !error.message.includes('mode'),
  )
})

test('an instance of a class comes back, its arrays mapped', async (t) => {
  const path = file(t)
  await saveModel({ here: new Thermometer(1.5, arange(0, 10)) }, path)
  const { here } = await openModel<{ here: Thermometer }>(path, acme)
  assert.ok(here instanceof Thermometer)
  assert.equal(here.offset, 1.5)
  assert.equal(here.scale.mapping?.path, path)
  const copied = await openModel<{ here: Thermometer }>(path, { ...acme, copy: true })
  assert.equal(copied.here.scale.mapping, undefined)
  assert.deepEqual(copied.here.scale.toArray(), here.scale.toArray())
})

test('an array that is there five times is one member; views with other elements are others', async (t) => {
  const path = file(t)
  const X = arange(0, 6).reshape(2, 3)
  const { data } = X
  await saveModel(
    { X, same: [X, X, X, X], data, view: X.transpose(), row: X.row(1), copy: X.copy() },
    path,
  )
  assert.equal(describeContainer(path).arrays.length, 5)
  const model = await openModel<{ X: NDArray; same: NDArray[] }>(path)
  for (const one of model.same) assert.equal(one, model.X)
})

test('an object that is there twice stays one, and circles stay', async (t) => {
  const path = file(t)
  const shared = { name: 'x' }
  const circle: { self?: object; list: object[] } = { list: [shared, shared] }
  circle.self = circle
  await saveModel(circle, path)
  const model = await openModel<typeof circle>(path)
  assert.equal(model.self, model)
  assert.equal(model.list[0], model.list[1])
})

test('the same model gives the same bytes', async (t) => {
  const [a, b] = [file(t), file(t)]
  for (const path of [a, b]) await saveModel(new Thermometer(1, arange(0, 10)), path)
  assert.ok(readFileSync(a).equals(readFileSync(b)))
})

test('a value that is no data is refused by its place, and the old file stays', async (t) => {
  const path = file(t)
  writeFileSync(path, 'old')
  class Unknown {
    readonly x = 1
  }
  for (const [value, words] of [
    [
      { steps: [{ fn: () => 1 }] },
      'got function fn at `model.steps[0].fn`: a function is not data',
    ],
    [{ one: new Unknown() }, 'class Unknown is not registered'],
    [Promise.resolve(1), 'a promise is not data'],
  ] as const)
    await assert.rejects(saveModel(value, path), refusal('ERR_UNSAVABLE', words))
  assert.equal(readFileSync(path, 'utf8'), 'old')
})

test('arguments in another order or of another type are refused', async (t) => {
  const path = file(t)
  await assert.rejects(saveModel(path, {} as never), TypeError)
  await assert.rejects(saveModel(1, path, { compress: true } as never), TypeError)
  await assert.rejects(openModel(readFileSync as never), TypeError)
  await saveModel(1, path)
  for (const trusted of [true, 'acme.Thermometer', [1]])
    await assert.rejects(openModel(path, { trusted } as never), {
      name: 'TypeError',
      message: /^Expected `trusted` to be a list of names of classes, got/,
    })
})

test('metadata must be JSON, and comes back', async (t) => {
  const path = file(t)
  const metadata = { name: 'x', scores: [0.5, null, { deep: true }], ü: 'ü' }
  await saveModel(1, path, { metadata })
  assert.deepEqual((await describeModel(path)).metadata, metadata)
  for (const [value, words] of [
    [{ a: [NaN] }, 'Expected `metadata.a[0]` to be a value of JSON'],
    [{ a: { b: new Date() } }, 'Expected `metadata.a.b`'],
    [{ a: undefined }, 'Expected `metadata.a`'],
    [[1], 'Expected `metadata` to be an object'],
  ] as const)
    await assert.rejects(
      saveModel(1, path, { metadata: value as never }),
      (error) => error instanceof TypeError && error.message.includes(words),
    )
})

test('classes that are not trusted are refused, all of them by name, before anything is made', async (t) => {
  const path = file(t)
  await saveTree(path, [
    instance({ offset: 1, scale: { $: 'ndarray', array: 0 } }),
    instance({}, 1, 'acme.Barometer'),
    instance({}, 1, 'acme.Thermometer'),
  ])
  const before = loads.count
  await assert.rejects(
    openModel(path),
    refusal(
      'ERR_UNTRUSTED',
      `Could not open ${path}: The data has instances of 'acme.Thermometer', 'acme.Barometer', which you have not said that you trust.`,
    ),
  )
  // Trusted, but nobody has registered it.
  await assert.rejects(
    openModel(path, { trusted: ['acme.Thermometer', 'acme.Barometer'] }),
    refusal('ERR_UNTRUSTED', "'acme.Barometer', which no class in this program is registered as"),
  )
  assert.equal(loads.count, before)
})

test('a name in a file imports nothing', async (t) => {
  const path = file(t)
  const folder = temporaryFolder(t)
  const module = join(folder, 'evil.mjs')
  writeFileSync(module, `globalThis.wasImported = true`)
  for (const type of [
    module,
    `file://${module}`,
    'onecopy.Evil',
    '__proto__',
    'constructor',
    'node:fs',
  ]) {
    await saveTree(path, instance({}, 1, type))
    await assert.rejects(openModel(path, { trusted: [type] }), refusal('ERR_UNTRUSTED'))
  }
  assert.ok(!('wasImported' in globalThis))
})

test('a state that the class refuses is an error of the file', async (t) => {
  const path = file(t)
  await saveTree(path, { one: instance({ offset: 'x', scale: 1 }) })
  await assert.rejects(
    openModel(path, acme),
    refusal(
      'ERR_FORMAT',
      `Could not read member 'schema.json' of ${path}: Expected \`model.one\` to be the state of acme.Thermometer: \`offset\` must be a number.`,
    ),
  )
})

test('older versions of a class are migrated, newer ones refused', async (t) => {
  const path = file(t)
  await saveTree(path, instance({ fahrenheit: 212, scale: { $: 'ndarray', array: 0 } }, 1))
  const old = await openModel<Thermometer>(path, acme)
  assert.equal(old.offset, 100)
  assert.equal(old.scale.size, 6)
  await saveTree(path, instance({}, 3))
  await assert.rejects(openModel(path, acme), refusal('ERR_FORMAT', 'A newer program wrote it.'))
})

test('schemas of other forms are refused by their field', async (t) => {
  const path = file(t)
  const cases: [object, string][] = [
    [{ format: 'other' }, "Expected `format` of member 'schema.json'"],
    [{ version: 2 }, 'A newer version of onecopy wrote the file. Update onecopy.'],
    [{ version: '1' }, 'Expected `version`'],
    [{ more: 1 }, 'Expected the members'],
    [{ metadata: [] }, 'Expected `metadata`'],
  ]
  for (const [more, words] of cases) {
    await saveTree(path, 1, more)
    await assert.rejects(openModel(path), refusal('ERR_FORMAT', words))
    await assert.rejects(describeModel(path), refusal('ERR_FORMAT', words))
  }
  await saveContainer(path, { schema: null, arrays: new Map() })
  await assert.rejects(
    openModel(path),
    refusal('ERR_FORMAT', 'The file holds something else than a model.'),
  )
})

test('crafted trees are refused', async (t) => {
  const path = file(t)
  const array = (more: object): object => ({ $: 'ndarray', array: 0, ...more })
  const trees: [string, unknown][] = [
    ['an array that is not there', array({ array: 1 })],
    ['an array before the first', array({ array: -1 })],
    ['half an array', array({ array: 0.5 })],
    ['an array by name', array({ array: 'a.npy' })],
    ['an unknown tag', { $: 'function', source: 'process.exit()' }],
    ['a tag that every object has', { $: 'constructor' }],
    ['a member too many', array({ path: '/etc/passwd' })],
    ['typed elements of another type', { $: 'bytes', kind: 'Int8Array', array: 0 }],
    ['a view of no class of bytes', { $: 'bytes', kind: 'Function', array: 0 }],
    ['a reference to nothing', { $: 'ref', to: 7 }],
    ['a class without a name', instance({}, 1, '')],
    ['a version below 1', instance({}, 0)],
    ['a number that is none', { $: 'number', value: '1e5' }],
    ['a bigint that is code', { $: 'bigint', value: '1n+1n' }],
  ]
  for (const [name, tree] of trees) {
    await saveTree(path, { inside: [tree] })
    await assert.rejects(openModel(path, acme), { code: /^ERR_(FORMAT|UNTRUSTED)$/ } as never, name)
    // It makes nothing, so that it shows what is there.
    await describeModel(path)
  }
})

test('a key that is a prototype is a member like others', async (t) => {
  const path = file(t)
  const model = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"a":1}}') as object
  await saveModel(model, path)
  const opened = await openModel<object>(path)
  assert.deepEqual(Object.keys(opened), ['__proto__', 'constructor'])
  assert.equal(Object.getPrototypeOf(opened), Object.prototype)
  assert.ok(!('polluted' in {}))
  await saveTree(path, JSON.parse('{"__proto__":{"polluted":1}}'))
  const crafted = await openModel<object>(path).catch((error: unknown) => error as object)
  assert.ok(!('polluted' in crafted) && !('polluted' in {}))
})

test('a description has classes, arrays and values, and makes nothing', async (t) => {
  const path = file(t)
  await saveModel(
    {
      here: new Thermometer(NaN, arange(0, 6).reshape(2, 3)),
      list: [
        1n,
        new Date(0),
        /x/g,
        undefined,
        new Map([['k', 1]]),
        new Set([2]),
        new Uint8Array(3),
      ],
      $: 'odd',
    },
    path,
    { metadata: { by: 'me' } },
  )
  const before = loads.count
  const { bytes, path: where, ...description } = await describeModel(path)
  assert.equal(bytes, readFileSync(path).length)
  assert.equal(where, path)
  assert.deepEqual(description, {
    metadata: { by: 'me' },
    classes: [{ name: 'acme.Thermometer', version: 2, count: 1 }],
    needsTrust: ['acme.Thermometer'],
    arrays: [
      { name: 'here.scale', dtype: 'float64', shape: [2, 3], bytes: 48 },
      { name: 'list[6]', dtype: 'uint8', shape: [3], bytes: 3 },
    ],
    model: {
      here: { class: 'acme.Thermometer 2', offset: 'NaN', scale: 'float64 (2, 3)' },
      list: [
        '1n',
        '1970-01-01T00:00:00.000Z',
        '/x/g',
        'undefined',
        { k: 1 },
        [2],
        'Uint8Array (3)',
      ],
      $: 'odd',
    },
    signedBy: undefined,
  })
  assert.equal(loads.count, before)
})

test('names of arrays are their places, each once, and never paths', async (t) => {
  const path = file(t)
  const one = (): NDArray => zeros([1])
  await saveModel(
    {
      '': one(),
      '../../x': one(),
      a: { b: one() },
      'a.b': one(),
      '/etc/passwd': one(),
      ['x'.repeat(500)]: one(),
      ü: one(),
      'c:\\d': one(),
    },
    path,
  )
  const names = describeContainer(path).arrays.map(({ name }) => name)
  assert.equal(new Set(names).size, 8)
  for (const name of names) assert.match(name, /^[^/\\:]{1,130}\.npy$/)
  await openModel(path, { verify: true })
})

test('a description has lists of any length', async (t) => {
  const path = file(t)
  await saveModel({ list: Array.from({ length: 300_000 }, (_, i) => i) }, path)
  const { model } = await describeModel(path)
  assert.equal((model as { list: number[] }).list.length, 300_000)
})

test('a description of malformed nodes shows them, whatever their members are called', async (t) => {
  const path = file(t)
  const odd = { toString: 1, valueOf: null, constructor: { name: { toString: 1 } } }
  await saveTree(path, [
    { $: 'bigint', value: odd },
    { $: 'regexp', source: odd, flags: odd },
    { $: 'error', name: odd, message: odd },
    { $: 'ndarray', array: odd },
    { $: 'object', entries: [[odd, 1]] },
    { $: 'instance', type: odd, version: odd, state: odd },
    instance({ size: 1 }, odd as never),
  ])
  const { classes, model } = await describeModel(path)
  assert.deepEqual(classes, [{ name: 'acme.Thermometer', version: NaN, count: 1 }])
  assert.equal((model as unknown[]).length, 7)
  await assert.rejects(openModel(path, acme), refusal('ERR_FORMAT'))
})

test('a description shows the class of an instance, whatever its state has', async (t) => {
  const path = file(t)
  await saveTree(path, instance({ class: 'onecopy.Ridge 1', size: 1 }))
  assert.deepEqual((await describeModel(path)).model, {
    class: 'acme.Thermometer 2',
    state: { class: 'onecopy.Ridge 1', size: 1 },
  })
})

test('a learned value that no fit gives is named by its field, class, place and member', async (t) => {
  const path = file(t)
  const model = { ...instance({ alpha: 1, coef_: 'x' }, 1, 'onecopy.Ridge') }
  await saveTree(path, { steps: [model] })
  await assert.rejects(openModel(path), (error: unknown) => {
    assert.ok(isOneCopyError(error))
    assert.equal(
      error.message,
      `Could not read member 'schema.json' of ${path}: Expected \`coef_\` of Ridge in \`model.steps[0]\` to be ` +
        "an NDArray of float64 of shape (any) or (any, any), got 'x'. The data is damaged, or was not written by onecopy.",
    )
    const { details } = error
    assert.equal(details['member'], 'schema.json')
    assert.equal(details['place'], 'model.steps[0]')
    assert.equal(details['field'], 'coef_')
    return true
  })
})
