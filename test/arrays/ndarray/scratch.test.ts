/** Scratch memory: nameless, freed at once and with its last holder. */

import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readlinkSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { shared } from '../../../src/arrays/index.ts'
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

test('dispose frees the pages at once; every view stays valid and reads zeros', (t) => {
  for (const scratch of [undefined, temporaryFolder(t)]) {
    const Z = shared([1000, 100], 'float64', { scratch })
    Z.data.fill(3)
    const row = Z.row(7)
    assert.ok(blocksOf(Z) >= Z.nbytes)
    row[Symbol.dispose]()
    assert.equal(row.get(0), 3, 'a view of a part frees nothing')
    Z[Symbol.dispose]()
    assert.ok(blocksOf(Z) < 0.05 * Z.nbytes)
    assert.deepEqual([Z.get(999, 99), row.get(0)], [0, 0])
    row.set(4, 1)
    assert.equal(Z.get(7, 1), 4)
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
