/** How arrays travel: which memory tasks see, and what comes back. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { array, createArray, NDArray, openArray, shared, zeros } from '../../src/arrays/index.ts'
import { delayed } from '../../src/parallel/index.ts'
import { refusal } from '../arrays/refusal.ts'
import { temporaryFolder } from '../arrays/temporary-folder.ts'
import {
  doubleAt,
  fill,
  fillPlain,
  fillShared,
  fillTyped,
  firstRows,
  holdAll,
  keepArgument,
  look,
  same,
  sumNested,
  total,
  totalBehind,
} from '../fixtures/tasks/arrays.ts'
import { everyBackend, onBackends, workerBackends } from './backends.ts'
import { share } from '../arrays/share.ts'

/** Elements of an array larger than the default `shareFromBytes`. */
const large = 200_000

/** The numbers 0, 1, 2 … in an array of this shape. */
function counting(...shape: number[]): NDArray<'float64'> {
  const n = shape.reduce((a, b) => a * b, 1)
  const values = array(Float64Array.from({ length: n }, (_, i) => i))
  return values.reshape(...shape)
}

onBackends(everyBackend, 'A1: tasks write into shared memory in place', async (make) => {
  const parallel = make.shared()
  const values = shared([8], 'float64')
  values.data.set([1, 2, 3, 4, 5, 6, 7, 8])
  await parallel.run(Array.from({ length: 8 }, (_, i) => delayed(doubleAt)(values, i)))
  assert.deepEqual([...values.data], [2, 4, 6, 8, 10, 12, 14, 16])
})

onBackends(everyBackend, 'A1: tasks write into an r+ file in place', async (make, _, context) => {
  const parallel = make.shared()
  const path = join(temporaryFolder(context), 'values.npy')
  const values = createArray(path, { dtype: 'float64', shape: [4] })
  for (let i = 0; i < 4; i++) values.set(i + 1, i)
  await parallel.run([0, 1, 2, 3].map((i) => delayed(doubleAt)(values, i)))
  assert.deepEqual(openArray(path).toArray(), [2, 4, 6, 8])
})

onBackends(
  everyBackend,
  'A2: what a task writes to a copy-on-write file stays its own',
  async (make, _, context) => {
    const parallel = make.shared()
    const path = join(temporaryFolder(context), 'values.npy')
    createArray(path, { dtype: 'float64', shape: [1000] })
    const values = openArray<'float64'>(path)
    const held = [1, 2, 3, 4, 5, 6].map((value) => delayed(holdAll)(values, value))
    assert.deepEqual(await parallel.run(held), [true, true, true, true, true, true])
    assert.equal(await parallel.run([delayed(total)(values)]).then(([x]) => x), 0)
    assert.ok(values.copy().data.every((x) => x === 0))
  },
)

onBackends(
  everyBackend,
  'private writes of the caller to a copy-on-write file reach the tasks',
  async (make, _, context) => {
    const parallel = make.shared()
    const path = join(temporaryFolder(context), 'values.npy')
    createArray(path, { dtype: 'float64', shape: [10] })
    const values = openArray<'float64'>(path)
    values.set(5, 3)
    assert.deepEqual(await parallel.run([delayed(total)(values)]), [5])
  },
)

onBackends(
  everyBackend,
  'what a task writes to private memory stays its own, large or small',
  async (make) => {
    const parallel = make.shared()
    for (const n of [10, large]) {
      const values = array<'float64'>(new Float64Array(n))
      const typed = new Float64Array(n)
      const tasks = [1, 2, 3, 4].flatMap((x) => [
        delayed(holdAll)(values, x),
        delayed(holdAll)(typed, -x),
      ])
      assert.deepEqual(
        await parallel.run(tasks),
        Array.from({ length: 8 }, () => true),
      )
      assert.deepEqual(await parallel.run([delayed(total)(values), delayed(total)(typed)]), [0, 0])
      assert.ok(values.data.every((x) => x === 0) && typed.every((x) => x === 0))
    }
  },
)

onBackends(
  everyBackend,
  'A4, A5, A6, A7: any view arrives with its values, without a copy',
  async (make, _, context) => {
    const parallel = make.shared()
    const path = join(temporaryFolder(context), 'matrix.npy')
    const file = createArray(path, { dtype: 'float64', shape: [60, 100] })
    counting(6000).data.forEach((x, i) => file.data.set([x], file.offset + i))
    for (const base of [counting(60, 100), share(counting(60, 100)), openArray(path)]) {
      const views = [
        base,
        base.rows(50, 60),
        base.slice([10, 20, 3], [99, 0, -7]),
        base.transpose(),
        base.reversed(),
        base.reversed(1).transpose(),
        base.column(3),
        base.row(59),
        base.reshape(30, 200),
        base.row(7).broadcastTo([5, 100]),
        base.slice([2, 2]),
        base.slice(3, 4),
      ]
      for (const [i, seen] of (
        await parallel.run(views.map((view) => delayed(look)(view)))
      ).entries()) {
        const view = views[i]!
        assert.deepEqual(seen.values, view.toArray(), `view ${i}`)
        if (base.mapping !== undefined)
          assert.deepEqual([seen.mapped, seen.strides], [true, view.strides])
      }
    }
  },
)

onBackends(
  everyBackend,
  'A8: arrays from shareFromBytes on go by reference, smaller ones as a copy',
  async (make) => {
    const parallel = make({ shareFromBytes: 800 })
    const seen = async (n: number): Promise<boolean> => {
      const [{ mapped }] = await parallel.run([delayed(look)(counting(n))])
      return mapped
    }
    assert.deepEqual([await seen(99), await seen(100)], [false, true])
    const off = make({ shareFromBytes: null })
    assert.equal((await off.run([delayed(look)(counting(large))]))[0].mapped, false)
  },
)

onBackends(
  everyBackend,
  'without shareFromBytes tasks and callers get private memory of any size, each its own',
  async (make) => {
    const parallel = make({ workers: 1, shareFromBytes: null })
    for (const n of [10, large]) {
      const values = new Float64Array(n).fill(1)
      const tasks = [2, 3].map((x) => delayed(fillPlain)(values, Buffer.alloc(8 * n, 7), x))
      for (const [i, { filled, rest, wasPlain }] of (await parallel.run(tasks)).entries()) {
        assert.ok(wasPlain)
        assert.ok(filled.buffer instanceof ArrayBuffer && Buffer.isBuffer(rest))
        assert.ok(filled.every((x) => x === i + 2))
        assert.ok(rest.length === 8 * n && rest.every((x) => x === 7))
        filled[0] = 9
      }
      assert.ok(values.every((x) => x === 1))
    }
  },
)

onBackends(
  everyBackend,
  'A10: arrays that change between tasks and runs are never mixed up',
  async (make) => {
    const parallel = make({ shareFromBytes: 1000 })
    const buffer = new Float64Array(500)
    function* calls() {
      for (let i = 0; i < 30; i++) yield delayed(total)(buffer.fill(i))
      for (let i = 0; i < 30; i++) yield delayed(total)(new Float64Array(500).fill(i))
    }
    const expected = Array.from({ length: 60 }, (_, i) => (i % 30) * 500)
    assert.deepEqual(await parallel.run(calls()), expected)
    // One element, between two runs: found by the comparison of a new run.
    buffer[123] = 1000
    assert.deepEqual(await parallel.run([delayed(total)(buffer)]), [29 * 499 + 1000])
  },
)

onBackends(
  everyBackend,
  'each task of a generator gets the array as it was then, to the last element',
  async (make) => {
    const parallel = make({ shareFromBytes: 1000 })
    const mask = zeros([1000], 'float64')
    function* calls() {
      for (let i = 0; i < 40; i++) {
        mask.set(i + 1, i * 25)
        yield delayed(total)(mask)
        mask.set(0, i * 25)
      }
    }
    const seen = await parallel.run(calls())
    assert.deepEqual(
      seen,
      Array.from({ length: 40 }, (_, i) => i + 1),
    )
  },
)

onBackends(
  workerBackends,
  'the next large argument is copied while all workers are busy',
  async (make) => {
    const parallel = make({ workers: 1 })
    const gate = shared([1], 'int32')
    let pulled = 0
    let isPulled: () => void
    const second = new Promise<void>((resolve) => (isPulled = resolve))
    function* calls() {
      for (let i = 0; i < 5; i++) {
        if (++pulled === 2) isPulled()
        yield delayed(totalBehind)(gate, array(new Float64Array(1_000_000).fill(i)))
      }
    }
    const sums = parallel.run(calls())
    await second // while the first task waits
    await sleep(50)
    assert.equal(pulled, 2)
    gate.set(1, 0)
    assert.deepEqual(await sums, [0, 1e6, 2e6, 3e6, 4e6])
  },
)

onBackends(
  everyBackend,
  'an argument that a task keeps stays as it was, whatever is sent later',
  async (make) => {
    const parallel = make({ workers: 1, shareFromBytes: 1000 })
    const values = zeros([5000], 'float64')
    const expected: number[] = []
    for (let i = 0; i < 6; i++) {
      values.data.fill(i)
      expected.push(i)
      const [seen] = await parallel.run([delayed(keepArgument)(values)])
      assert.deepEqual(seen.slice(-6), expected.slice(-6))
    }
  },
)

onBackends(everyBackend, 'arrays are found at any depth, in maps and sets', async (make) => {
  const parallel = make.shared()
  const value = {
    list: [counting(3), shared([5], 'float64')],
    map: new Map([['a', Float64Array.of(1, 2)]]),
    set: new Set([counting(large).rows(0, 4)]),
  }
  assert.deepEqual(await parallel.run([delayed(sumNested)(value)]), [3 + 0 + 3 + 6])
})

onBackends(everyBackend, 'every kind of value comes through a task as it was', async (make) => {
  const parallel = make({ shareFromBytes: 64 })
  const circle: Record<string, unknown> = { name: 'circle' }
  circle['self'] = [circle]
  const bytes = Buffer.from(
    'some bytes that are more than sixty-four, so that they go by reference',
  )
  const values: unknown[] = [
    [undefined, null, -0, NaN, 1n, 'text', true, [[]]],
    new Date(5),
    /a+/g,
    new Map<unknown, unknown>([[{ key: 1 }, new Set([1, [2]])]]),
    circle,
    { __proto__: null, plain: 1 },
    JSON.parse('{"__proto__": {"x": 1}}'),
    { '\u{f0000}onecopy': 'array', reference: 'of a user' },
    Buffer.from('small'),
    bytes,
    bytes.subarray(5, 9),
    ...[Uint8ClampedArray, Int16Array, Float32Array].map((type) => type.of(1, 2, 3)),
    Uint8ClampedArray.from({ length: 100 }, (_, i) => i),
    BigInt64Array.from({ length: 100 }, (_, i) => BigInt(i)).subarray(7),
    new ArrayBuffer(8),
    new DataView(new ArrayBuffer(8), 2, 3),
    new Float64Array(0),
  ]
  const back = await parallel.run(
    values.map((value) => delayed(same as (x: unknown) => unknown)(value)),
  )
  assert.deepEqual(back.slice(0, 5), values.slice(0, 5))
  for (const [i, value] of values.entries()) {
    if (i !== 5) assert.deepEqual(back[i], value, `value ${i}`)
    const kind = (x: unknown): string => Object.prototype.toString.call(x) + Buffer.isBuffer(x)
    assert.equal(kind(back[i]), kind(value))
  }
  assert.deepEqual({ ...(back[5] as object) }, { plain: 1 })
})

onBackends(everyBackend, 'one value in two places stays one', async (make) => {
  const parallel = make.shared()
  const shape = { sides: 4 }
  const matrix = counting(3)
  const [back] = await parallel.run([
    delayed(same as (x: unknown) => unknown)([shape, shape, matrix, matrix]),
  ])
  const [a, b, c, d] = back as unknown[]
  assert.equal(a, b)
  assert.equal(c, d)
})

onBackends(
  everyBackend,
  'a buffer and the views of it that follow stay over one buffer, there and back',
  async (make) => {
    const parallel = make.shared()
    for (const bytes of [83, 8 * large]) {
      const buffer = new ArrayBuffer(bytes)
      const numbers = new Float64Array(buffer, 0, Math.floor(bytes / 8)).fill(1)
      const views = [numbers, numbers.subarray(2, 4), Buffer.from(buffer, 8), array(numbers)]
      const back = await parallel.run([
        delayed(same)({ buffer, views }),
        delayed(same)({ buffer: new Uint8Array(buffer), views }),
      ])
      for (const [i, { buffer: first, views }] of back.entries()) {
        const whole = i === 0 ? (first as ArrayBuffer) : (first as Uint8Array).buffer
        assert.equal(first.byteLength, bytes)
        for (const view of views) assert.ok(view.buffer === whole, `${bytes} bytes, call ${i}`)
        assert.deepEqual([...(views[1] as Float64Array)], [1, 1])
      }
    }
  },
)

onBackends(everyBackend, 'A13: results are arrays of their own', async (make) => {
  const parallel = make.shared()
  for (const [n, fn] of [
    [10, fill],
    [large, fill],
    [10, fillShared],
    [large, fillShared],
  ] as const) {
    const results = await parallel.run(Array.from({ length: 10 }, (_, i) => delayed(fn)(n, i)))
    for (const [i, result] of results.entries()) {
      assert.ok(result instanceof NDArray)
      assert.ok(result.shape[0] === n && result.data.every((x) => x === i), `${fn.name} ${i}`)
    }
  }
  const typed = await parallel.run([10, large].map((n) => delayed(fillTyped)(n, 3)))
  assert.ok(typed.every((result) => result instanceof Float64Array && result.every((x) => x === 3)))
})

onBackends(everyBackend, 'results stay valid when the pool is closed', async (make) => {
  const parallel = make()
  const [result, typed] = await parallel.run([
    delayed(fill)(large, 5),
    delayed(fillTyped)(large, 6),
  ] as const)
  await parallel.close()
  assert.ok(result.data.every((x) => x === 5))
  assert.ok(typed.every((x) => x === 6))
})

onBackends(
  everyBackend,
  'A12: a result that is a view of a shared argument is a view of the same memory',
  async (make, _, context) => {
    const parallel = make.shared()
    const path = join(temporaryFolder(context), 'values.npy')
    const file = createArray(path, { dtype: 'float64', shape: [4, 2] })
    for (const values of [shared([4, 2], 'float64'), file]) {
      const [view] = await parallel.run([delayed(firstRows)(values)])
      values.set(7, 1, 1)
      assert.deepEqual(view.toArray(), [
        [0, 0],
        [0, 7],
      ])
      assert.equal(view.mapping?.identity, values.mapping?.identity)
    }
  },
)

onBackends(
  everyBackend,
  'a result that is a view of a private argument has its values',
  async (make) => {
    const parallel = make.shared()
    const [view] = await parallel.run([delayed(firstRows)(counting(large / 2, 2))])
    assert.deepEqual(view.toArray(), [
      [0, 1],
      [2, 3],
    ])
  },
)

onBackends(
  everyBackend,
  'an array that was moved away is refused, not sent empty',
  async (make) => {
    const parallel = make.shared()
    const values = new Float64Array(large)
    structuredClone(values.buffer, { transfer: [values.buffer] })
    await assert.rejects(
      parallel.run([delayed(total)(values)]),
      refusal(
        'ERR_UNSENDABLE',
        'its memory was transferred, by transfer() or in a message. Send a copy, or transfer a copy.',
      ),
    )
  },
)

onBackends(['serial', 'threads'], 'a SharedArrayBuffer is shared with threads', async (make) => {
  const parallel = make.shared()
  const values = new Float64Array(new SharedArrayBuffer(64))
  assert.deepEqual(await parallel.run([delayed(holdAll)(values, 4)]), [true])
  assert.ok(values.every((x) => x === 4))
})

onBackends(
  ['processes'],
  'a SharedArrayBuffer is not copied to a process behind the back',
  async (make) => {
    const parallel = make.shared()
    const refused = refusal(
      'ERR_UNSENDABLE',
      'a SharedArrayBuffer can not be shared with another process. Create the array with shared(shape, dtype).',
    )
    const values = new Float64Array(new SharedArrayBuffer(64))
    await assert.rejects(parallel.run([delayed(total)(values)]), refused)
    await assert.rejects(
      parallel.run([delayed(same as (x: unknown) => unknown)(values.buffer)]),
      refused,
    )
  },
)

onBackends(everyBackend, 'a resizable buffer may shrink and grow between tasks', async (make) => {
  const parallel = make.shared()
  const buffer = new ArrayBuffer(2 ** 21, { maxByteLength: 2 ** 23 })
  const bytes = new Uint8Array(buffer)
  const ends = (bytes: Uint8Array): number[] => [bytes.length, bytes.at(-1)!]
  function* calls() {
    for (const size of [2 ** 21, 2 ** 20 + 3, 2 ** 22 + 1, 2 ** 21, 2 ** 23]) {
      buffer.resize(size)
      bytes[size - 1] = 7
      yield delayed(ends)(bytes)
    }
  }
  assert.deepEqual(
    await parallel.run(calls()),
    [2097152, 1048579, 4194305, 2097152, 8388608].map((size) => [size, 7]),
  )
})
