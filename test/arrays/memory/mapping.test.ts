/** One map for each file, on all threads, unmapped with its last array. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  linkSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  array,
  arange,
  encodeReference,
  openArray,
  saveArray,
  shared,
} from '../../../src/arrays/index.ts'
import { mappingOf, mapWhole, withFile } from '../../../src/arrays/internal.ts'
import { refusal } from '../refusal.ts'
import { startReceiver } from '../receiver.ts'
import { temporaryFolder } from '../temporary-folder.ts'

/** How often this process has a file mapped. */
function mapsOf(path: string): number {
  return readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .filter((line) => line.endsWith(path)).length
}

/** How many descriptors of this process lead to a path with this text. */
function descriptorsOf(text: string): number {
  return spawnSync('ls', ['-l', `/proc/${process.pid}/fd`], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter((line) => line.includes(text)).length
}

test('opening a file twice, by any name, gives one map and the same memory', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'a.npy')
  await saveArray(path, arange(0, 3))
  symlinkSync(path, join(folder, 'soft.npy'))
  linkSync(path, join(folder, 'hard.npy'))
  const names = ['a.npy', 'soft.npy', 'hard.npy', 'a.npy']
  const opened = names.map((name) => openArray(join(folder, name)))
  assert.equal(new Set(opened.map((X) => X.buffer)).size, 1)
  assert.equal(new Set(opened.map((X) => X.mapping)).size, 1)
  assert.equal(mapsOf(path), 1)
  opened[0]!.set(9, 0)
  assert.equal(opened[2]!.get(0), 9)
  const live = openArray(path, { mode: 'r+' })
  assert.notEqual(live.buffer, opened[0]!.buffer)
  assert.equal(mapsOf(path), 2, 'one a mode')
  assert.equal(descriptorsOf(folder), 0, 'no descriptor is kept')
})

test('a thread that opens the same file adopts the map', async (t) => {
  const path = join(temporaryFolder(t), 'a.npy')
  await saveArray(path, arange(0, 3))
  const X = openArray(path)
  const tell = startReceiver(t, 'thread')
  await tell({ reference: encodeReference(X, { sameProcess: true })! })
  const { mapping, ...place } = encodeReference(X)!
  await tell({ reference: { ...place, mapping: { ...mapping, process: 'as if from elsewhere' } } })
  assert.equal(mapsOf(path), 1)
})

test('another file under the same name is another map', async (t) => {
  const path = join(temporaryFolder(t), 'a.npy')
  await saveArray(path, array([1]))
  const before = openArray(path)
  await saveArray(path, array([2]))
  assert.notEqual(openArray(path).mapping, before.mapping)
})

test('a bare typed array on a mapping is known by its buffer', () => {
  const Z = shared([4], 'float64')
  assert.equal(mappingOf(Z.toTypedArray().buffer), Z.mapping)
  assert.equal(array(Z.data.subarray(1, 3)).mapping, Z.mapping)
  assert.equal(mappingOf(new ArrayBuffer(8)), undefined)
})

test('two modes show the file alike until one is written to', async (t) => {
  const path = join(temporaryFolder(t), 'a.npy')
  await saveArray(path, array([1, 2]))
  const [copy, live] = [openArray(path), openArray(path, { mode: 'r+' })]
  live.set(5, 1)
  assert.equal(copy.get(1), 5, 'a private map is no snapshot')
  copy.set(6, 0)
  live.set(7, 1)
  assert.deepEqual(
    [copy.toArray(), live.toArray()],
    [
      [6, 5],
      [1, 7],
    ],
  )
})

test('opening needs no more than the right to read', (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'a.npy')
  copyFileSync(join(import.meta.dirname, '../../fixtures/npy/shape-1d.npy'), path)
  chmodSync(folder, 0o755)
  chmodSync(path, 0o444)
  const program = `
    import { openArray } from '${new URL('../../../src/arrays/index.ts', import.meta.url).href}'
    if (process.getuid() === 0) process.seteuid(65534)
    const X = openArray('${path}')
    X.set(9, 0)
    try { openArray('${path}', { mode: 'r+' }) } catch (error) { console.log(error.code) }
    console.log(X.get(0))`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  })
  assert.equal(stdout, 'ERR_FILE\n9\n', stderr)
})

test('a mapping ends with its last array, on whatever thread', () => {
  const program = join(import.meta.dirname, '../programs/unmap.ts')
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--expose-gc', program], {
    encoding: 'utf8',
  })
  assert.equal(status, 0, stderr)
  assert.deepEqual(JSON.parse(stdout), {
    whileHeld: { maps: 2, descriptors: 1 },
    heldByThread: { maps: 2, descriptors: 1 },
    afterAll: { maps: 0, descriptors: 0 },
  })
})

test('a file of another size than it had is refused before anything of it is used', (t) => {
  const path = join(temporaryFolder(t), 'a')
  writeFileSync(path, Buffer.alloc(100))
  const source = { kind: 'file', mode: 'c', path } as const
  assert.equal(withFile(path, 'c', (fd) => mapWhole(fd, source, 100)).byteLength, 100)
  for (const size of [99, 101])
    assert.throws(
      () => withFile(path, 'c', (fd) => mapWhole(fd, source, size)),
      refusal(
        'ERR_FORMAT',
        `Expected the length of ${path} to be ${size} bytes as when it was opened, got 100. ` +
          'The file was changed in place while it was opened. Write it whole, under another name, and rename it.',
      ),
    )
})
