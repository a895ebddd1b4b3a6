/** Which shared memory a process holds open. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { distinct, SegmentFinder } from '../../src/monitor/segments.ts'
import { FakeProc } from './fake-proc.ts'

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
  assert.deepEqual(new SegmentFinder(holders(), 10).find(0), [
    { id: '1:7', name: 'onecopy', bytes: 4096 },
    { id: '25:3', name: '/dev/shm/other', bytes: 8192 },
  ])
})

test('a segment that two processes hold is one segment', () => {
  const files = holders()
  const all = [...new SegmentFinder(files, 10).find(0)!, ...new SegmentFinder(files, 11).find(0)!]
  assert.deepEqual(
    distinct(all).map((segment) => segment.id),
    ['1:7', '25:3'],
  )
})

test("descriptors that can't be read are n/a, not none", () => {
  assert.equal(new SegmentFinder(holders(), 12).find(0), undefined)
})

test('links are read again when descriptors or touched memory changed, and now and then', () => {
  const files = holders()
  const finder = new SegmentFinder(files, 11)
  let links = 0
  const link = files.link.bind(files)
  files.link = (path) => {
    links++
    return link(path)
  }
  const linksReadBy = (touched: number): number => {
    links = 0
    const found = finder.find(touched)
    assert.ok(found)
    return links - found.length // the fake reads a link for the blocks behind it, too
  }
  assert.deepEqual([linksReadBy(0), linksReadBy(0)], [1, 0])
  assert.deepEqual([linksReadBy(4096), linksReadBy(4096)], [1, 0])
  files.processes.get(11)!.descriptors![4] = '/dev/shm/other'
  assert.deepEqual([linksReadBy(4096), linksReadBy(4096)], [2, 0])
  assert.deepEqual(
    [1, 2, 3, 4, 5].map(() => linksReadBy(4096)),
    [0, 0, 0, 0, 2],
  )
})

test('a segment that shrinks and one that takes its place show at once', () => {
  const files = holders()
  const finder = new SegmentFinder(files, 11)
  finder.find(0)
  files.files.set('/memfd:onecopy (deleted)', { id: '1:8', bytes: 12 })
  assert.deepEqual(finder.find(0), [{ id: '1:8', name: 'onecopy', bytes: 12 }])
})
