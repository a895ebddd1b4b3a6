/** Instances of classes are arguments, captured values and results. */

import assert from 'node:assert/strict'
import { NDArray, shared } from '../../src/arrays/index.ts'
import { delayed, task } from '../../src/parallel/index.ts'
import {
  countMade,
  describeShape,
  failWith,
  makeSquare,
  Shape,
  Square,
} from '../fixtures/classes/exported.ts'
import {
  applyAt,
  isScale,
  makeScale,
  Scale,
  setFactor,
  Steps,
} from '../fixtures/classes/registered.ts'
import { everyBackend, onBackends, workerBackends } from './backends.ts'

/** Classes of the program itself, which no module exports. */
class Vector {
  readonly x: number
  readonly y: number
  readonly data = shared([4], 'float64')
  constructor(x: number, y: number) {
    this.x = x
    this.y = y
  }
  get length(): number {
    return Math.hypot(this.x, this.y)
  }
  times(factor: number): Vector {
    return new Vector(this.x * factor, this.y * factor)
  }
}

class Matrix {
  static readonly ones = new Map([['vector', new Vector(1, 1)]])
  readonly rows: readonly Vector[]
  constructor(rows: readonly Vector[]) {
    this.rows = rows
  }
  dot(vector: unknown): number[] {
    if (!(vector instanceof Vector)) throw new TypeError('no vector')
    return this.rows.map(({ x, y }) => x * vector.x + y * vector.y)
  }
}

class Named extends Vector {
  name = 'named'
  self: unknown = this
}

onBackends(
  everyBackend,
  'a registered instance keeps its class, and its array is one',
  async (make) => {
    const parallel = make.shared(1)
    const scale = Scale.of(1000, 3)
    const call = delayed(applyAt)(scale, 7, 999)
    assert.deepEqual(await parallel.run([call, delayed(isScale)(scale)]), [21, true])
    await parallel.run([delayed(setFactor)(scale, 5)])
    assert.equal(scale.factors.get(500), 5)
    const [made] = await parallel.run([delayed(makeScale)(10, 4)])
    assert.ok(made instanceof Scale)
    assert.equal(made.apply(2, 9), 8)
  },
)

onBackends(
  everyBackend,
  'registered instances stand in each other, and in lists that are instances',
  async (make) => {
    const steps = new Steps()
    const scale = Scale.of(3, 2)
    steps.push(scale, new Square(3), scale)
    steps.label = 'two'
    const look = (list: Steps): unknown => [
      list instanceof Steps,
      list.label,
      list.length,
      list[0] === list[2],
      (list[0] as Scale).apply(1, 0),
      (list[1] as Square).describe(),
    ]
    const parallel = make.shared()
    assert.deepEqual(await parallel.run([delayed(look)(steps)]), [
      [true, 'two', 3, true, 2, 'square of 9'],
    ])
    const [back] = await parallel.run([delayed((list: Steps) => list)(steps)])
    assert.ok(back instanceof Steps && back[0] instanceof Scale && back[1] instanceof Square)
    assert.equal(back[0], back[2])
  },
)

onBackends(
  everyBackend,
  'an exported class needs no registration, and its constructor does not run',
  async (make, backend) => {
    const parallel = make({ workers: 1 })
    const square = new Square(3)
    square.parent = square
    square.points = shared([2], 'float64')
    const before = countMade()
    const [[text, isShape, made]] = await parallel.run([delayed(describeShape)(square)])
    assert.deepEqual(
      [text, isShape, made],
      ['square of 9', true, backend === 'serial' ? before : 0],
    )
    const [made2] = await parallel.run([delayed(makeSquare)(4)])
    assert.ok(made2 instanceof Square && made2 instanceof Shape)
    assert.equal(made2.area(), 16)
    const [same] = await parallel.run([delayed((one: Square) => one)(square)])
    assert.ok(same instanceof Square && same.points instanceof NDArray)
    assert.equal(same.parent, same)
    assert.equal(same.points.mapping, square.points.mapping)
  },
)

onBackends(
  everyBackend,
  'classes of the program itself go along, and results are of the very same',
  async (make) => {
    const parallel = make.shared(1)
    const vector = new Vector(3, 4)
    const scaled = await parallel.run([
      delayed((one: Vector, by: number) => one.times(by))(vector, 2),
      delayed(() => vector.times(3))(),
    ])
    assert.ok(scaled.every((one) => one instanceof Vector))
    assert.deepEqual(
      scaled.map(({ length }) => length),
      [10, 15],
    )
  },
)

onBackends(everyBackend, 'all classes of a task know each other', async (make) => {
  const parallel = make.shared(1)
  const matrix = new Matrix([new Vector(1, 2), new Vector(3, 4)])
  const inherits = (one: unknown): boolean => one instanceof Vector
  const results = await parallel.run([
    delayed((a: Matrix, b: Vector) => a.dot(b))(matrix, new Vector(1, 1)),
    delayed((a: Matrix) => a.dot(Matrix.ones.get('vector')))(matrix),
    delayed(inherits)(new Named(1, 2)),
    delayed(inherits)({ x: 1 }),
    // The next one brings another class, and does not lose the first.
    delayed((a: object, b: object) => [a instanceof Named, b instanceof Matrix])(
      new Named(1, 1),
      matrix,
    ),
  ])
  assert.deepEqual(results, [[3, 7], [3, 7], true, false, [true, true]])
})

onBackends(everyBackend, 'a returned error keeps the instance in it', async (make) => {
  const read = delayed((side: number) =>
    Object.assign(new Error('no'), { square: makeSquare(side) }),
  )
  // The first result of a worker, which loads what finds classes.
  const [error] = await make({ workers: 1 }).run([read(3)])
  assert.ok(error.square instanceof Square)
  assert.equal(error.square.area(), 9)
})

onBackends(everyBackend, 'instances that are shared or in a circle stay so', async (make) => {
  const named = new Named(1, 2)
  const bag = { a: named, b: [named, new Map([[named, named]])], s: new Set([named]) }
  const look = ({ a, b, s }: typeof bag): unknown[] => {
    const [first, map] = b as [Named, Map<Named, Named>]
    return [a === first, map.get(a) === a, s.has(a), a.self === a, a.length.toFixed(2)]
  }
  const parallel = make.shared()
  assert.deepEqual(await parallel.run([delayed(look)(bag)]), [[true, true, true, true, '2.24']])
  const [back] = await parallel.run([delayed((one: typeof bag) => one)(bag)])
  assert.deepEqual(look(back), look(bag))
})

onBackends(everyBackend, 'captured instances go along as arguments do', async (make) => {
  const parallel = make.shared()
  const scale = Scale.of(100, 2)
  const square = new Square(5)
  const captured = delayed(() => [scale.apply(3, 99), scale instanceof Scale, square.describe()])
  assert.deepEqual(await parallel.run([captured()]), [[6, true, 'square of 25']])
  scale.factors.data.fill(10)
  square.side = 6
  assert.deepEqual(await parallel.run([captured()]), [[30, true, 'square of 36']])
})

onBackends(
  everyBackend,
  'a class with old-style methods and one with a static block go along',
  async (make) => {
    function Old(this: { n: number }, n: number): void {
      this.n = n
    }
    Old.prototype.twice = function twice(this: { n: number }): number {
      return 2 * this.n
    }
    const Make = Old as unknown as new (n: number) => { n: number; twice(): number }
    class Block {
      static factor = 1
      static {
        this.factor = 7
      }
      n = 3
      get product(): number {
        return this.n * Block.factor
      }
    }
    const parallel = make.shared()
    const old = new Make(4)
    assert.deepEqual(await parallel.run([delayed((one: typeof old) => one.twice())(old)]), [8])
    const [back] = await parallel.run([delayed((one: typeof old) => one)(old)])
    assert.ok(back instanceof Make)
    assert.deepEqual(await parallel.run([delayed((one: Block) => one.product)(new Block())]), [21])
  },
)

onBackends(everyBackend, 'data among the fields stays what it is', async (make) => {
  class Bag {
    list = Object.assign([1, undefined, 3], { note: 'x' })
    date = new Date(5)
    big = 2n ** 70n
    error = new RangeError('r')
    fn = Math.max
  }
  const bag = Object.assign(new Bag(), { constructor: 'mine' })
  Object.defineProperty(bag, '__proto__', {
    value: 'data',
    enumerable: true,
    writable: true,
    configurable: true,
  })
  const look = (one: Bag): unknown[] => [
    Object.hasOwn(one, '__proto__') && (one as never)['__proto__'],
    one.constructor,
    one.list,
    one.date.getTime(),
    one.big,
    one.error instanceof RangeError,
    one.fn(1, 2),
  ]
  assert.deepEqual(await make.shared().run([delayed(look)(bag)]), [look(bag)])
})

onBackends(everyBackend, 'streams, maps and initializers take and give instances', async (make) => {
  const parallel = make({
    initializer: delayed((one: Vector, scale: Scale) => {
      Object.assign(globalThis, { kept: [one instanceof Vector, one.length, scale.apply(1, 0)] })
    })(new Vector(6, 8), Scale.of(2, 9)),
  })
  const read = delayed(() => (globalThis as unknown as { kept: unknown }).kept)
  assert.deepEqual(await parallel.run([read()]), [[true, 10, 9]])
  const vectors = Array.from({ length: 50 }, (_, i) => new Vector(i, 0))
  let sum = 0
  for await (const one of parallel.map((v: Vector) => v.times(2), vectors)) {
    assert.ok(one instanceof Vector)
    sum += one.length
  }
  assert.equal(sum, 50 * 49)
  const triple = delayed((one: Vector) => one.times(3))
  const calls = vectors.map((v) => triple(v))
  for await (const one of parallel.stream(calls, { order: 'completion' }))
    assert.ok(one instanceof Vector)
  async function* later(): AsyncGenerator<Square> {
    for (const side of [1, 2, 3]) yield new Square(side)
  }
  assert.deepEqual(await parallel.map((one: Square) => one.area(), later()), [1, 4, 9])
})

onBackends(
  everyBackend,
  'an error carries instances, and an instance can be thrown',
  async (make) => {
    const parallel = make.shared()
    const failure = (await parallel
      .run([delayed(failWith)(2)])
      .catch((error: unknown) => error)) as Error & {
      square: Square
      cause: { square: Square }
    }
    assert.ok(failure instanceof TypeError && failure.square instanceof Square)
    assert.equal(failure.square.area(), 4)
    assert.ok(failure.cause.square instanceof Square)
    assert.equal(failure.cause.square.area(), 9)
    const thrown = await parallel
      .run([
        delayed((one: Vector) => {
          throw one.times(2)
        })(new Vector(1, 0)),
      ])
      .catch((error: unknown) => error)
    assert.ok(thrown instanceof Vector)
    assert.equal(thrown.x, 2)
  },
)

onBackends(
  everyBackend,
  'results that are collected hold instances and what was refused',
  async (make) => {
    const parallel = make.shared()
    const work = (i: number): unknown => {
      if (i % 3 === 0) return new Vector(i, 0)
      if (i % 3 === 1) {
        class Inner {
          at = i
        }
        return new Inner()
      }
      throw new RangeError(String(i))
    }
    const results = await parallel.run(
      [0, 1, 2, 3, 4, 5].map((i) => delayed(work)(i)),
      { onError: 'collect' },
    )
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'rejected', 'fulfilled', 'rejected', 'rejected'],
    )
    const [first, inner] = results
    assert.ok(first!.status === 'fulfilled' && first!.value instanceof Vector)
    assert.equal(
      (inner as { reason: Error }).reason.message,
      "Expected the result to be data that can be sent, got an object of class Inner: class Inner exists only inside the worker. Export it from a module that the program imports too, or declare it outside of the task's function, which then takes it along.",
    )
  },
)

onBackends(everyBackend, 'tasks that run at the same time give instances', async (make) => {
  const parallel = make({ workers: 1, concurrency: 4 })
  const work = async (i: number): Promise<Square> => {
    await new Promise((resolve) => setTimeout(resolve, (i * 7) % 5))
    return makeSquare(i)
  }
  const results = await parallel.run(Array.from({ length: 20 }, (_, i) => delayed(work)(i)))
  for (const [i, one] of results.entries()) assert.ok(one instanceof Square && one.side === i)
})

onBackends(
  workerBackends,
  'the program never imports a module because of a result',
  async (make) => {
    const parallel = make.shared(1)
    const url = new URL('../fixtures/classes/worker-only.ts', import.meta.url)
    await assert.rejects(parallel.run([task(url, 'makeFar')()]), {
      code: 'ERR_UNSENDABLE',
      message: `Expected the result to be data that the program can receive, got an instance of the class \`Far\` of ${url.href}, which the program has not imported. Import it before the run.`,
    })
    await assert.rejects(parallel.run([task(url, 'makeRegistered')()]), {
      code: 'ERR_UNSENDABLE',
      message: `Expected the result to be data that the program can receive, got an instance of the class 'test.FarRegistered', which nothing in the program has registered. Import the module that registers it (${url.href}) before the run.`,
    })
    // An error says enough without such an instance.
    const failure = (await parallel
      .run([task(url, 'failFar')()])
      .catch((error: unknown) => error)) as object
    assert.ok(failure instanceof RangeError && 'code' in failure && 'n' in failure)
    assert.deepEqual([failure.code, failure.n, 'far' in failure], ['E_FAR', 7, false])
  },
)

onBackends(everyBackend, 'a pool in a task passes instances on', async (make) => {
  const parallel = make({ workers: 1 })
  const nested = async (one: Vector): Promise<Vector[]> => {
    const { delayed: later, Parallel } = await import('../../src/parallel/index.ts')
    const inner = new Parallel({ workers: 1, backend: 'threads' })
    try {
      return await inner.run([later((v: Vector) => v.times(5))(one)])
    } finally {
      await inner.close()
    }
  }
  const [[back]] = await parallel.run([delayed(nested)(new Vector(1, 0))])
  assert.ok(back instanceof Vector)
  assert.equal(back.x, 5)
})

onBackends(
  ['processes'],
  'tasks of a worker that dies run again with their instances',
  async (make) => {
    const flag = shared([1], 'int32')
    const parallel = make({ workers: 1 })
    const work = (one: Vector, seen: NDArray): Vector => {
      if (seen.get(0) === 0) {
        seen.set(1, 0)
        process.kill(process.pid, 'SIGKILL')
      }
      return one.times(2)
    }
    const [back] = await parallel.run([delayed(work)(new Vector(2, 0), flag)], { retries: 2 })
    assert.ok(back instanceof Vector)
    assert.equal(back.x, 4)
  },
)
