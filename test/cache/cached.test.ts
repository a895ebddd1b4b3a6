/** Calls of cached functions in one process. */

import assert from 'node:assert/strict'
import {
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import {
  array,
  createArray,
  type NDArray,
  openArray,
  saveArray,
  shared,
} from '../../src/arrays/index.ts'
import { type CacheEvent, cached, cacheInfo, clearCache, listCache } from '../../src/cache/index.ts'
import { isOneCopyError } from '../../src/errors.ts'
import { native } from '../../src/native/index.ts'
import { tagKey } from '../../src/objects/internal.ts'

import { filesIn, makePlace } from './cache-place.ts'

/** A function that counts its calls outside of what it captures. */
const counts = globalThis as { cacheTestRuns?: number }
function square(x: number): number {
  Reflect.set(
    globalThis,
    'cacheTestRuns',
    Number(Reflect.get(globalThis, 'cacheTestRuns') ?? 0) + 1,
  )
  return x * x
}
function runsOf(): number {
  const runs = counts.cacheTestRuns ?? 0
  counts.cacheTestRuns = 0
  return runs
}

/** Rows of a matrix, each times a number: 128 KB, so that it is mapped. */
function scale(x: NDArray, by: number): NDArray {
  const out = shared([16_384], 'float64')
  for (let i = 0; i < out.size; i++) out.set(Number(x.get(i % x.size)) * by, i)
  return out
}

const isCode =
  (code: string) =>
  (error: unknown): boolean =>
    isOneCopyError(error) && error.code === code

test('K9: a hit on an unchanged mapped file hashes nothing, and writes no text of arguments', async (t) => {
  const place = makePlace()
  const path = join(place, 'x.npy')
  await saveArray(path, shared([1_000_000], 'float64'))
  const past = new Date(Date.now() - 60_000)
  utimesSync(path, past, past)
  await setTimeout(2100)
  const folder = join(place, 'cache')
  const own = cached(scale, { folder })
  await own(openArray(path), 2)
  const hashed = t.mock.method(native, 'hashElements')
  const now = t.mock.method(native, 'hashElementsNow')
  await own(openArray(path), 2)
  assert.equal(own.last?.isHit, true)
  await own(openArray(path), 3)
  assert.equal(hashed.mock.callCount() + now.mock.callCount(), 0)
})

test('K11: digests of files are kept for other processes, and end when a file changes', async (t) => {
  const place = makePlace()
  const path = join(place, 'x.npy')
  createArray(path, { dtype: 'float64', shape: [100_000] }).set(1, 0)
  const old = new Date(Date.now() - 60_000)
  utimesSync(path, old, old)
  await setTimeout(2100)
  const folder = join(place, 'cache')
  const own = cached(scale, { folder })
  const before = await own(openArray(path), 2)
  assert.equal(before.get(0), 2)
  assert.match(
    readFileSync(join(folder, 'digests'), 'utf8'),
    /^[0-9a-f]{32} \d+:\d+:\d+:\d+:\d+ float64 128 \[100000\] \[1\]\n$/,
  )
  const hashed = t.mock.method(native, 'hashElements')
  const changed = openArray(path, { mode: 'r+' })
  changed.set(5, 0)
  const now = new Date()
  utimesSync(path, now, now)
  assert.equal((await own(openArray(path), 2)).get(0), 10)
  assert.ok(hashed.mock.callCount() > 0)
})

test('K11: a file that was changed just before is hashed again, as its clock may not tick', async (t) => {
  const place = makePlace()
  const path = join(place, 'x.npy')
  await saveArray(path, shared([100_000], 'float64'))
  const own = cached(scale, { folder: join(place, 'cache') })
  await own(openArray(path), 2)
  const hashed = t.mock.method(native, 'hashElements')
  await own(openArray(path), 2)
  assert.ok(hashed.mock.callCount() > 0)
})

test('a mapped array that this process has written to counts as it is here', async () => {
  const place = makePlace()
  const path = join(place, 'x.npy')
  await saveArray(path, array([1, 2, 3]))
  const own = cached(scale, { folder: join(place, 'cache') })
  const x = openArray(path)
  assert.equal((await own(x, 2)).get(0), 2)
  x.set(10, 0)
  assert.equal((await own(x, 2)).get(0), 20)
})

test('K13: a hundred calls at once compute once, and each gets a result of its own', async () => {
  runsOf()
  const own = cached(
    async (x: number) => {
      await new Promise((resolve) => globalThis.setTimeout(resolve, 20))
      Reflect.set(
        globalThis,
        'cacheTestRuns',
        Number(Reflect.get(globalThis, 'cacheTestRuns') ?? 0) + 1,
      )
      return { list: [x] }
    },
    { folder: makePlace() },
  )
  const results = await Promise.all(Array.from({ length: 100 }, () => own(3)))
  assert.equal(runsOf(), 1)
  for (const result of results) assert.deepEqual(result, { list: [3] })
  results[0]!.list.push(4)
  assert.deepEqual(await own(3), { list: [3] })
  assert.deepEqual(results[1], { list: [3] })
})

test('K13: a rejection reaches all calls, and is not kept', async () => {
  runsOf()
  const own = cached(
    async (x: number) => {
      await new Promise((resolve) => globalThis.setTimeout(resolve, 10))
      const runs = Number(Reflect.get(globalThis, 'cacheTestRuns') ?? 0) + 1
      Reflect.set(globalThis, 'cacheTestRuns', runs)
      if (runs === 1) throw new RangeError('first')
      return x
    },
    { folder: makePlace() },
  )
  const settled = await Promise.allSettled([own(1), own(1), own(1)])
  for (const one of settled)
    assert.ok(one.status === 'rejected' && one.reason instanceof RangeError)
  assert.equal(await own(1), 1)
  assert.equal(runsOf(), 2)
})

test('K14: where the file system has no locks, results are computed and right', async (t) => {
  t.mock.method(native, 'lockFile', () => 37) // ENOLCK
  const folder = makePlace()
  const own = cached(square, { folder })
  assert.deepEqual(await Promise.all([own(2), own(3), own(2)]), [4, 9, 4])
  assert.equal(await own(2), 4)
  assert.equal(own.last?.isHit, true)
})

test("K15: a result that can't be stored is an error by name, or passed on", async () => {
  const folder = makePlace()
  const make = (x: number) => ({ x, run: () => x })
  await assert.rejects(cached(make, { folder })(1), (error) => {
    assert.ok(isOneCopyError(error))
    assert.equal(error.code, 'ERR_UNSAVABLE')
    assert.match(
      error.message,
      /^Could not store the result of the cached function `make`: Expected `result` to be data that can be saved, got function run at `result\.run`.*onUnstorable: 'pass'/,
    )
    return true
  })
  const passing = cached(make, { folder, onUnstorable: 'pass' })
  assert.equal((await passing(1)).run(), 1)
  assert.equal(await passing.has(1), false)
  assert.deepEqual(filesIn(folder), [])
})

test('K16: maxItems deletes what was not used for longest, and says so', async () => {
  const folder = makePlace()
  const events: CacheEvent[] = []
  const own = cached(square, { folder, maxItems: 10, onEvent: (event) => events.push(event) })
  for (let x = 0; x < 10; x++) {
    await own(x)
    const [newest] = listCache(folder)
    const path = join(folder, `square-${newest!.identity}`, `${await own.key(x)}.onecopy`)
    utimesSync(path, 1e9 + x, 1e9 + x)
  }
  await own(0)
  await own(10)
  assert.equal(cacheInfo(folder).items, 9)
  assert.equal(await own.has(0), true)
  assert.equal(await own.has(1), false)
  assert.equal(await own.has(10), true)
  assert.ok(events.some(({ type, items }) => type === 'evict' && items === 2))
})

test('K16: maxBytes holds within 10 %, and what others have mapped stays readable', async () => {
  const folder = makePlace()
  const maxBytes = 1_500_000
  const own = cached(scale, { folder, maxBytes })
  const first = await own(array([1, 2]), 0)
  const kept = await own(array([1, 2]), 3)
  for (let by = 0; by < 40; by++) {
    await own(array([1, 2]), by)
    assert.ok(cacheInfo(folder).bytes <= maxBytes * 1.1)
  }
  assert.ok(cacheInfo(folder).bytes >= maxBytes * 0.7)
  assert.equal(await own.has(array([1, 2]), 0), false)
  assert.equal(first.get(1), 0)
  assert.equal(kept.get(1), 6)
})

test('K16: maxAgeMs computes again what is too old', async () => {
  runsOf()
  const own = cached(square, { folder: makePlace(), maxAgeMs: 30 })
  await own(2)
  assert.equal(await own.has(2), true)
  await setTimeout(40)
  assert.equal(await own.has(2), false)
  await own(2)
  assert.equal(runsOf(), 2)
})

test('K17: arrays of a result are mapped from the file at the first call too', async () => {
  const own = cached(scale, { folder: makePlace() })
  const [first, again] = [await own(array([1, 2]), 3), await own(array([1, 2]), 3)]
  assert.equal(first.mapping?.kind, 'file')
  assert.equal(again.mapping?.identity, first.mapping?.identity)
  assert.equal(again.get(1), 6)
})

test('writes to a result are not seen by later calls', async () => {
  const own = cached(scale, { folder: makePlace() })
  const first = await own(array([1, 2]), 3)
  first.set(-1, 0)
  const again = await own(array([1, 2]), 3)
  assert.equal(again.get(0), 3)
  assert.equal(first.get(0), -1)
})

test('K18: a damaged file is computed again and replaced', async () => {
  const folder = makePlace()
  const own = cached(scale, { folder })
  await own(array([1, 2]), 3)
  const [name] = filesIn(folder).filter((file) => file.endsWith('.onecopy'))
  const path = join(folder, name!)
  const whole = readFileSync(path)
  const flipped = Buffer.from(whole)
  flipped[60]! ^= 0xff
  for (const bytes of [whole.subarray(0, 5000), flipped, Buffer.alloc(0), Buffer.from('text')]) {
    writeFileSync(`${path}.new`, bytes)
    renameSync(`${path}.new`, path)
    assert.equal((await own(array([1, 2]), 3)).get(1), 6)
    assert.equal(own.last?.isHit, false)
    assert.equal((await own(array([1, 2]), 3)).get(1), 6)
    assert.equal(own.last?.isHit, true)
    assert.equal(statSync(path).size, whole.length)
  }
  truncateSync(path, 0)
  assert.equal((await own(array([1, 2]), 3)).get(1), 6)
})

test('K18: a file of another key counts for nothing', async () => {
  const folder = makePlace()
  const own = cached(square, { folder })
  await own(2)
  const [name] = filesIn(folder).filter((file) => file.endsWith('.onecopy'))
  const other = join(folder, name!.replace(await own.key(2), await own.key(3)))
  writeFileSync(other, readFileSync(join(folder, name!)))
  assert.equal(await own(3), 9)
})

test('K19: in a folder that can not be made results are computed, with one warning', async () => {
  const file = join(makePlace(), 'file')
  writeFileSync(file, '')
  const warnings: string[] = []
  const note = (warning: Error & { code?: string }): void =>
    void warnings.push(String(warning.code))
  process.on('warning', note)
  const own = cached(square, { folder: join(file, 'cache') })
  assert.deepEqual([await own(2), await own(2), await own(3)], [4, 4, 9])
  await setTimeout(10)
  process.off('warning', note)
  assert.deepEqual(warnings, ['ONECOPY_CACHE_NOT_WRITABLE'])
})

test('K19: a folder that can not be looked into costs no result', async () => {
  const folder = makePlace()
  const own = cached(square, { folder })
  await own(1)
  const [item] = listCache(folder)
  const group = join(folder, `square-${item!.identity}`)
  rmSync(group, { recursive: true })
  // A link to itself: whatever is asked of it fails, also for root.
  symlinkSync(group, group)
  assert.deepEqual([await own(2), await own(2)], [4, 4])
})

test('K19: files get the permissions that the umask gives', async () => {
  const folder = makePlace()
  const before = process.umask(0o022)
  try {
    await cached(square, { folder })(2)
  } finally {
    process.umask(before)
  }
  for (const file of filesIn(folder)) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o644)
})

test('K20: a file can make no instance of a class that is not registered, and its result is computed', async () => {
  const folder = makePlace()
  const own = cached(square, { folder })
  await own(2)
  const [name] = filesIn(folder).filter((file) => file.endsWith('.onecopy'))
  const { describeContainer, saveContainer } = await import('../../src/container/index.ts')
  const path = join(folder, name!)
  const schema = describeContainer(path).schema as Record<string, unknown>
  const value = { [tagKey]: 'instance', type: 'acme.Unknown', version: 1, state: {} }
  await saveContainer(path, { schema: { ...schema, value }, arrays: new Map() })
  assert.equal(await own(2), 4)
})

test('K21: a call says whether it hit, without a second hash', async (t) => {
  const folder = makePlace()
  const events: string[] = []
  const own = cached(scale, { folder, onEvent: ({ type }) => events.push(type) })
  assert.equal(Reflect.get(own, 'last'), undefined)
  const X = shared([100_000], 'float64')
  const hashed = t.mock.method(native, 'hashElements')
  await own(X, 1)
  const first = await own.key(X, 1)
  assert.deepEqual(Reflect.get(own, 'last'), { isHit: false, key: first })
  await own(X, 1)
  assert.deepEqual(Reflect.get(own, 'last'), { isHit: true, key: first })
  assert.equal(hashed.mock.callCount(), 3)
  assert.deepEqual(events, ['miss', 'store', 'hit'])
})

test('has, get, delete and key compute nothing', async () => {
  runsOf()
  const own = cached(square, { folder: makePlace() })
  assert.equal(await own.has(5), false)
  assert.equal(await own.get(5), undefined)
  assert.equal(await own.delete(5), false)
  assert.match(await own.key(5), /^[0-9a-f]{32}$/)
  assert.equal(runsOf(), 0)
  await own(5)
  assert.equal(await own.get(5), 25)
  assert.equal(await own.delete(5), true)
  assert.equal(await own.has(5), false)
})

test('a call that needs its own result is refused', async () => {
  const folder = makePlace()
  const holder: { again?: (x: number) => Promise<number> } = {}
  const own = cached(async (x: number): Promise<number> => Number(await holder.again?.(x)) + 1, {
    folder,
    version: 1,
    name: 'endless',
  })
  holder.again = own
  await assert.rejects(own(1), isCode('ERR_CACHE_CYCLE'))
})

test('a recursion over other arguments is kept step by step', async () => {
  const folder = makePlace()
  const fibonacci = cached(
    async (n: number): Promise<number> => {
      if (n < 2) return n
      const [a, b] = await Promise.all([fibonacci(n - 1), fibonacci(n - 2)])
      return a + b
    },
    { folder, name: 'fibonacci' },
  )
  assert.equal(await fibonacci(30), 832_040)
  assert.equal(cacheInfo(folder).items, 31)
})

test('every kind of result comes back as it was', async () => {
  const folder = makePlace()
  const results: readonly unknown[] = [
    undefined,
    null,
    -0,
    NaN,
    12n,
    'text',
    new Date(5),
    new Map([['a', new Set([1])]]),
    new Float32Array([1, 2]),
    { list: [1, undefined], nested: { deep: true } },
  ]
  for (const [i, result] of results.entries()) {
    const own = cached(() => result, { folder, name: `kind${i}`, version: 1 })
    assert.deepEqual(await own(), result)
    assert.deepEqual(await own(), result)
    assert.equal(own.last?.isHit, true)
  }
})

test('a signal ends the wait for another holder of the lock', async () => {
  const folder = makePlace()
  const controller = new AbortController()
  const own = cached(square, {
    folder,
    signal: controller.signal,
    onEvent: ({ type }) => {
      if (type === 'wait') controller.abort(new Error('enough'))
    },
  })
  mkdirSync(join(folder, 'locks'), { recursive: true })
  const fd = openSync(join(folder, 'locks', await own.key(2)), 'a')
  assert.equal(native.lockFile(fd), 0)
  await assert.rejects(own(2), /enough/)
})

test('cacheInfo, listCache and clearCache say and delete what is there', async () => {
  const folder = makePlace()
  assert.throws(() => cacheInfo(join(folder, 'none')), isCode('ERR_FILE'))
  const [one, two] = [cached(square, { folder }), cached(scale, { folder })]
  await one(2)
  await one(3)
  await two(array([1, 2]), 2)
  const info = cacheInfo(folder)
  assert.equal(info.items, 3)
  assert.deepEqual(
    info.functions.map(({ name, items }) => [name, items]),
    [
      ['scale', 1],
      ['square', 2],
    ],
  )
  const [item] = listCache(folder).filter(({ name }) => name === 'scale')
  assert.deepEqual(item!.arguments, ['float64 (2)', '2'])
  assert.equal(clearCache(folder, { unusedForMs: 60_000 }).items, 0)
  assert.equal(clearCache(folder, { name: 'square' }).items, 2)
  assert.equal(clearCache(folder).items, 1)
  assert.deepEqual(
    filesIn(folder).filter((file) => file.endsWith('.onecopy')),
    [],
  )
  assert.equal(await one(2), 4)
})

test('clearCache deletes nothing but results, whatever else lies in the folder', () => {
  const folder = makePlace()
  const others = ['model.onecopy', 'models/price.onecopy', 'fit-12345678/model.onecopy', 'locks/x']
  for (const name of others) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), '')
  }
  assert.deepEqual(clearCache(folder), { items: 0, bytes: 0 })
  assert.deepEqual(filesIn(folder), others.sort())
})

test('wrong options and functions are refused', () => {
  assert.throws(() => cached(1 as never, { folder: 'a' }), TypeError)
  assert.throws(() => cached(square, {} as never), /Expected `folder`/)
  assert.throws(
    () => cached(square, { folder: 'a', maxSize: 1 } as never),
    /cached has no option `maxSize`/,
  )
  assert.throws(() => cached(square, { folder: 'a', maxBytes: '20GB' } as never), /Write 20e9/)
})

test('a call ends with its signal while the function runs; its result is stored later', async () => {
  const folder = makePlace()
  const controller = new AbortController()
  let finish = (): void => undefined
  const own = cached(() => new Promise<number>((resolve) => (finish = () => resolve(7))), {
    folder,
    name: 'slow',
    version: 1,
    signal: controller.signal,
  })
  const call = own()
  await setTimeout(20)
  controller.abort(new Error('enough'))
  await assert.rejects(call, /enough/)
  finish()
  while (!(await cached(() => 0, { folder, name: 'slow', version: 1 }).has())) await setTimeout(5)
})

test('calls of two functions that wait for each other are refused', async () => {
  const folder = makePlace()
  const functions: Record<string, (x: number) => Promise<unknown>> = {}
  for (const [name, other] of ['ab', 'bc', 'ca'])
    functions[name!] = cached(
      async (x: number) => {
        await setTimeout(10)
        return functions[other!]!(x)
      },
      { folder, name: name!, version: 1 },
    )
  const results = await Promise.allSettled(Object.values(functions).map(async (own) => own(1)))
  for (const result of results) {
    assert.equal(result.status, 'rejected')
    assert.equal((result.reason as { code?: string }).code, 'ERR_CACHE_CYCLE')
  }
})

test('a name with other characters than a folder may have is found by its own', async () => {
  const folder = makePlace()
  const name = `fit "forest"/${'x'.repeat(100)}`
  await cached(square, { folder, name })(2)
  assert.equal(cacheInfo(folder).functions[0]!.name, name)
  assert.equal(listCache(folder)[0]!.name, name)
  assert.equal(clearCache(folder, { name: 'fit' }).items, 0)
  assert.equal(clearCache(folder, { name }).items, 1)
})

test('a result that is refused leaves no folder', async () => {
  const folder = makePlace()
  const own = cached(() => () => 1, { folder, name: 'refused', version: 1 })
  await assert.rejects(own(), isCode('ERR_UNSAVABLE'))
  assert.deepEqual(readdirSync(folder), ['locks'])
})

test('limits are kept when the log of sizes has something else in it', async () => {
  const folder = makePlace()
  const own = cached(square, { folder, maxItems: 3 })
  for (let i = 0; i < 5; i++) await own(i)
  for (const junk of [Buffer.alloc(37, 255), Buffer.from('-1'), packed(-1e9), packed(NaN)]) {
    writeFileSync(join(folder, 'size'), junk)
    for (let i = 5; i < 20; i++) {
      await own(i)
      await own.delete(0)
    }
    assert.ok(cacheInfo(folder).items <= 3)
    clearCache(folder)
  }
})

function packed(value: number): Uint8Array {
  return new Uint8Array(new Float64Array([value, value]).buffer)
}

test('nothing is deleted where a file stands in place of a folder', async () => {
  const folder = join(makePlace(), 'file')
  writeFileSync(folder, '')
  assert.equal(await cached(square, { folder }).delete(1), false)
})

test('clearCache says which results it could not delete', async () => {
  const folder = makePlace()
  const own = cached(square, { folder })
  await own(1)
  const path = join(
    folder,
    filesIn(folder).find((name) => name.endsWith('.onecopy'))!,
  )
  rmSync(path)
  // What unlink refuses to anybody, as the superuser may delete any file.
  mkdirSync(path)
  assert.throws(() => clearCache(folder), isCode('ERR_FILE'))
})

test('folders that are no paths, and arguments whose memory is gone, are refused by name', async () => {
  assert.throws(() => cacheInfo(3 as never), {
    name: 'TypeError',
    message: "Expected the path of a folder, such as '.cache', got 3.",
  })
  assert.throws(() => clearCache(undefined as never), TypeError)
  const moved = new Float64Array(3)
  structuredClone(moved, { transfer: [moved.buffer] })
  const own = cached((values: Float64Array) => values.length, { folder: makePlace() })
  await assert.rejects(own(moved), {
    code: 'ERR_UNSENDABLE',
    message:
      "Expected the arguments of a cached function to be data, got an object of class Float64Array at `arguments[0]`: its memory is gone, because it was transferred. Pass a copy. If results don't depend on it, name it in `ignore`.",
  })
})

test('a small result of which a bit was changed is computed again', async () => {
  const folder = makePlace()
  const events: string[] = []
  const own = cached(() => ({ values: array([7, 7, 7]) }), {
    folder,
    name: 'bits',
    version: 1,
    onEvent: ({ type }) => events.push(type),
  })
  await own()
  const path = join(
    folder,
    filesIn(folder).find((name) => name.endsWith('.onecopy'))!,
  )
  const bytes = readFileSync(path)
  const at = bytes.indexOf(new Uint8Array(new Float64Array([7, 7, 7]).buffer))
  bytes[at + 6]! ^= 1
  rmSync(path)
  writeFileSync(path, bytes)
  assert.deepEqual((await own()).values.toArray(), [7, 7, 7])
  assert.deepEqual((await own()).values.toArray(), [7, 7, 7])
  assert.deepEqual(events, ['miss', 'store', 'problem', 'problem', 'miss', 'store', 'hit'])
})
