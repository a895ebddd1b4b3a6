/** Functions that no module exports travel with what they captured. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { NDArray, shared } from '../../src/arrays/index.ts'
import { isReference } from '../../src/parallel/functions/contract/reference.ts'
import { bundleFunction } from '../../src/parallel/functions/bundles/bundler.ts'
import { delayed, Parallel } from '../../src/parallel/index.ts'
import { countCalls, season } from '../fixtures/functions/library.ts'
import { refused } from '../fixtures/functions/refused.ts'
import { shapes } from '../fixtures/functions/shapes.ts'
import { everyBackend, onBackends, workerBackends } from './backends.ts'

type Loose = (...args: unknown[]) => unknown

onBackends(everyBackend, 'a function of any shape gives what it gives here', async (make) => {
  const parallel = make.shared()
  for (const [name, fn, ...args] of shapes) {
    const here: unknown = await (fn as Loose)(...args)
    const there = await parallel.run([delayed(fn as Loose)(...args)])
    assert.deepEqual(there, [here], name)
  }
})

onBackends(['serial'], 'captured data arrives as structured clone would bring it', async (make) => {
  const parallel = make()
  const leaf = fc.oneof(
    fc.integer(),
    fc.double(),
    fc.string(),
    fc.bigInt(),
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array({ maxLength: 5 }),
  )
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc
        .tuple(fc.array(tie('tree'), { maxLength: 4 }), fc.nat(4), tie('tree'))
        .map(([list, hole, note]) => {
          Reflect.deleteProperty(list, hole)
          return Object.assign(list, { note })
        }),
      fc.dictionary(fc.string(), tie('tree'), { maxKeys: 4 }),
      fc.array(fc.tuple(fc.string(), tie('tree')), { maxLength: 3 }).map((list) => new Map(list)),
      fc.array(tie('tree'), { maxLength: 3 }).map((list) => new Set(list)),
    ),
  }))
  await fc.assert(
    fc.asyncProperty(tree, tree, async (first, second) => {
      const nested = { inner: () => second }
      const result = await parallel.run([delayed(() => [first, nested.inner()])()])
      assert.deepEqual(result, structuredClone([[first, second]]))
    }),
    { numRuns: 60, seed: 3 },
  )
})

onBackends(workerBackends, 'captures are those of the run’s first task', async (make) => {
  const parallel = make.shared()
  let k = 1
  const list = [1]
  const read = delayed(() => [k, list.length])
  function* changing(): Generator<ReturnType<typeof read>> {
    for (let i = 0; i < 5; i++) {
      yield read()
      k++
      list.push(k)
    }
  }
  assert.deepEqual(
    await parallel.run(changing()),
    Array.from({ length: 5 }, () => [1, 1]),
  )
  assert.deepEqual(await parallel.run([read(), read()]), [
    [6, 6],
    [6, 6],
  ])
})

onBackends(workerBackends, 'a function that has not changed is not made again', async (make) => {
  const parallel = make.shared(1)
  const seen = new Map<string, number>()
  const k = 1
  const visit = delayed((x: string) => seen.set(x, (seen.get(x) ?? k) + 1).get(x))
  assert.deepEqual(await parallel.run([visit('a')]), [2])
  assert.deepEqual(await parallel.run([visit('a')]), [3], 'the worker has the one that it made')
  seen.set('b', 7)
  assert.deepEqual(await parallel.run([visit('b')]), [8], 'another one, with other captures')
  assert.deepEqual([...seen], [['b', 7]], 'what a worker writes stays there')
})

onBackends(workerBackends, 'a worker forgets what a function captured before', async (make) => {
  const parallel = make({ workers: 1 })
  let list: readonly number[]
  const visit = delayed(() => {
    const holder = globalThis as { seen?: WeakRef<object>[] }
    return (holder.seen ??= []).push(new WeakRef(list))
  })
  const countLiving = delayed(async (garbage: string) => {
    const { collectGarbage } = (await import(
      garbage
    )) as typeof import('../../src/collect-garbage.ts')
    // What the first collection finds, such as compiled code, may refer to more.
    for (let pass = 0; pass < 2; pass++) {
      collectGarbage('major')
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    const { seen } = globalThis as { seen?: WeakRef<object>[] }
    return seen?.filter((reference) => reference.deref() !== undefined).length
  })
  for (let run = 1; run <= 10; run++) {
    list = [run]
    assert.deepEqual(await parallel.run([visit()]), [run])
  }
  const garbage = import.meta.resolve('../../src/collect-garbage.ts')
  assert.deepEqual(await parallel.run([countLiving(garbage)]), [1], 'the last one')
})

onBackends(
  ['threads'],
  'classes that need each other, and only one of them as it is made',
  async (make) => {
    class First {
      static other = (): typeof Second => Second
      x = 1
    }
    class Second {
      static first = First
      x = 1
    }
    const parallel = make.shared()
    const ask = delayed(() => [First.other().first === First, Second.first.other() === Second])
    assert.deepEqual(await parallel.run([ask()]), [[true, true]])
    const askSecond = delayed(() => Second.first.other() === Second)
    assert.deepEqual(await parallel.run([askSecond()]), [true])
  },
)

onBackends(
  ['threads'],
  'classes that both need the other as they are made are refused',
  async (make) => {
    class First {
      static second = [Second]
      x = 1
    }
    // oxlint-disable-next-line eslint/no-var
    var Second = class {
      static first = First
      x = 1
    }
    await assert.rejects(make.shared().run([delayed(() => First.second.length)()]), {
      code: 'ERR_FUNCTION',
      message:
        'Two classes that a function needs use each other while they are being created, so a worker can create neither of them. Export them from a module, which a worker imports as a whole.',
    })
  },
)

onBackends(['threads'], 'a class in a table that it needs itself as it is made', async (make) => {
  const table: { own?: new () => { y: number } } = {}
  const count = (n: number): unknown => (n > 0 ? n : table.own?.name)
  class Own {
    static x = count(1)
    y = 1
  }
  table.own = Own
  const ask = delayed(() => [Own.x, count(0), new table.own!().y])
  assert.deepEqual(await make.shared().run([ask()]), [[1, 'Own', 1]])
})

onBackends(workerBackends, 'what a function is given after a run goes along', async (make) => {
  const parallel = make.shared(1)
  const scale: ((x: number) => number) & { factor?: number } = (x) => x * (scale.factor ?? 1)
  function Old(): void {}
  const prototype = Old.prototype as { value?: () => number }
  const read = delayed(() => [scale(2), (Reflect.construct(Old, []) as typeof prototype).value?.()])
  assert.deepEqual(await parallel.run([read()]), [[2, undefined]])
  scale.factor = 10
  assert.deepEqual(await parallel.run([read()]), [[20, undefined]])
  prototype.value = () => 1
  assert.deepEqual(await parallel.run([read()]), [[20, 1]])
  prototype.value = () => 2
  assert.deepEqual(await parallel.run([read()]), [[20, 2]])
})

onBackends(
  workerBackends,
  'a captured large array is lent once, and seen copy-on-write',
  async (make) => {
    const parallel = make.shared()
    const large = new Float64Array(2 ** 18).fill(1)
    const whole = new NDArray([2 ** 18], 'float64', large)
    const ours = shared([2], 'int32')
    const write = delayed((i: number) => {
      large[i] = 5
      ours.set(i + 1, i)
      return [large[i], whole.get(i + 2)]
    })
    assert.deepEqual(await parallel.run([write(0), write(1)]), [
      [5, 1],
      [5, 1],
    ])
    assert.deepEqual([large[0], large[1]], [1, 1])
    assert.deepEqual(ours.toArray(), [1, 2])
    large[3] = 8
    assert.deepEqual(await parallel.run([delayed((i: number) => large[i])(3)]), [8])
  },
)

onBackends(workerBackends, 'many closures of one pool come and go', async (make) => {
  const parallel = make.shared()
  for (let round = 0; round < 2; round++) {
    const tasks = Array.from({ length: 400 }, (_, i) => delayed(() => i + round)())
    const expected = tasks.map((_, i) => i + round)
    assert.deepEqual(await parallel.run(tasks), expected)
    assert.deepEqual(await parallel.run(tasks.toReversed()), expected.toReversed())
  }
})

onBackends(
  workerBackends,
  'map, stream and the initializer take inline functions',
  async (make) => {
    const names = ['x', 'y']
    const parallel = make({
      workers: 1,
      initializer: () => {
        Object.assign(globalThis, { prepared: names.join() })
      },
    })
    const results: unknown[] = []
    for await (const y of parallel.map((x: number) => x * names.length, [1, 2, 3])) results.push(y)
    assert.deepEqual(results, [2, 4, 6])
    const prepared = delayed(() => (globalThis as { prepared?: string }).prepared)
    assert.deepEqual(await parallel.run([prepared()]), ['x,y'])
  },
)

onBackends(workerBackends, 'a module’s functions keep their module’s own state', async (make) => {
  const parallel = make.shared(1)
  const before = countCalls()
  const work = delayed(() => {
    season('x')
    return countCalls()
  })
  const [first, second] = await parallel.run([work(), work()])
  assert.deepEqual([second - first, countCalls()], [1, before])
})

onBackends(workerBackends, 'a closure that a worker makes travels on', async (make) => {
  const parallel = make({ workers: 1 })
  const k = 10
  const table = new Map([['a', 1]])
  const nest = async (x: number): Promise<number[]> => {
    const { Parallel } = await import('../../src/parallel/index.ts')
    const inner = new Parallel({ workers: 2 })
    const add = (y: number): number => x + y * k + table.get('a')! + season('').length
    try {
      return await inner.run([1, 2].map((y) => delayed(add)(y)))
    } finally {
      await inner.close()
    }
  }
  const length = season('').length
  assert.deepEqual(await parallel.run([delayed(nest)(3)]), [[14 + length, 24 + length]])
})

onBackends(workerBackends, 'stacks show what they show here', async (make) => {
  const parallel = make.shared()
  const message = 'boom'
  const fail = (): never => {
    throw new RangeError(message, { cause: new Error('why') })
  }
  const failInside = (x: number): number => {
    return x + fail()
  }
  const here = failure(() => failInside(1))
  const there = await parallel.run([delayed(failInside)(1)]).then(undefined, (e: unknown) => e)
  assert.ok(there instanceof RangeError && there.cause instanceof Error)
  const [head, first, second] = here.stack!.split('\n')
  assert.deepEqual(there.stack!.split('\n').slice(0, 3), [head, first, second])
  assert.match(first!, /at fail \(.*closures\.test\.ts:\d+:11\)/)
  assert.equal(there.cause.stack!.split('\n')[1], (here.cause as Error).stack!.split('\n')[1])
})

test('a captured variable is asked for once when nothing can change it', () => {
  const rules = { shareFromBytes: null, sameProcess: true }
  const times = (factor: number) => (x: number) => x * factor
  let changing = 1
  const fixed = times(2)
  const read = (): number => changing
  const values = (fn: object): unknown => {
    const { sent } = bundleFunction(fn, rules, { captures: 'auto' })
    const [node] = isReference(sent) ? [] : sent.nodes
    return node?.kind === 'source' ? node.values : undefined
  }
  assert.deepEqual([values(fixed), values(fixed), values(read)], [[2], [2], [1]])
  changing++
  assert.deepEqual(values(read), [2])
  assert.equal(bundleFunction(fixed, rules, { captures: 'auto' }).isConstant(), true)
  assert.equal(bundleFunction(read, rules, { captures: 'auto' }).isConstant(), false)
})

test('what can not travel is refused by name, file, line and way out', async () => {
  const path = new URL('../fixtures/functions/refused.ts', import.meta.url)
  const lines = readFileSync(path, 'utf8').split('\n')
  const spot = (code: string): string =>
    `refused.ts:${lines.findIndex((line) => line.includes(code)) + 1}`
  const parallel = new Parallel({ workers: 1 })
  for (const [fn, code, text] of refused) {
    await assert.rejects(parallel.run([delayed(fn as Loose)()]), {
      code: 'ERR_FUNCTION',
      message: text.replace('LINE', spot(code)).replace('ADD', spot('function add(')),
    })
  }
  await assert.rejects(parallel.run([delayed(() => early)()]), {
    message:
      /^An anonymous function captures `early` at closures\.test\.ts:\d+, which has no value yet\. Run it after the line that declares `early`\.$/,
  })
  const early = 1
  assert.deepEqual(await parallel.run([delayed(() => early)()]), [1])
  await parallel.close()
})

test("captures: 'error' names what a function has captured, and lets references pass", async () => {
  const parallel = new Parallel({ workers: 1, captures: 'error' })
  const k = 1
  const table = new Map([['a', 1]])
  const { max } = Math
  await assert.rejects(parallel.run([delayed(() => k + table.size)()]), {
    code: 'ERR_FUNCTION',
    message:
      /^An anonymous function captures `k`, `table` at closures\.test\.ts:\d+, which the option captures: 'error' forbids\. Pass what it needs as arguments, or export it from a module\.$/,
  })
  const allowed = delayed((x: number) => [season('x'), max(x, 2), basename('/a')])
  assert.deepEqual(await parallel.run([allowed(1)]), [['x with pepper', 2, 'a']])
  await parallel.close()
  assert.throws(() => new Parallel({ captures: 'off' as 'auto' }), {
    code: 'ERR_OPTION',
    message: "Expected `captures` to be 'auto' or 'error', got 'off'.",
  })
})

function failure(work: () => unknown): Error {
  try {
    work()
  } catch (error) {
    return error as Error
  }
  throw new Error('expected a failure')
}
