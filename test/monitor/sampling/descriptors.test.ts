/** What the open files of a process say. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Descriptors } from '../../../src/monitor/sampling/descriptors.ts'
import { encodeHeapPage } from '../../../src/monitor/marks/heap-page.ts'
import { distinct } from '../../../src/monitor/proc/segments.ts'
import { FakeProc } from '../fake-proc.ts'

/** Two processes that hold the memfd 1:7; the first holds it twice. */
function holders(): FakeProc {
  const files = new FakeProc(
    {
      pid: 10,
      descriptors: {
        0: '/dev/pts/0',
        3: '/memfd:onecopy (deleted)',
        4: 'socket:[123]',
        5: '/memfd:onecopy (deleted)',
        6: '/home/me/memfd:onecopy',
        7: '/dev/shm/other',
      },
    },
    { pid: 11, descriptors: { 3: '/memfd:onecopy (deleted)' } },
    { pid: 12, descriptors: null },
  )
  files.files.set('/memfd:onecopy (deleted)', { id: '1:7', bytes: 4096 })
  files.files.set('/dev/shm/other', { id: '25:3', bytes: 8192 })
  files.files.set('/home/me/memfd:onecopy', { id: '9:9', bytes: 1e9 })
  return files
}

test('memfds and files of /dev/shm are found, each once', () => {
  assert.deepEqual(new Descriptors(holders(), 10).find(0)!.segments, [
    { id: '1:7', name: 'onecopy', bytes: 4096 },
    { id: '25:3', name: '/dev/shm/other', bytes: 8192 },
  ])
})

test('a segment that two processes hold is one segment', () => {
  const files = holders()
  const all = [10, 11].flatMap((pid) => new Descriptors(files, pid).find(0)!.segments)
  assert.deepEqual(
    distinct(all).map((segment) => segment.id),
    ['1:7', '25:3'],
  )
})

test("descriptors that can't be read are n/a, not none", () => {
  assert.equal(new Descriptors(holders(), 12).find(0), undefined)
})

for (const hasCounts of [false, true]) {
  test(`links are read again when something changed, and now and then (counts: ${hasCounts})`, () => {
    const files = holders()
    files.hasCounts = hasCounts
    const descriptors = new Descriptors(files, 11)
    let [links, lists] = [0, 0]
    const [link, list] = [files.link.bind(files), files.list.bind(files)]
    files.link = (path) => {
      links++
      return link(path)
    }
    files.list = (path) => {
      lists++
      return list(path)
    }
    const linksReadBy = (touched: number): number => {
      links = 0
      const found = descriptors.find(touched, { lazy: true })
      return links - found!.segments.length // the fake reads a link for the blocks behind it, too
    }
    assert.deepEqual([linksReadBy(0), linksReadBy(0)], [1, 0])
    assert.deepEqual([linksReadBy(4096), linksReadBy(4096)], [1, 0])
    files.processes.get(11)!.descriptors![4] = '/dev/shm/other'
    assert.deepEqual([linksReadBy(4096), linksReadBy(4096)], [2, 0])
    assert.deepEqual(
      [1, 2, 3, 4, 5].map(() => linksReadBy(4096)),
      [0, 0, 0, 0, 2],
    )
    assert.equal(lists, hasCounts ? 4 : 11)
  })
}

test('a file that was opened as another one was closed is seen by whoever looks closely', () => {
  const files = holders()
  files.hasCounts = true
  const descriptors = new Descriptors(files, 11)
  descriptors.find(0, { lazy: true })
  files.processes.get(11)!.descriptors = { 4: '/dev/shm/other' }
  const namesBy = (lazy: boolean) => descriptors.find(0, { lazy })!.segments.map(({ name }) => name)
  assert.deepEqual(namesBy(true), [])
  assert.deepEqual(namesBy(false), ['/dev/shm/other'])
  assert.deepEqual(namesBy(true), ['/dev/shm/other'])
})

test('a segment that shrinks and one that takes its place show at once', () => {
  const files = holders()
  const descriptors = new Descriptors(files, 11)
  descriptors.find(0)
  files.files.set('/memfd:onecopy (deleted)', { id: '1:8', bytes: 12 })
  assert.deepEqual(descriptors.find(0)!.segments, [{ id: '1:8', name: 'onecopy', bytes: 12 }])
})

const heap = { epochMs: 5, heapUsed: 1, heapTotal: 2, external: 3, arrayBuffers: 4 }

test('pages of heaps are read, and are no shared memory', () => {
  const files = new FakeProc({
    pid: 10,
    descriptors: {
      3: '/dev/shm/#1 (deleted)',
      4: '/dev/shm/#2 (deleted)',
      5: '/dev/shm/#3 (deleted)',
      6: '/dev/shm/#4 (deleted)',
    },
  })
  const main = { ...heap, thread: 0, name: 'main' }
  const worker = { ...heap, thread: 2, name: 'wörker' }
  files.heads.set('/dev/shm/#1 (deleted)', encodeHeapPage(10, 7, worker))
  files.heads.set('/dev/shm/#2 (deleted)', encodeHeapPage(10, 7, main))
  files.heads.set('/dev/shm/#3 (deleted)', encodeHeapPage(11, 7, { ...main, thread: 5 }))
  files.heads.set('/dev/shm/#4 (deleted)', new Uint8Array(300))
  files.files.set('/dev/shm/#4 (deleted)', { id: '1:4', bytes: 300 })
  const { isolates, segments } = new Descriptors(files, 10).find(0)!
  assert.deepEqual(isolates, [main, worker], 'not the page of another process')
  assert.deepEqual(segments, [{ id: '1:4', name: '/dev/shm/#4', bytes: 300 }])
})

test('of two pages of one thread the newer one counts', () => {
  const files = new FakeProc({
    pid: 10,
    descriptors: { 3: '/tmp/#1 (deleted)', 4: '/tmp/.onecopy-0123456789abcdef (deleted)' },
  })
  const old = { ...heap, thread: 0, name: 'old' }
  const recent = { ...heap, thread: 0, name: 'new', epochMs: 6 }
  files.heads.set('/tmp/#1 (deleted)', encodeHeapPage(10, 1, recent))
  files.heads.set('/tmp/.onecopy-0123456789abcdef (deleted)', encodeHeapPage(10, 1, old))
  assert.deepEqual(new Descriptors(files, 10).find(0)!.isolates, [recent])
})

test('a page that is half written, short or of no numbers is n/a', () => {
  const files = new FakeProc({ pid: 10, descriptors: { 3: '/dev/shm/#1 (deleted)' } })
  const page = encodeHeapPage(10, 1, { ...heap, thread: 0, name: 'x' })
  const find = (bytes: Uint8Array) => {
    files.heads.set('/dev/shm/#1 (deleted)', bytes)
    return new Descriptors(files, 10).find(0)!.isolates
  }
  assert.equal(find(page).length, 1)
  const torn = page.slice()
  torn.set(encodeHeapPage(10, 2, { ...heap, thread: 0, name: 'x' }).subarray(0, 40))
  const wild = page.slice()
  new DataView(wild.buffer).setFloat64(40, NaN, true)
  assert.deepEqual([find(torn), find(wild), find(page.subarray(0, 100))], [[], [], []])
})
