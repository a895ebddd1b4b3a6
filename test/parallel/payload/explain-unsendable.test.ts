/** What is said of a value that can't be sent works. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { shared } from '../../../src/arrays/index.ts'
import { delayed, Parallel, taskSignal } from '../../../src/parallel/index.ts'
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
    "its class would be lost. Send a plain object, or register the class in the module that exports it: registerClass(Point, { name: 'acme.Point', version: 1, module: import.meta.url, save: (one) => ({ … }), load: (state) => new Point(…) })",
  )
  const parallel = new Parallel({ workers: 1 })
  t.after(() => parallel.close())
  const read = delayed(({ x }: { x: number }) => new Point(x).x)
  assert.deepEqual(await parallel.run([read({ x: 3 })]), [3])
})

test('in place of a signal the run has one, and the task asks for its own', async (t) => {
  const controller = new AbortController()
  for (const value of [controller, controller.signal])
    assert.equal(
      explainUnsendable(value),
      "it can't be sent. Pass the signal as an option of the run, `{ signal }`, and call taskSignal() inside the task.",
    )
  const parallel = new Parallel({ workers: 1 })
  t.after(() => parallel.close())
  const flag = shared([1], 'int32')
  const { signal } = controller
  const run = parallel.run(
    [
      delayed(async () => {
        flag.set(1, 0)
        await once(taskSignal(), 'abort')
        flag.set(2, 0)
      })(),
    ],
    { signal, graceMs: 30_000 },
  )
  while (flag.get(0) === 0) await setTimeout(2)
  controller.abort()
  await assert.rejects(run, { name: 'AbortError' })
  while (flag.get(0) === 1) await setTimeout(2)
})

test('a URL is made of its text', () => {
  assert.equal(
    explainUnsendable(new URL('https://a.example')),
    'its methods would be lost. Send its `href`, and make the instance where it is used, by `new URL(href)`.',
  )
})

test('a bound method is wrapped, around an instance that is made inside', async (t) => {
  const parallel = new Parallel({ workers: 1 })
  t.after(() => parallel.close())
  class Adder {
    readonly start: number
    constructor(start: number) {
      this.start = start
    }
    add(x: number): number {
      return this.start + x
    }
  }
  const adder = new Adder(1)
  await assert.rejects(parallel.run([delayed(adder.add.bind(adder))(2)]), {
    message: /make it inside: \(\.\.\.args\) => new Class\(…\)\.method\(\.\.\.args\)\.$/,
  })
  const wrapped = delayed((...args: [number]) => new Adder(1).add(...args))
  assert.deepEqual(await parallel.run([wrapped(2)]), [3])
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
