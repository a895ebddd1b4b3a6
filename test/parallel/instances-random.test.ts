/** Random graphs of data and instances arrive as they were sent. */

import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { NDArray, shared } from '../../src/arrays/index.ts'
import { delayed } from '../../src/parallel/index.ts'
import { Square } from '../fixtures/classes/exported.ts'
import { Scale, Steps } from '../fixtures/classes/registered.ts'
import { everyBackend, onBackends } from './backends.ts'

class Node {
  left: unknown
  right: unknown
}
class Leaf extends Node {
  at = 0
}

type Part = 'upper' | 'registered' | 'lower'

/** One object of a graph: what it is, and numbers by which it finds what it refers to. */
interface Spec {
  readonly part: Part
  readonly kind: number
  readonly edges: readonly number[]
  readonly value: unknown
}

const value = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.string(),
  fc.constantFrom(null, undefined, true, -0, NaN),
  fc.bigInt(),
)
const spec = (part: Part): fc.Arbitrary<Spec> =>
  fc.record({
    part: fc.constant(part),
    kind: fc.nat(99),
    edges: fc.array(fc.nat(999), { minLength: 2, maxLength: 4 }),
    value,
  })
const graph = fc
  .tuple(
    fc.array(spec('upper'), { minLength: 1, maxLength: 6 }),
    fc.array(spec('registered'), { maxLength: 3 }),
    fc.array(spec('lower'), { minLength: 1, maxLength: 4 }),
  )
  .map((parts) => parts.flat())

const made = {
  plain: (): object => ({}),
  list: (): object => [],
  map: (): object => new Map(),
  set: (): object => new Set(),
  node: (): object => new Node(),
  leaf: (): object => new Leaf(),
  square: (): object => new Square(3),
  array: (): object => shared([3], 'float64'),
  bytes: (): object => new Uint8Array([1, 2, 3]),
  date: (): object => new Date(7),
  error: (): object => new RangeError('r'),
} as const

/** Upper objects refer to any, registered ones to those after them, and lower ones to each other. */
function build(specs: readonly Spec[]): unknown {
  const objects = specs.map(({ part, kind, value: own }) => {
    if (part === 'registered') return kind % 2 === 0 ? new Steps() : Scale.of(4, Number(own) || 1)
    return Object.values(made)[kind % Object.keys(made).length]!()
  })
  const lower = specs.findIndex(({ part }) => part === 'lower')
  for (const [at, { part, edges, value: own }] of specs.entries()) {
    const first = part === 'upper' ? 0 : part === 'registered' ? at + 1 : lower
    const targets = edges.map((edge) => objects[first + (edge % (objects.length - first))])
    link(objects[at]!, targets, own)
  }
  return objects[0]
}

function link(object: object, targets: readonly unknown[], own: unknown): void {
  const [a, b] = targets
  if (object instanceof Scale || ArrayBuffer.isView(object) || object instanceof NDArray) return
  if (object instanceof Date) return
  if (Array.isArray(object)) object.push(...targets, own)
  else if (object instanceof Map) object.set(a, b).set('own', own)
  else if (object instanceof Set) for (const target of [...targets, own]) object.add(target)
  else if (object instanceof Node) Object.assign(object, { left: a, right: b, own })
  else Object.assign(object, { a, b, own })
}

/** What an object holds, in an order that both sides have. */
function contents(object: object): unknown[] {
  if (object instanceof Scale) return [object.name, object.factors]
  if (object instanceof NDArray) return [object.dtype, ...object.toTypedArray()]
  if (ArrayBuffer.isView(object)) return [...(object as Uint8Array)]
  if (object instanceof Date) return [object.getTime()]
  if (object instanceof Map) return [...object].flat()
  if (object instanceof Set) return [...object]
  const more = object instanceof Error ? [object.message] : []
  return [...more, ...Object.entries(object).flat()]
}

/** Both have the same classes, values, and the same objects in the same places. */
function assertSame(left: unknown, right: unknown, pairs = new Map<unknown, unknown>()): void {
  if (typeof left !== 'object' || left === null) return assert.ok(Object.is(left, right))
  if (pairs.has(left)) return assert.equal(pairs.get(left), right)
  pairs.set(left, right)
  assert.ok(typeof right === 'object' && right !== null)
  assert.equal(Object.getPrototypeOf(right), Object.getPrototypeOf(left))
  const [one, other] = [contents(left), contents(right)]
  assert.equal(other.length, one.length)
  for (const [i, part] of one.entries()) assertSame(part, other[i], pairs)
}

onBackends(everyBackend, 'a graph comes back as it was, also as a captured value', async (make) => {
  const parallel = make({ workers: 1 })
  const graphs = fc.sample(graph, { numRuns: 150, seed: 20_261_201 }).map(build)
  const same = delayed((x: unknown) => x)
  const results = await parallel.run(graphs.map((one) => same(one)))
  for (const [i, one] of graphs.entries()) assertSame(one, results[i])
  const some = graphs.slice(0, 10)
  const [captured] = await parallel.run([delayed(() => some)()])
  assertSame(some, captured)
})
