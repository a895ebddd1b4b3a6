/** Scratch memory: unnamed, freed at once and with its last holder. */

import assert from 'node:assert/strict'
import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readlinkSync, statSync, truncateSync } from 'node:fs'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  decodeReference,
  encodeReference,
  itemSize,
  dtypes,
  type NDArray,
  saveArray,
  shared,
} from '../../../src/arrays/index.ts'
import { holdPages, kernelMatrix } from '../../../src/arrays/internal.ts'
import { OneCopyError } from '../../../src/errors.ts'
import { refusal } from '../refusal.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const blocksOf = (array: { mapping: { fd: number } | undefined }): number =>
  statSync(`/proc/self/fd/${array.mapping!.fd}`).blocks * 512

test('scratch arrays are zeros of any dtype and shape, writable and shareable', () => {
  const Z = shared([2, 3], 'int64')
  Z.set(-5n, 1, 2)
  assert.deepEqual(Z.toArray(), [
    [0n, 0n, 0n],
    [0n, 0n, -5n],
  ])
  assert.deepEqual([Z.mapping?.kind, Z.mapping?.mode], ['scratch', 'r+'])
  assert.deepEqual(shared([0], 'float64').toArray(), [])
  assert.equal(shared([], 'bool').get(), 0)
})

test('its memory has no name in any folder', (t) => {
  const folder = temporaryFolder(t)
  const [memory, file] = [shared([9], 'int8'), shared([9], 'int8', { scratch: folder })]
  assert.match(readlinkSync(`/proc/self/fd/${memory.mapping!.fd}`), /^\/memfd:onecopy \(deleted\)$/)
  assert.match(readlinkSync(`/proc/self/fd/${file.mapping!.fd}`), /\(deleted\)$/)
  assert.deepEqual(readdirSync(folder), [])
})

test('nobody can cut it short under its readers', () => {
  const Z = shared([5000], 'int8')
  const path = `/proc/self/fd/${Z.mapping!.fd}`
  assert.throws(() => truncateSync(path, 0), /EPERM|operation not permitted/)
  assert.throws(() => truncateSync(path, 9000), /EPERM|operation not permitted/)
})

test('dispose frees the pages at once, and from then on the array and its views are refused', async (t) => {
  for (const scratch of [undefined, temporaryFolder(t)]) {
    const Z = shared([1000, 100], 'float64', { scratch })
    Z.data.fill(3)
    const row = Z.row(7)
    assert.ok(blocksOf(Z) >= Z.nbytes)
    row[Symbol.dispose]()
    assert.equal(row.get(0), 3, 'a view of a part frees nothing')
    Z[Symbol.dispose]()
    assert.ok(blocksOf(Z) < 0.05 * Z.nbytes)
    assert.ok(row.data.every((x) => x === 0))
    const text =
      'The memory of this array, float64 of shape [100], was freed by [Symbol.dispose](). Dispose of a shared array after its last use.'
    const uses: Record<string, () => unknown> = {
      get: () => row.get(0),
      set: () => row.set(4, 1),
      toArray: () => row.toArray(),
      toTypedArray: () => row.toTypedArray(),
      copy: () => row.copy(),
      slice: () => row.slice([0, 1]),
      encodeReference: () => encodeReference(row),
      'kernel argument': () => kernelMatrix(row),
    }
    for (const [name, use] of Object.entries(uses))
      assert.throws(use, { code: 'ERR_DETACHED', message: text }, name)
    await assert.rejects(saveArray(join(temporaryFolder(t), 'a.npy'), row), { message: text })
    assert.equal(String(Z), 'NDArray float64 [1000, 100] (memory gone)')
    Z[Symbol.dispose]()
  }
})

test('pages stay until the last hold ends, on any thread', () => {
  const Z = shared([5000])
  Z.data.fill(3)
  const [first, second] = [holdPages(Z.mapping!), holdPages(Z.mapping!)]
  Z[Symbol.dispose]()
  first.release()
  first.release()
  assert.equal(Z.get(4999), 3)
  assert.equal(decodeReference(encodeReference(Z, { sameProcess: true })!).get(0), 3)
  const third = holdPages(Z.mapping!)
  second.release()
  assert.equal(Z.get(4999), 3)
  third.release()
  assert.equal(blocksOf(Z), 0)
  assert.throws(() => Z.get(0), { code: 'ERR_DETACHED' })
  assert.throws(() => holdPages(Z.mapping!), { code: 'ERR_DETACHED' })
})

test('an array of any size frees its memory when it is disposed', () => {
  for (const dtype of dtypes) {
    for (const length of [1, 2, 3, 7, 8, 9, 1000, 4096 / itemSize(dtype), 100_001]) {
      const Z = shared([length], dtype)
      const others = Z.nbytes > 4096 ? 0 : blocksOf(Z) // of small arrays in the same file
      new Uint8Array(Z.buffer).fill(1)
      assert.ok(blocksOf(Z) > others)
      Z[Symbol.dispose]()
      assert.equal(blocksOf(Z), others, `${dtype} [${length}]`)
      assert.ok(new Uint8Array(Z.buffer).every((x) => x === 0))
    }
  }
})

test('a view frees nothing, whatever part of the memory it shows', () => {
  const Z = shared([2, 4], 'float64')
  Z.data.fill(3)
  const views: NDArray[] = [
    Z.slice(),
    Z.rows(),
    Z.reshape(8),
    Z.reshape(2, 4),
    Z.transpose(),
    Z.reversed(0),
    Z.row(0).broadcastTo([2, 4]),
    Z.slice([0, 1]).broadcastTo([2, 4]),
    Z.column(0).slice([0, 1]).broadcastTo([8]),
    decodeReference(encodeReference(Z)!),
    decodeReference({ ...encodeReference(Z.row(0))!, given: true }),
    decodeReference({ ...encodeReference(Z.row(1).broadcastTo([2, 4]))!, given: true }),
  ]
  for (const view of views) {
    view[Symbol.dispose]()
    assert.equal(Z.get(0, 0), 3, String(view))
  }
  decodeReference({ ...encodeReference(Z)!, given: true })[Symbol.dispose]()
  assert.equal(Z.get(0, 0), 3, 'what comes home stays its')
})

test('more memory than the machine has is refused at once', () => {
  assert.throws(() => shared([1e12]), {
    name: 'OneCopyError',
    code: 'ERR_MEMORY',
    message:
      /^Expected shared memory of at most [\d.]+ GB, the memory and swap of this machine or container, got 8\.00e\+3 GB\. Use a folder on disk/,
  })
  // A sparse array may be larger than what is free.
  const half = Math.min(totalmem(), process.constrainedMemory() || Infinity) / 2
  const Z = shared([half / 8])
  Z.set(1, -1)
  assert.equal(Z.get(-1), 1)
  Z[Symbol.dispose]()
})

/** Runs a program in a shell with a limit, such as `ulimit -n 128`. */
function runLimited(limit: string, program: string): { stdout: string; stderr: string } {
  const shell = `${limit}; exec "$0" --input-type=module -e "$1"`
  return spawnSync('bash', ['-c', shell, process.execPath, program], { encoding: 'utf8' })
}

test('too many open files are an error whose advice works', () => {
  const program = `
    import { shared } from '${new URL('../../../src/arrays/index.ts', import.meta.url).href}'
    const kept = []
    try {
      for (;;) kept.push(shared([1000]))
    } catch (error) {
      console.log(kept.length > 50, error.constructor.name, error.code, error.message)
    }
    kept.length = 1
    const one = kept.pop()
    const slices = Array.from({ length: 5000 }, (_, i) => one.slice([i % 10, null]))
    console.log(slices.length)`
  const { stdout, stderr } = runLimited('ulimit -n 128', program)
  assert.equal(
    stdout,
    'true OneCopyError ERR_MEMORY Could not make scratch memory: Too many open files. Each shared array of more than 4 kB holds a file descriptor, and 64 smaller ones hold one. ' +
      'Make one large array and use slices of it, or raise the limit of the process (`ulimit -n`).\n5000\n',
    stderr,
  )
})

test('a limit on the size of files is named', () => {
  const program = `
    import { shared } from '${new URL('../../../src/arrays/index.ts', import.meta.url).href}'
    try {
      shared([100_000])
    } catch (error) {
      console.log(error.code, error.message)
    }`
  const { stdout, stderr } = runLimited('ulimit -f 100', program)
  assert.equal(
    stdout,
    'ERR_MEMORY Could not make 800000 bytes of scratch memory: File too large. The size of files is limited, ' +
      'and shared arrays count as files: raise the limit of the process (`ulimit -f`).\n',
    stderr,
  )
})

test('many small arrays share a file, each with memory of its own', () => {
  const arrays = Array.from({ length: 300 }, (_, i) => {
    const Z = shared([1 + (i % 512)])
    Z.data.fill(i)
    return Z
  })
  const files = new Set(arrays.map(({ mapping }) => mapping!.fd))
  assert.ok(files.size <= 6, `${files.size} files`)
  assert.equal(new Set(arrays.map(({ mapping }) => mapping!.identity)).size, 300)
  for (const [i, Z] of arrays.entries()) {
    assert.equal(Z.data.length, 1 + (i % 512))
    if (i % 3 === 0) Z[Symbol.dispose]()
  }
  for (const [i, Z] of arrays.entries()) assert.ok(Z.data.every((x) => x === (i % 3 === 0 ? 0 : i)))
})

test('a thousand small arrays go to a worker process with few descriptors', () => {
  const src = new URL('../../../src/', import.meta.url).href
  const program = `
    import { shared } from '${src}arrays/index.ts'
    import { delayed, Parallel } from '${src}parallel/index.ts'
    const arrays = Array.from({ length: 1001 }, (_, i) => shared([2]))
    const parallel = new Parallel({ workers: 1, backend: 'processes' })
    const fill = (arrays) => {
      for (const [i, each] of arrays.entries()) each.data.fill(i)
      return arrays
    }
    const [back] = await parallel.run([delayed(fill)(arrays)])
    console.log(arrays.every((each, i) => each.get(1) === i && back[i].get(0) === i))
    await parallel.close()`
  const { stdout, stderr } = runLimited('ulimit -n 100', program)
  assert.equal(stdout, 'true\n', stderr)
})

test('errors of the core are of the one class, with their cause', () => {
  for (const [call, code] of [
    [() => shared([1], 'int8', { scratch: '/nonexistent' }), 'ERR_FILE'],
    [() => shared([2 ** 49], 'int8', { scratch: '/dev/shm' }), 'ERR_MEMORY'],
  ] as const) {
    assert.throws(call, (error) => {
      assert.ok(error instanceof OneCopyError)
      assert.equal(error.code, code)
      assert.ok(error.cause instanceof Error)
      return true
    })
  }
})

test('in a folder its space is taken at once, and a full disk is an error', (t) => {
  const folder = temporaryFolder(t)
  const Z = shared([100_000], 'float64', { scratch: folder })
  assert.ok(blocksOf(Z) >= Z.nbytes)
  assert.throws(
    () => shared([2 ** 43], 'float64', { scratch: folder }),
    refusal('ERR_MEMORY', `Could not make scratch memory in ${folder}: Could not reserve`),
  )
  assert.throws(
    () => shared([1], 'float64', { scratch: join(folder, 'no') }),
    refusal('ERR_FILE', `Could not make scratch memory in ${folder}/no`),
  )
})

test('more memory than there are addresses is an error', () => {
  assert.throws(() => shared([2 ** 49], 'float64'), refusal('ERR_MEMORY'))
})

test('a SIGKILL leaves nothing in /dev/shm or the folder', async (t) => {
  const folder = temporaryFolder(t)
  const shm = (): string[] => readdirSync('/dev/shm').filter((name) => name.includes('onecopy'))
  const before = shm()
  const child = fork(join(import.meta.dirname, '../programs/hold-scratch.ts'), [folder])
  const [held] = (await once(child, 'message')) as [number]
  assert.equal(held, 2)
  child.kill('SIGKILL')
  await once(child, 'exit')
  assert.deepEqual(shm(), before)
  assert.deepEqual(readdirSync(folder), [])
})
