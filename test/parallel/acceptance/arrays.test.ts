/** Acceptance cases A1–A13: which memory tasks see, and what comes back. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import {
  array,
  createArray,
  type NDArray,
  openArray,
  openForeignArray,
  saveArray,
  shared,
  zeros,
} from '../../../src/arrays/index.ts'
import { delayed } from '../../../src/parallel/index.ts'
import { refusal } from '../../arrays/refusal.ts'
import { temporaryFolder } from '../../arrays/temporary-folder.ts'
import { doubleAt, fillShared, look, same, total } from '../../fixtures/tasks/arrays.ts'
import { everyBackend, onBackends } from '../backends.ts'
import { countMaps, identities } from './tasks/arrays.ts'
import { share } from '../../arrays/share.ts'

const fixture = (name: string): string =>
  join(import.meta.dirname, '../../fixtures/npy', `${name}.npy`)

/** The numbers 0, 1, 2 … in an array of this shape. */
function counting(...shape: number[]): NDArray<'float64'> {
  const n = shape.reduce((a, b) => a * b, 1)
  return array<'float64'>(Float64Array.from({ length: n }, (_, i) => i)).reshape(...shape)
}

onBackends(
  everyBackend,
  'A1: many tasks each double a cell of a mapped file, and nothing new is on disk',
  async (make, _, context) => {
    const parallel = make()
    const folder = temporaryFolder(context)
    const path = join(folder, 'values.npy')
    const values = createArray(path, { dtype: 'float64', shape: [100] })
    for (let i = 0; i < 100; i++) values.set(i, i)
    await parallel.run(Array.from({ length: 100 }, (_, i) => delayed(doubleAt)(values, i)))
    assert.deepEqual(
      values.toArray(),
      Array.from({ length: 100 }, (_, i) => 2 * i),
    )
    assert.deepEqual(readdirSync(folder), ['values.npy'])
  },
)

onBackends(
  everyBackend,
  'A3: what was opened to be read is never changed by a task, not for the caller nor in the file',
  async (make, _, context) => {
    const parallel = make()
    const path = join(temporaryFolder(context), 'values.npy')
    await saveArray(path, counting(1000))
    const before = readFileSync(path)
    // There is no mode 'r' of NumPy's: a write would be SIGSEGV for all threads. It stays private instead.
    assert.throws(() => openArray(path, { mode: 'r' as never }), {
      code: 'ERR_OPTION',
      message:
        "Expected mode 'c' or 'r+', got 'r'. In place of mode 'r' of NumPy and joblib use 'c', which maps the file, too, and keeps writes private to this process.",
    })
    const values = openArray(path, { dtype: 'float64' })
    await parallel.run([1, 2, 3].map((i) => delayed(doubleAt)(values, i)))
    assert.deepEqual(values.toArray(), counting(1000).toArray())
    assert.deepEqual(readFileSync(path), before)
  },
)

onBackends(
  everyBackend,
  'A4, A5: swapped axes and steps on any axis, of both orders, without a copy',
  async (make, _, context) => {
    const parallel = make()
    const folder = temporaryFolder(context)
    const cube = counting(6, 5, 4)
    await saveArray(join(folder, 'c.npy'), cube)
    await saveArray(join(folder, 'fortran.npy'), cube.transpose())
    const bases = [openArray(join(folder, 'c.npy')), openArray(join(folder, 'fortran.npy'))]
    for (const base of [...bases, share(cube), openArray(fixture('shape-3d-fortran'))]) {
      const views = [
        base,
        base.transpose(),
        base.transpose([0, 2, 1]),
        base.transpose([1, 0, 2]).reversed(),
        base.slice([null, null, 2]),
        base.slice(null, [null, null, -1], [1, 3]),
        base.reversed(2).reversed(1).reversed(0),
        base.slice(1).transpose(),
      ]
      const seen = await parallel.run(views.map((view) => delayed(look)(view)))
      for (const [i, { values, strides, mapped }] of seen.entries()) {
        const view = views[i]!
        assert.deepEqual(values, view.toArray(), `view ${i}`)
        assert.deepEqual([mapped, strides], [true, view.strides])
      }
      const distinct = await parallel.run([delayed(identities)(views)])
      assert.deepEqual([...new Set(distinct.flat())], [base.mapping?.identity])
    }
  },
)

onBackends(
  everyBackend,
  'A6: offsets beyond a page, on and off its border, keep their data',
  async (make, _, context) => {
    const parallel = make()
    const path = join(temporaryFolder(context), 'values.npy')
    await saveArray(path, counting(5000))
    for (const base of [openArray(path), share(counting(5000)), counting(5000)]) {
      for (const start of [495, 496, 497, 511, 512, 513, 1024, 4999]) {
        const view = base.slice([start, Math.min(5000, start + 3)])
        const [seen] = await parallel.run([delayed(look)(view)])
        assert.deepEqual(seen.values, view.toArray(), `from ${start}`)
      }
    }
  },
)

onBackends(everyBackend, 'A7: a matrix made of a vector keeps its rows', async (make) => {
  const parallel = make()
  const matrix = share(counting(600)).slice([100, 160]).reshape(10, 6)
  const [seen] = await parallel.run([delayed(look)(matrix)])
  assert.deepEqual(seen, { values: matrix.toArray(), strides: [6, 1], mapped: true })
  assert.deepEqual((seen.values as number[][])[1], [106, 107, 108, 109, 110, 111])
})

onBackends(
  everyBackend,
  'A8: one array in ten tasks is one piece of memory, below the limit none',
  async (make) => {
    const parallel = make({ shareFromBytes: 8000 })
    const seen = async (values: NDArray): Promise<Set<string | undefined>> => {
      const tasks = Array.from({ length: 10 }, () => delayed(identities)([values]))
      return new Set((await parallel.run(tasks)).flat())
    }
    const large = await seen(counting(1000))
    assert.ok(large.size === 1 && !large.has(undefined))
    assert.deepEqual([...(await seen(counting(999)))], [undefined])
  },
)

onBackends(
  everyBackend,
  'A9: all views of one private array are one piece of memory',
  async (make) => {
    const parallel = make({ shareFromBytes: 8000 })
    const matrix = counting(100, 100)
    const views = [
      matrix,
      matrix.rows(0, 50),
      matrix.rows(0, 50),
      matrix.rows(50),
      matrix.transpose(),
      matrix.reversed(),
      matrix.slice(null, [10, 90, 3]),
      matrix.reshape(10_000),
    ]
    const apart = await parallel.run(views.map((view) => delayed(identities)([view])))
    const together = await parallel.run([delayed(identities)(views)])
    const seen = new Set([...apart.flat(), ...together.flat()])
    assert.ok(seen.size === 1 && !seen.has(undefined), `${seen.size} pieces of memory`)
  },
)

onBackends(
  everyBackend,
  'A10: arrays that the input makes and drops are never mixed up, whatever the workers',
  async (make) => {
    for (const workers of [2, 4]) {
      const parallel = make({ workers, shareFromBytes: 100 })
      function* calls() {
        for (let i = 0; i < 100; i++)
          yield delayed(total)(
            zeros([i + 1], 'float64')
              .copy()
              .reversed(),
          )
        for (let i = 0; i < 100; i++) yield delayed(total)(new Float64Array(i + 1).fill(i))
      }
      const expected = Array.from({ length: 200 }, (_, i) => (i < 100 ? 0 : (i - 99) * (i - 100)))
      assert.deepEqual(await parallel.run(calls()), expected)
    }
  },
)

onBackends(
  everyBackend,
  'A11: big-endian numbers arrive as their values, structured ones are refused by name',
  async (make) => {
    const parallel = make()
    const big = openForeignArray(fixture('foreign-f8-big')).toNative()
    const turned = openForeignArray(fixture('foreign-i4-big-fortran')).toNative()
    const seen = await parallel.run([big, turned].map((values) => delayed(look)(values)))
    for (const { values, mapped } of seen) {
      assert.deepEqual(
        [values, mapped],
        [
          [
            [0, 1, 2],
            [3, 4, 5],
          ],
          true,
        ],
      )
    }
    assert.throws(
      () => openArray(fixture('foreign-f8-big')),
      refusal('ERR_DTYPE', "'>f8', which can't be used in place"),
    )
    assert.throws(() => openForeignArray(fixture('refused-structured')), refusal('ERR_DTYPE'))
  },
)

onBackends(
  everyBackend,
  'A12: an array that a task returns is valid when its pool and its worker are gone',
  async (make) => {
    const parallel = make({ workers: 1 })
    const values = shared([10], 'float64')
    const [made, given] = await parallel.run([
      delayed(fillShared)(200_000, 4),
      delayed(same as (x: NDArray<'float64'>) => NDArray<'float64'>)(values),
    ] as const)
    await parallel.close()
    assert.ok(made.data.every((x) => x === 4))
    values.set(8, 3)
    assert.equal(given.get(3), 8)
  },
)

test('A40: a file of 800 MB opens without being read, on a border of 64 bytes', (context) => {
  const path = join(temporaryFolder(context), 'large.npy')
  const made = createArray(path, { dtype: 'float64', shape: [100_000_000] })
  made.set(7, 99_999_999)
  const faults = process.resourceUsage().majorPageFault + process.resourceUsage().minorPageFault
  const values = openArray(path)
  const after = process.resourceUsage().majorPageFault + process.resourceUsage().minorPageFault
  assert.ok(after - faults < 2000, `${after - faults} of 195,000 pages touched`)
  assert.equal((values.offset * 8) % 64, 0)
  assert.equal(values.get(99_999_999), 7)
})

test('A40: a compressed file, which can not be mapped, is refused by its kind', (context) => {
  const path = join(temporaryFolder(context), 'packed.npy')
  writeFileSync(path, gzipSync(readFileSync(fixture('type-f8'))))
  assert.throws(() => openArray(path), {
    code: 'ERR_FORMAT',
    message: `Expected a .npy file, ${path} doesn't begin like a .npy file, but like one compressed by gzip: unpack it first.`,
  })
})

onBackends(
  everyBackend,
  'A41: a thousand arrays on one file are one mapping for each worker',
  async (make, backend, context) => {
    const parallel = make()
    const path = join(temporaryFolder(context), 'thousand.npy')
    await saveArray(path, counting(1000, 10))
    const rows = Array.from({ length: 1000 }, (_, i) => openArray(path).row(i))
    const counts = await parallel.run([1, 2, 3, 4].map(() => delayed(countMaps)(path, rows)))
    // Threads each have their own beside the one of the caller, so that their writes stay apart.
    const most = { serial: 2, threads: 3, processes: 1 }[backend]
    for (const count of counts) assert.ok(count >= 1 && count <= most, `${count} mappings`)
  },
)
