/** Streams that are awaited, and callbacks that are none. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { delayed, Parallel, task } from '../../src/parallel/index.ts'
import { refuseOdd } from '../fixtures/tasks/failing.ts'
import { after, same, square, sum } from '../fixtures/tasks/plain.ts'
import { everyBackend, onBackends } from './backends.ts'

onBackends(everyBackend, 'a stream that is awaited gives the list', async (make) => {
  const parallel = make.shared()
  const numbers = Array.from({ length: 300 }, (_, i) => i)
  assert.deepEqual(
    await parallel.map(square, numbers),
    numbers.map((x) => x * x),
  )
  assert.deepEqual(await parallel.starmap(sum, [[1, 2], [3]]), [3, 3])
  assert.deepEqual(await parallel.stream(new Set([delayed(square)(4)])), [16])
  const both = await Promise.all([parallel.map(square, [1]), parallel.map(square, [2, 3])])
  assert.deepEqual(both, [[1], [4, 9]])
  const late = await parallel.map((ms: number) => ms, [1, 2], { order: 'completion', maxAhead: 1 })
  assert.deepEqual(
    late.toSorted((a, b) => a - b),
    [1, 2],
  )
})

onBackends(
  everyBackend,
  'a list fails with its first task, or has what each gave',
  async (make) => {
    const parallel = make.shared()
    await assert.rejects(async () => parallel.map(refuseOdd, [0, 1, 2]), /1 is odd/)
    const [first, second] = await parallel.map(refuseOdd, [0, 1], { onError: 'collect' })
    assert.deepEqual(first, { status: 'fulfilled', index: 0, value: 0 })
    assert.equal(second?.status, 'rejected')
  },
)

test('a list has what nobody has read, and is the same each time', async () => {
  const parallel = new Parallel({ backend: 'serial' })
  const stream = parallel.map(square, [1, 2, 3])
  assert.equal((await stream.next()).value, 1)
  const list = await stream
  assert.deepEqual(list, [4, 9])
  assert.equal(await stream, list)
  assert.deepEqual(await stream.next(), { done: true, value: undefined })
  await parallel.close()
})

test('index and list of a callback are refused', async () => {
  const parallel = new Parallel({ backend: 'serial' })
  const xs = [4, 5]
  const loose = xs as { map: (fn: never) => unknown } & number[]
  const callbacks: [name: string, make: (...args: never[]) => unknown][] = [
    ['square', delayed(square)],
    ['fn', delayed((x: number) => x + 1)],
    ['fn', delayed((x: number, k = 10) => x * k)],
    [
      'fn',
      delayed(
        (x: number, { a, b } = { a: [1, 2], b: (y: number, z: number) => y * z }) =>
          x * b(a[0]!, 1),
      ),
    ],
    ['named', delayed(async function named(x: number, i: number) { return Promise.resolve(x * i) })], // prettier-ignore
  ]
  for (const [name, make] of callbacks) {
    assert.throws(() => loose.map(make as never), {
      name: 'TypeError',
      message: `Expected arguments for \`${name}\`, got an item, its index and the whole list, which would go to a worker with every task. Write xs.map((x) => delayed(${name})(x)), not xs.map(delayed(${name})).`,
    })
  }
  // What takes them, or may, gets them; and so does who gives such arguments by chance.
  const third = delayed((x: number, i: number, all: readonly number[]) => x + i + all.length)
  assert.deepEqual(await parallel.run(xs.map(third)), [6, 8])
  const rest = delayed((...all: unknown[]) => all.length)
  assert.deepEqual(await parallel.run(xs.map(rest)), [3, 3])
  const maybe = delayed((x: number, i: number = 1, all: number[] = []) => x + i + all.length)
  assert.deepEqual(await parallel.run([maybe(4, 0, xs)]), [6])
  assert.deepEqual(await parallel.run([delayed(same)(4)]), [4])
  const byName = task<typeof after>(new URL('../fixtures/tasks/plain.ts', import.meta.url), 'after')
  assert.deepEqual(await parallel.run([byName(0, 7)]), [7])
  await parallel.close()
})
