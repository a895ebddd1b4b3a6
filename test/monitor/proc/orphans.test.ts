/** Descendants whose parents went before anybody saw them. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrphanFinder } from '../../../src/monitor/proc/orphans.ts'
import { FakeProc } from '../fake-proc.ts'

function machine(): FakeProc {
  const files = new FakeProc({ pid: 10 }, { pid: 11 }, { pid: 12 }, { pid: 13 })
  files.texts.set('/proc/10/environ', 'PATH=/bin\0ONECOPY_RUN=a\0')
  files.texts.set('/proc/11/environ', 'ONECOPY_RUN=a\0PATH=/bin\0')
  files.texts.set('/proc/12/environ', 'ONECOPY_RUN=ab\0')
  return files
}

test('who has the mark of the root in his environment is found, once', () => {
  const files = machine()
  let nowMs = 0
  const finder = OrphanFinder.of(files, 10, () => nowMs)!
  const members = new Map([[10, {}]])
  assert.deepEqual(finder.find(members), [11])
  nowMs = 500
  files.add({ pid: 14 })
  files.texts.set('/proc/14/environ', 'ONECOPY_RUN=a\0')
  assert.deepEqual(finder.find(members), [], 'not so soon')
  nowMs = 1500
  const reads: string[] = []
  files.onRead = (path) => reads.push(path)
  assert.deepEqual(finder.find(members), [14])
  assert.deepEqual(reads, ['/proc', '/proc/14/environ'], 'others were looked at before')
})

test('a root without a mark, or one that hides it, has no orphans', () => {
  const files = machine()
  assert.equal(OrphanFinder.of(files, 13), undefined)
  files.texts.set('/proc/13/environ', 'ONECOPY_RUN=\0')
  assert.equal(OrphanFinder.of(files, 13), undefined)
})
