/** Inputs that are broken, that never answer, and those who leave them. */

import assert from 'node:assert/strict'
import { EventEmitter, on } from 'node:events'
import { test } from 'node:test'
import { delayed, Parallel } from '../../src/parallel/index.ts'
import { same, square, sum } from '../fixtures/tasks/plain.ts'
import { everyBackend, onBackends } from './backends.ts'

const never = new Promise<never>(() => {})

/** An async input that gives `items`, and then answers no more. */
function silentAfter<T>(items: readonly T[]): AsyncIterable<T> & { returned: number } {
  let at = 0
  const source = {
    returned: 0,
    [Symbol.asyncIterator]: () => ({
      next: () =>
        at < items.length ? Promise.resolve({ done: false, value: items[at++]! }) : never,
      return: () => {
        source.returned++
        return never
      },
    }),
  }
  return source
}

onBackends(
  everyBackend,
  'break returns while the input has no answer, and closes it',
  async (make) => {
    const parallel = make.shared()
    const numbers = silentAfter([3])
    for await (const y of parallel.map(square, numbers)) {
      assert.equal(y, 9)
      break
    }
    assert.equal(numbers.returned, 1)
    const lists = silentAfter([[1, 2]])
    for await (const y of parallel.starmap(sum, lists)) {
      assert.equal(y, 3)
      break
    }
    assert.equal(lists.returned, 1)
    const calls = silentAfter([delayed(square)(2)])
    const stream = parallel.stream(calls)
    await stream.next()
    await assert.rejects(stream.throw(new RangeError('mine')), /mine/)
    assert.equal(calls.returned, 1)
    const events = new EventEmitter()
    const stop = parallel.map(same, on(events, 'item'))
    events.emit('item', 1)
    for await (const [y] of stop) {
      assert.equal(y, 1)
      break
    }
    assert.equal(events.listenerCount('item'), 0, 'events.on() was told')
    assert.deepEqual(await parallel.run([delayed(square)(2)]), [4])
  },
)

test('signals and close() leave an input that has no answer', async () => {
  const parallel = new Parallel({ backend: 'serial' })
  const controller = new AbortController()
  const aborted = silentAfter([delayed(square)(2)])
  const run = parallel.run(aborted, { signal: controller.signal })
  controller.abort(new RangeError('enough'))
  await assert.rejects(run, /enough/)
  assert.equal(aborted.returned, 1)
  const closed = silentAfter([delayed(square)(2)])
  const last = assert.rejects(parallel.run(closed), { code: 'ERR_CLOSED' })
  await parallel.close()
  await last
  assert.equal(closed.returned, 1)
})

test('an input that fails while it is closed, is told by a warning', async () => {
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
  const parallel = new Parallel({ backend: 'serial' })
  async function* numbers() {
    try {
      for (;;) yield await Promise.resolve(2)
    } finally {
      // oxlint-disable-next-line no-unsafe-finally
      throw new RangeError('cleaning failed')
    }
  }
  for await (const y of parallel.map(square, numbers())) {
    assert.equal(y, 4)
    break
  }
  assert.match(
    String(await warned),
    /The input of a run that ended early could not be closed: its return\(\) failed with RangeError: cleaning failed\./,
  )
  await parallel.close()
})

/** Broken iterators, and what is said of them. */
const iterators: readonly [iterator: unknown, said: RegExp][] = [
  [null, /to give an iterator, an object with a method next\(\), got null\.$/],
  [undefined, /to give an iterator, .* got undefined\.$/],
  [7, /to give an iterator, .* got 7\.$/],
  [{}, /to give an iterator, .* got an object/],
  [{ next: 7 }, /to give an iterator, .* got an object/],
  [{ next: () => null }, /Expected next\(\) of the input's iterator to give .* got null\.$/],
  [{ next: () => 7 }, /Expected next\(\) of the input's iterator to give .* got 7\.$/],
  [
    {
      next: () => {
        throw new RangeError('no more')
      },
    },
    /^RangeError: no more$/,
  ],
  [
    {
      next: () => ({
        get done(): boolean {
          throw new RangeError('nobody knows')
        },
      }),
    },
    /^RangeError: nobody knows$/,
  ],
  [
    {
      next: () => ({
        done: false,
        get value(): unknown {
          throw new RangeError('nothing')
        },
      }),
      return: 7,
    },
    /^RangeError: nothing$/,
  ],
]

for (const kind of ['iterator', 'asyncIterator'] as const) {
  test(`a broken ${kind} is refused, and nothing hangs`, async () => {
    const parallel = new Parallel({ backend: 'serial' })
    const outcome = async (begin: (input: never) => PromiseLike<unknown>, input: unknown) => {
      try {
        return await begin(input as never)
      } catch (error) {
        return String(error)
      }
    }
    const odd: typeof iterators = [
      ...iterators,
      ...(kind === 'iterator'
        ? []
        : iterators.map(([it, said]): (typeof iterators)[number] => [
            // As above, but rejecting later where it has a `next` at all.
            typeof it === 'object' && it !== null && 'next' in it && typeof it.next === 'function'
              ? { ...it, next: async () => (it.next as () => unknown)() }
              : it,
            said,
          ])),
    ]
    for (const [iterator, said] of odd) {
      const input = { [Symbol[kind]]: () => iterator }
      for (const begin of [
        (calls: never) => parallel.run(calls),
        (calls: never) => parallel.stream(calls),
        (items: never) => parallel.map(square, items),
        (items: never) => parallel.starmap(sum, items),
      ])
        assert.match(String(await outcome(begin, input)), said)
    }
    assert.deepEqual(await parallel.run([delayed(square)(3)]), [9])
    await parallel.close()
  })
}

test('a collection of a class of its own gives all that it iterates', async () => {
  class Doubled extends Set<number> {
    override *[Symbol.iterator](): SetIterator<number> {
      for (const x of super[Symbol.iterator]()) yield* [x, x]
      return undefined
    }
  }
  class Padded extends Array<number> {
    override *[Symbol.iterator](): ArrayIterator<number> {
      yield 1
      yield* super[Symbol.iterator]()
      return undefined
    }
  }
  const parallel = new Parallel({ backend: 'serial' })
  assert.deepEqual(await parallel.map(square, new Doubled([1, 2])), [1, 1, 4, 4])
  assert.deepEqual(await parallel.map(square, Padded.of(2, 3)), [1, 4, 9])
  await parallel.close()
})

/** Gives one thing `count` times, and writes to it before each time. */
async function* reuse<T>(thing: T, write: (thing: T, i: number) => void, count: number) {
  for (let i = 0; i < count; i++) {
    write(thing, i)
    yield thing
    if (i % 5 === 4) await Promise.resolve()
  }
}

onBackends(
  everyBackend,
  'an async input may reuse its buffer: a task gets what it held when it was given',
  async (make) => {
    const parallel = make.shared(1)
    const count = 24
    const right = Array.from({ length: count }, (_, i) => i)
    const first = (values: ArrayLike<number>): number => values[0]!
    const setFirst = (values: { [index: number]: number }, i: number): void => {
      values[0] = i
    }
    for (const things of [new Float64Array(200_000), new Uint8Array(8), [0]]) {
      assert.deepEqual(await parallel.map(first, reuse(things, setFirst, count)), right)
    }
    const box = reuse({ value: 0 }, (thing, i) => (thing.value = i), count)
    assert.deepEqual(await parallel.map(({ value }) => value, box), right)
    async function* calls() {
      for await (const things of reuse(new Float64Array(200_000), setFirst, count))
        yield delayed(first)(things)
    }
    assert.deepEqual(await parallel.run(calls()), right)
    assert.deepEqual(await parallel.run(calls(), { preDispatch: 1 }), right)
  },
)

test('an async input that gives no task is closed', async () => {
  const parallel = new Parallel({ backend: 'serial' })
  let closed = 0
  async function* calls() {
    try {
      yield delayed(square)(2)
      yield 7 as never
    } finally {
      closed++
    }
  }
  await assert.rejects(parallel.run(calls()), /Expected tasks made by .* got 7 at index 1\./)
  assert.equal(closed, 1)
  await parallel.close()
})
