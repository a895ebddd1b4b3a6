/** What `map` and `starmap` call, with what, and what they refuse. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Parallel } from '../../../src/parallel/index.ts'
import { square, sum } from '../../fixtures/tasks/plain.ts'
import { everyBackend, onBackends } from '../backends.ts'

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

onBackends(everyBackend, 'starmap calls a function with each list of arguments', async (make) => {
  const parallel = make()
  const lists: number[][] = [[], [1], [1, 2], [1, 2, 3]]
  assert.deepEqual(await collect(parallel.starmap(sum, lists)), [0, 1, 3, 6])
  const pairs = new Map([
    [1, 2],
    [3, 4],
  ])
  assert.deepEqual(await collect(parallel.starmap(sum, pairs)), [3, 7])
  async function* later() {
    yield [5, 6]
  }
  assert.deepEqual(await collect(parallel.starmap(sum, later())), [11])
})

test('map and starmap refuse what they can not call', async () => {
  const parallel = new Parallel({ backend: 'serial' })
  assert.throws(() => parallel.map([1, 2] as never, square as never), {
    name: 'TypeError',
    message: 'Expected `map` to get a function and then its items, got an array of length 2.',
  })
  assert.throws(() => parallel.starmap(undefined as never, []), {
    name: 'TypeError',
    message: 'Expected `starmap` to get a function and then its items, got undefined.',
  })
  assert.throws(() => parallel.map(square, undefined as never), {
    name: 'TypeError',
    message: 'Expected an iterable of items such as an array or a generator, got undefined.',
  })
  await assert.rejects(collect(parallel.starmap(sum, [[1], 2] as never)), {
    name: 'TypeError',
    message:
      'Expected the items of `starmap` to be lists of arguments, got 2. Use `map` for a function of one argument.',
  })
  await parallel.close()
})
