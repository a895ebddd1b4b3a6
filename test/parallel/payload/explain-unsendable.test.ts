/** What is said of a value that can't be sent works. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ridge } from '../../../src/learn/index.ts'
import { delayed, Parallel } from '../../../src/parallel/index.ts'
import { explainUnsendable } from '../../../src/parallel/payload/explain-unsendable.ts'

class Point {
  readonly #x: number
  constructor(x: number) {
    this.#x = x
  }
  get x(): number {
    return this.#x
  }
}

test('an instance is made of its data by its class, also one of the program itself', async (t) => {
  assert.equal(
    explainUnsendable(new Point(1)),
    'its methods would be lost. Send its data as a plain object, and make the instance where it is used, by `new Point(…)`.',
  )
  const parallel = new Parallel({ workers: 1 })
  t.after(() => parallel.close())
  const read = delayed(({ x }: { x: number }) => new Point(x).x)
  assert.deepEqual(await parallel.run([read({ x: 3 })]), [3])
})

test('of an estimator its options and learned values go', () => {
  assert.equal(
    explainUnsendable(new Ridge()),
    'its methods would be lost. Send its getParams() and what learnedState() returns for it, and make it again where it is used: restore(new Ridge(params), state).',
  )
})

test('of a generator a list goes', async (t) => {
  function* some(): Generator<number> {
    yield 1
  }
  async function* later(): AsyncGenerator<number> {
    yield 1
  }
  const text =
    "a generator can't be sent. Send a list of its values, `[...generator]`, or make a task of each part."
  for (const value of [some(), [1].values(), new Map().keys()])
    assert.equal(explainUnsendable(value), text)
  assert.match(explainUnsendable(later()), /^an async generator .*`await Array.fromAsync\(/)
  const parallel = new Parallel({ workers: 1 })
  t.after(() => parallel.close())
  await assert.rejects(parallel.run([delayed(some as never)()]), {
    code: 'ERR_UNSENDABLE',
    message: `Expected the result to be data that can be sent, got an object of class Generator: ${text}`,
  })
  assert.deepEqual(await parallel.run([delayed(() => [...some()])()]), [[1]])
})
