/** Damaged trees are refused by a code, or give values of the kinds that they name. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { array, NDArray } from '../../../src/arrays/index.ts'
import { isOneCopyError } from '../../../src/errors.ts'
import { registerClass } from '../../../src/objects/index.ts'
import { decode, encode } from '../../../src/objects/internal.ts'
import { randomRuns } from '../../random-runs.ts'

class Leaf {
  readonly size: number
  constructor(size: number) {
    this.size = size
  }
}

registerClass(Leaf, {
  name: 'test.Leaf',
  version: 2,
  save: ({ size }) => ({ size }),
  load: ({ size }: { size: number }) => new Leaf(size),
})

/** A list without its second item, with other members. */
function withHole(list: unknown[], members: object): unknown[] {
  Reflect.deleteProperty(list, 1)
  return Object.assign(list, members)
}

const shared = { a: [1, -0] }
const sample = {
  numbers: [1, NaN, -0, 2n ** 70n, undefined],
  list: withHole([1, 2, 3], { name: 'x' }),
  map: new Map<unknown, unknown>([
    ['k', shared],
    [{}, new Set([1, shared])],
  ]),
  dates: [new Date(0), /a/g],
  bare: Object.assign(Object.create(null) as object, { $: 1 }),
  error: new AggregateError([new TypeError('a')], 'b', { cause: shared }),
  arrays: [
    array([
      [1, 2],
      [3, 4],
    ]),
    new Float64Array(3),
    Buffer.from('abc'),
    new DataView(new ArrayBuffer(4)),
  ],
  leaves: [new Leaf(1), { leaf: new Leaf(2) }],
}

const encoded = encode(sample)
const text = JSON.stringify(encoded.tree)

interface Slot {
  readonly holder: Record<string, unknown>
  readonly key: string
}

function slotsOf(tree: unknown): Slot[] {
  if (typeof tree !== 'object' || tree === null) return []
  const holder = tree as Record<string, unknown>
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...slotsOf(holder[key])])
}

const odd = [
  null,
  true,
  '',
  '__proto__',
  'constructor',
  0,
  -1,
  1,
  2,
  0.5,
  2 ** 31,
  2 ** 53,
  1e300,
  [],
  {},
  [[]],
  'NaN',
  '1e5',
  'Float64Array',
  'test.Leaf',
  'instance',
  'ref',
  'hole',
  'list',
  'object',
  'map',
  'ndarray',
  'bytes',
  'error',
  { $: 'ref', to: 1 },
  { $: 'hole' },
]

/** More of them, such as 1,000,000: `ONECOPY_FUZZ_RUNS=1000000 node --test test/objects/decode/damaged-trees.test.ts`. */
const numRuns = randomRuns(2000, 20_000)
const seed = Number(process.env['ONECOPY_FUZZ_SEED'] ?? 20_261_201)

const changes = fc.array(
  fc.record({
    at: fc.nat(),
    how: fc.constantFrom('replace', 'move', 'remove', 'add', 'rename'),
    what: fc.oneof(fc.constantFrom(...odd), fc.jsonValue()),
    from: fc.nat(),
    name: fc.constantFrom(
      '$',
      'id',
      'to',
      'entries',
      'items',
      'array',
      '__proto__',
      'state',
      'length',
    ),
  }),
  { minLength: 1, maxLength: 4 },
)

test('a damaged tree is refused, or gives plain values, arrays and instances', () => {
  let made = 0
  fc.assert(
    fc.property(changes, (list) => {
      const root: { tree?: unknown } = { tree: JSON.parse(text) }
      for (const { at, how, what, from, name } of list) {
        const slots = slotsOf(root)
        if (slots.length === 0) break
        const { holder, key } = slots[at % slots.length]!
        const other = slots[from % slots.length]!
        if (how === 'replace') holder[key] = structuredClone(what)
        else if (how === 'move') holder[key] = structuredClone(other.holder[other.key])
        else if (how === 'add' && !Array.isArray(holder)) holder[name] = structuredClone(what)
        else if (Array.isArray(holder)) holder.splice(Number(key), 1)
        else {
          const { [key]: value } = holder
          Reflect.deleteProperty(holder, key)
          if (how === 'rename') holder[name] = value
        }
      }
      const tree: unknown = JSON.parse(JSON.stringify(root.tree) ?? 'null')
      try {
        requireKnownKinds(decode({ tree, arrays: encoded.arrays }))
        made++
      } catch (error) {
        assert.ok(isOneCopyError(error), error as Error)
        assert.ok(['ERR_FORMAT', 'ERR_UNTRUSTED'].includes(error.code), error.code)
      }
      assert.deepEqual(Object.keys(Object.prototype), [])
      assert.deepEqual(Object.keys(Array.prototype), [])
    }),
    { seed, numRuns },
  )
  assert.ok(made > 100)
})

const kinds = new Set<unknown>([
  null,
  Object.prototype,
  Array.prototype,
  Map.prototype,
  Set.prototype,
  Date.prototype,
  RegExp.prototype,
  NDArray.prototype,
  Leaf.prototype,
  ...[Float64Array, Float32Array, Uint8Array, Uint8ClampedArray, Buffer, DataView, ArrayBuffer].map(
    (one) => one.prototype as object,
  ),
])

/** Fails when a value has anything in it that no tree can name. */
function requireKnownKinds(value: unknown): void {
  const seen = new Set([value])
  for (const one of seen) {
    assert.notEqual(typeof one, 'function')
    if (typeof one !== 'object' || one === null) continue
    assert.ok(one instanceof Error || kinds.has(Object.getPrototypeOf(one)))
    if (one instanceof NDArray || ArrayBuffer.isView(one)) continue
    const members = one instanceof Map ? [...one].flat() : one instanceof Set ? [...one] : []
    for (const member of [...members, ...Object.values(one)]) seen.add(member)
  }
}
