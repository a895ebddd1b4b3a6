/** What `run` gives, takes and refuses, on every backend. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shared } from '../../../src/arrays/index.ts'
import { delayed, Parallel, task } from '../../../src/parallel/index.ts'
import { refusal } from '../../arrays/refusal.ts'
import { meetAt } from '../../fixtures/tasks/concurrent.ts'
import { refuseOdd } from '../../fixtures/tasks/failing.ts'
import {
  after,
  busy,
  countTurns,
  increment,
  same,
  square,
  sum,
} from '../../fixtures/tasks/plain.ts'
import { everyBackend, onBackends, workerBackends } from '../backends.ts'

onBackends(everyBackend, 'results come in the order of the tasks', async (make) => {
  const parallel = make.shared()
  const tasks = [30, 1, 15, 2].map((ms) => delayed(after)(ms, ms))
  assert.deepEqual(await parallel.run(tasks), [30, 1, 15, 2])
})

onBackends(everyBackend, 'functions are called with all their arguments', async (make) => {
  const parallel = make.shared()
  const tasks = [delayed(sum)(), delayed(sum)(1), delayed(sum)(1, 2, 3)] as const
  assert.deepEqual(await parallel.run(tasks), [0, 1, 6])
})

onBackends(
  everyBackend,
  'a pool is used by many runs, one after the other and at once',
  async (make) => {
    const parallel = make.shared()
    for (let i = 0; i < 20; i++) assert.deepEqual(await parallel.run([delayed(square)(i)]), [i * i])
    const runs = Array.from({ length: 200 }, (_, i) =>
      parallel.run([delayed(square)(i), delayed(same)(i)]),
    )
    assert.deepEqual(
      await Promise.all(runs),
      Array.from({ length: 200 }, (_, i) => [i * i, i]),
    )
  },
)

onBackends(
  everyBackend,
  'a hundred thousand small tasks give a hundred thousand results',
  async (make, backend) => {
    const parallel = make.shared()
    const count = backend === 'serial' ? 5000 : 100_000
    const results = await parallel.run(Array.from({ length: count }, (_, i) => delayed(square)(i)))
    assert.equal(results.length, count)
    assert.ok(results.every((y, i) => y === i * i))
  },
)

onBackends(everyBackend, 'A38: an empty input gives an empty result', async (make) => {
  const parallel = make.shared()
  assert.deepEqual(await parallel.run([]), [])
  assert.deepEqual(await parallel.run(new Set<never>()), [])
  assert.deepEqual(await parallel.run((async function* () {})()), [])
})

onBackends(
  everyBackend,
  'A19: a generator is read no further than preDispatch allows',
  async (make) => {
    const parallel = make({ preDispatch: 3 })
    let pulled = 0
    function* calls() {
      for (let i = 0; i < 8; i++) {
        pulled++
        yield delayed(after)(60_000, i)
      }
    }
    const running = assert.rejects(parallel.run(calls()), refusal('ERR_CLOSED'))
    await new Promise((resolve) => setTimeout(resolve, 100))
    assert.ok(pulled >= 1 && pulled <= 3, `${pulled} pulled`)
    await parallel.close()
    await running
  },
)

onBackends(
  everyBackend,
  'A19: an async generator is read no further than preDispatch allows',
  async (make) => {
    const parallel = make({ workers: 2, preDispatch: 3 })
    let pulled = 0
    async function* calls() {
      for (let i = 0; i < 8; i++) {
        pulled++
        yield await Promise.resolve(delayed(after)(60_000, i))
      }
    }
    const running = assert.rejects(parallel.run(calls()), refusal('ERR_CLOSED'))
    await new Promise((resolve) => setTimeout(resolve, 100))
    assert.ok(pulled >= 1 && pulled <= 3, `${pulled} pulled`)
    await parallel.close()
    await running
    const few = make({ workers: 2, preDispatch: 1 })
    async function* squares() {
      for (let i = 0; i < 5; i++) yield await Promise.resolve(delayed(square)(i))
    }
    assert.deepEqual(await few.run(squares()), [0, 1, 4, 9, 16])
  },
)

onBackends(['serial'], 'A19: serial makes and uses results in turn', async (make) => {
  const parallel = make({ preDispatch: 1, maxAhead: 1 })
  const events: string[] = []
  function* calls() {
    for (let i = 0; i < 4; i++) {
      events.push(`make ${i}`)
      yield delayed(square)(i)
    }
  }
  for await (const y of parallel.stream(calls(), { maxAhead: 1 })) events.push(`use ${y}`)
  const order = events.filter((event) => event.startsWith('use'))
  assert.deepEqual(order, ['use 0', 'use 1', 'use 4', 'use 9'])
  for (const [i, event] of events.entries()) {
    const made = events.slice(0, i + 1).filter((before) => before.startsWith('make')).length
    const used = i + 1 - made
    assert.ok(made <= used + 2, `${event}: ${made} made, ${used} used`)
  }
})

onBackends(everyBackend, 'an async generator feeds a run', async (make) => {
  const parallel = make.shared()
  async function* calls() {
    for (let i = 0; i < 50; i++) {
      if (i % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
      yield delayed(square)(i)
    }
  }
  assert.deepEqual(
    await parallel.run(calls()),
    Array.from({ length: 50 }, (_, i) => i * i),
  )
})

onBackends(everyBackend, 'A27: an error of the input reaches the caller as it is', async (make) => {
  const parallel = make.shared()
  const broken = new RangeError('no more')
  function* calls() {
    yield delayed(square)(1)
    throw broken
  }
  async function* laterCalls() {
    yield delayed(square)(1)
    throw broken
  }
  await assert.rejects(parallel.run(calls()), (error) => error === broken)
  await assert.rejects(parallel.run(laterCalls()), (error) => error === broken)
  assert.deepEqual(await parallel.run([delayed(square)(3)]), [9])
})

onBackends(everyBackend, 'what is no task is refused by its index', async (make) => {
  const parallel = make.shared()
  await assert.rejects(parallel.run([delayed(square)(1), square(2) as never]), {
    name: 'TypeError',
    message:
      'Expected tasks made by delayed(fn)(…args), got 4 at index 1. Write delayed(fn)(x), not fn(x).',
  })
  await assert.rejects(parallel.run(7 as never), {
    name: 'TypeError',
    message: 'Expected an iterable of tasks such as an array or a generator, got 7.',
  })
  const expected = 'Expected an iterable of tasks such as an array or a generator, got'
  await assert.rejects(parallel.run(delayed(square)(1) as never), {
    message: `${expected} an object of class Task. Put it into an array.`,
  })
  await assert.rejects(parallel.run(Promise.resolve([]) as never), {
    message: `${expected} an object of class Promise. Await it first.`,
  })
  await assert.rejects(parallel.run(square as never), {
    message: `${expected} function square. Call it, and pass its result.`,
  })
  await assert.rejects(parallel.run([square as never]), {
    message:
      'Expected tasks made by delayed(fn)(…args), got function square at index 0. Write delayed(fn)(x), not fn or delayed(fn).',
  })
})

onBackends(everyBackend, 'the input is closed when a task fails', async (make) => {
  const parallel = make.shared()
  let isClosed = false
  function* calls() {
    try {
      for (let i = 0; ; i++) yield delayed(refuseOdd)(i)
    } finally {
      isClosed = true
    }
  }
  await assert.rejects(parallel.run(calls()), /\d is odd/)
  assert.ok(isClosed)
})

onBackends(everyBackend, 'runs fail apart', async (make) => {
  const parallel = make.shared()
  const good = Array.from({ length: 30 }, (_, i) => delayed(after)(2, i))
  const [bad, fine] = await Promise.allSettled([
    parallel.run([0, 1, 2, 3].map((x) => delayed(refuseOdd)(x))),
    parallel.run(good),
  ])
  assert.equal(bad.status, 'rejected')
  assert.deepEqual(fine, { status: 'fulfilled', value: Array.from({ length: 30 }, (_, i) => i) })
})

onBackends(
  everyBackend,
  'a task does not see what happens to its argument afterwards',
  async (make) => {
    const parallel = make.shared()
    const counter = { count: 0 }
    function* calls() {
      for (let i = 0; i < 10; i++) {
        counter.count = i
        yield delayed(increment)(counter)
      }
    }
    assert.deepEqual(await parallel.run(calls()), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    assert.equal(counter.count, 9)
  },
)

onBackends(everyBackend, 'a closed pool refuses runs, and fails those not over', async (make) => {
  const parallel = make()
  const pending = parallel.run([delayed(after)(60_000, 1)])
  const stream = parallel.stream([delayed(after)(60_000, 1)])
  const waiting = stream.next()
  const closed = Promise.allSettled([pending, waiting])
  await Promise.all([parallel.close(), parallel.close()])
  for (const { status, ...rest } of await closed) {
    assert.equal(status, 'rejected')
    const { reason } = rest as PromiseRejectedResult
    assert.ok(refusal('ERR_CLOSED', 'The run was ended before its last result')(reason))
  }
  await assert.rejects(
    parallel.run([delayed(square)(1)]),
    refusal('ERR_CLOSED', 'The run was not started: this Parallel is closed.'),
  )
  assert.throws(() => parallel.stream([]), refusal('ERR_CLOSED'))
})

onBackends(workerBackends, 'A34: workers are reused, and run at the same time', async (make) => {
  const parallel = make()
  const places = new Set<string>()
  for (let i = 0; i < 5; i++) {
    const came = shared([1], 'int32')
    for (const place of await parallel.run([1, 2].map(() => delayed(meetAt)(2, came))))
      places.add(place)
  }
  assert.equal(places.size, 2)
})

onBackends(workerBackends, "a worker's event loop turns between tasks", async (make) => {
  const parallel = make({ workers: 1 })
  await parallel.run([delayed(countTurns)()])
  // A machine with too much to do may give the worker no turn for a while.
  let turns = 0
  for (let i = 0; i < 20 && turns < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 300))
    ;[turns] = await parallel.run([delayed(countTurns)()])
  }
  assert.ok(turns >= 5, `${turns} turns`)
})

onBackends(
  workerBackends,
  'a slow task does not hold up those sent along with it',
  async (make) => {
    const parallel = make()
    // Fast tasks teach the pool to send many at once; then a slow one stands among them.
    await parallel.run(Array.from({ length: 2000 }, () => delayed(busy)(0, 0)))
    // The test's own time is over before the slow one's.
    const calls = Array.from({ length: 400 }, (_, i) => delayed(busy)(i === 3 ? 120_000 : 0, i))
    const finished: number[] = []
    for await (const i of parallel.stream(calls, { order: 'completion', maxAhead: 400 })) {
      finished.push(i)
      if (finished.length > 300) break
    }
    assert.ok(!finished.includes(3), 'of 399 more than 300 come before the slow one')
  },
)

test('a task by name runs as one by function', async () => {
  const parallel = new Parallel({ workers: 1 })
  const url = new URL('../../fixtures/tasks/plain.ts', import.meta.url)
  assert.deepEqual(await parallel.run([task<typeof square>(url, 'square')(7)]), [49])
  await assert.rejects(parallel.run([task(url, 'absent')()]), (error) =>
    refusal(
      'ERR_FUNCTION',
      `Expected ${url.href} to export a function \`absent\`, got undefined.`,
    )(error),
  )
  const broken = new URL('../../fixtures/tasks/broken.ts', import.meta.url)
  await assert.rejects(
    parallel.run([task(broken, 'unreachable')()]),
    refusal('ERR_FUNCTION', `could not import ${broken.href}: RangeError: broken on purpose.`),
  )
  await parallel.close()
})

test('delayed and task refuse what they can not use', () => {
  assert.throws(() => delayed(square(2) as never), {
    name: 'TypeError',
    message:
      'Expected `delayed` to get a function, got 4. Write delayed(fn)(…args), not delayed(fn(…args)).',
  })
  const submit = delayed as (...args: unknown[]) => unknown
  assert.throws(() => submit(square, 1), {
    name: 'TypeError',
    message:
      'Expected `delayed` to get a function alone, got an argument beside it. Write delayed(square)(1).',
  })
  assert.throws(() => submit(square, 'a', [1]), {
    message:
      "Expected `delayed` to get a function alone, got 2 arguments beside it. Write delayed(square)('a', …).",
  })
  assert.equal([square, square].map(delayed).length, 2)
  assert.throws(() => (task as (...args: unknown[]) => unknown)(import.meta.url, 'square', 1), {
    name: 'TypeError',
    message:
      "Expected `task` to get a module and a name alone, got more arguments. Write task(import.meta.url, 'square')(…args).",
  })
  assert.throws(() => task('./plain.ts', 'square'), TypeError)
  assert.throws(() => task(import.meta.url, ''), TypeError)
})
