/** What the compiler says about tasks: types kept, unsendable arguments refused. */

import type { NDArray } from '../../src/arrays/index.ts'
import { Ridge } from '../../src/learn/index.ts'
import type { Table } from '../../src/tables/index.ts'
import { delayed, type Parallel, type Task, task } from '../../src/parallel/index.ts'

/** Compiles only when both types are the same. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
function expectSame<A, B>(_same: Same<A, B>): void {}

declare const parallel: Parallel
declare function first<T>(list: readonly T[]): T
declare function pick<T extends object, K extends keyof T>(object: T, key: K): T[K]
declare function options(x: number, name?: string, ...rest: boolean[]): Promise<number>
declare function fit(
  X: NDArray,
  o: { rows?: readonly number[]; parts: Map<string, NDArray> },
): string
declare function anything(x: unknown, y: never[]): void
type Json = string | number | null | Json[] | { [key: string]: Json }
declare function parse(json: Json): Json
declare function call(x: number, fn: (x: number) => void): number
declare function sortBy(values: number[], compare: (a: number, b: number) => number): number[]
declare function mixed(compare: () => number, wait: Promise<number>): void
declare function wait(value: Promise<number>): number
declare function same<T>(value: T): T
class Forest {
  trees = 3
  readonly #seed = 1
  private readonly parts: Forest[] = []
  next?: Forest
  grow(): this {
    return this
  }
  get size(): number {
    return this.parts.length + this.#seed
  }
}
declare function grow(forest: Forest): Forest
class Waiting {
  readonly ready = Promise.resolve(1)
}
declare function waitFor(one: Waiting): number
declare function growAll(forests: { list: Forest[]; more: Map<string, Forest> }): Forest[]
declare function useTable(table: Table, model: Ridge): number

// Generics, optional and rest parameters stay, promises are awaited.
const one = delayed(first)(['x'])
expectSame<typeof one, Task<string>>(true)
const two = delayed(pick)({ a: 1, b: 'x' }, 'a')
expectSame<typeof two, Task<number>>(true)
const three = delayed(options)(1, 'x', true, false)
expectSame<typeof three, Task<number>>(true)
delayed(options)(1)
delayed(fit)({} as NDArray, { parts: new Map() })
delayed(anything)(() => 1, [])
delayed(parse)({ a: [1, { b: null }] })
const four = task<typeof options>(import.meta.url, 'options')(1)
expectSame<typeof four, Task<number>>(true)
task(import.meta.url, 'options')('anything', 1)

// Arity and types of arguments are those of the function.
// @ts-expect-error: an argument is missing
delayed(options)()
// @ts-expect-error: a string is no number
delayed(options)('1')
// @ts-expect-error: a number is no function
delayed(7)
// @ts-expect-error: a string is no number
task<typeof options>(import.meta.url, 'options')('x')

// What no worker can receive is refused, at any place.
// A function is an argument like any other, and may stand in an object.
delayed(call)(1, () => {})
const sorted = delayed(sortBy)([2, 1], (a, b) => a - b)
expectSame<typeof sorted, Task<number[]>>(true)
// @ts-expect-error: a promise, beside a function
delayed(mixed)(() => 1, Promise.resolve(1))
// An inline function is a function like any other.
const inline = delayed(async <T>(x: T, y = 1): Promise<[T, number]> => [x, y])('x')
expectSame<typeof inline, Task<[string, number]>>(true)
// @ts-expect-error: a promise
delayed(wait)(Promise.resolve(1))
// @ts-expect-error: a symbol
delayed(same)(Symbol('s'))
// @ts-expect-error: a weak map
delayed(same)(new WeakMap())
delayed(same)({ a: [{ b: () => 1 }] })
// Instances have methods, and may be results.
const grown = delayed(grow)(new Forest())
expectSame<typeof grown, Task<Forest>>(true)
delayed(growAll)({ list: [new Forest()], more: new Map() })
delayed(useTable)({} as Table, new Ridge())
parallel.map((forest: Forest) => forest.grow().size, [new Forest()])
// @ts-expect-error: an instance with a promise
delayed(waitFor)(new Waiting())
// @ts-expect-error: a symbol within
delayed(same)({ a: [{ b: Symbol('s') }] })

// Results have the types of their tasks, one by one.
const tuple = await parallel.run([one, two])
expectSame<typeof tuple, [string, number]>(true)
const list = await parallel.run([1, 2].map((x) => delayed(options)(x)))
expectSame<typeof list, number[]>(true)
const lazy = await parallel.run(new Set([one]))
expectSame<typeof lazy, string[]>(true)
for await (const x of parallel.stream([one])) expectSame<typeof x, string>(true)
for await (const x of parallel.map(options, [1])) expectSame<typeof x, number>(true)
// @ts-expect-error: a string is no number
parallel.map(options, ['x'])
// @ts-expect-error: a promise
parallel.map(wait, [Promise.resolve(1)])
// @ts-expect-error: a number is no task
await parallel.run([1])

// A function of a function's own type parameter compiles: whether its values can be sent shows when they are.
async function ids<T extends { id: number }>(xs: T[]): Promise<Map<T, number>> {
  const numbers = await parallel.run(xs.map((x) => delayed((y: T) => y.id)(x)))
  expectSame<typeof numbers, number[]>(true)
  return new Map(xs.map((x, i) => [x, numbers[i]!]))
}
void ids
function kept<T>(x: T, list: readonly T[], within: { of: T; more: Map<string, T> }): void {
  const one = delayed((y: T) => y)(x)
  expectSame<typeof one, Task<Awaited<T>>>(true)
  delayed(first<T>)(list)
  delayed((y: typeof within) => y.of)(within)
  delayed(<U extends keyof T>(y: T, key: U) => y[key])(x, 'a' as keyof T)
  parallel.map((y: T) => y, list)
  parallel.starmap((y: T, z: T[]) => z.indexOf(y), [[x, [x]]])
  // @ts-expect-error: a symbol, beside a type parameter
  delayed((y: T, z: symbol) => [y, z])(x, Symbol('s'))
}
void kept

// Lists that are constant are lists of arguments, too.
declare function label(id: number, name: string, more?: boolean): string
const pairs = [
  [1, 'a'],
  [2, 'b'],
] as const
const labels = parallel.starmap(label, pairs)
expectSame<Awaited<typeof labels>, string[]>(true)
declare const constantPairs: readonly (readonly [number, string])[]
parallel.starmap(label, constantPairs)
parallel.starmap(label, constantPairs.values(), { onError: 'collect' })
parallel.starmap((...all: readonly number[]) => all.length, [[1, 2], [3]] as const)
// @ts-expect-error: a name in the place of a number
parallel.starmap(label, [['x', 'a']] as const)

// A task is sent all that it is given, so that it is no callback that overlooks some of it.
declare const numbers: number[]
declare function double(x: number): number
// @ts-expect-error: index and list would go along
numbers.map(delayed(double))
// @ts-expect-error: the index would go along
Array.from(numbers, delayed(double))
// @ts-expect-error: the list would go along
numbers.map(delayed((x: number, i: number) => x * i))
// @ts-expect-error: more than it takes
delayed(double)(1, 2)
const calls: Task<number>[] = numbers.map((x) => delayed(double)(x))
await parallel.run(calls)
numbers.map(delayed((x: number, i: number, all: readonly number[]) => x * i * all.length))
