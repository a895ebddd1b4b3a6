/** The border of mapped memory: wrong calls are refused, and handles never dangle. */

import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { isOneCopyError } from '../../src/errors.ts'
import { native } from '../../src/native/index.ts'

/** Options of `mapFile` for a file in copy-on-write mode. */
const privately = { private: true, scratch: false, fresh: false }

/** A descriptor of a file with this text, closed when the test ends. */
function openFile(t: TestContext, text: string, mode = 'r'): number {
  const folder = mkdtempSync(join(tmpdir(), 'onecopy-native-'))
  const path = join(folder, 'file')
  writeFileSync(path, text)
  const fd = openSync(path, mode)
  t.after(() => {
    closeSync(fd)
    rmSync(folder, { recursive: true })
  })
  return fd
}

function assertRefused(call: () => unknown, code: string, words: RegExp): void {
  assert.throws(call, (error: unknown) => {
    assert.ok(isOneCopyError(error), String(error))
    assert.equal(error.code, code)
    assert.match(error.message, words)
    return true
  })
}

test('arguments of the wrong type are TypeErrors that name them', () => {
  const call = native as unknown as Record<string, (...values: unknown[]) => unknown>
  const calls: [name: string, values: unknown[], words: RegExp][] = [
    ['mapFile', [], /Expected `fd` to be a number/],
    ['mapFile', [1], /Expected `options` to be an object/],
    ['mapFile', [1, {}], /Expected `options\.private` to be a boolean/],
    ['createScratch', ['8', true], /Expected `byteLength` to be a number/],
    ['createScratch', [8, 1], /Expected `zero` to be a boolean/],
    ['adoptMapping', [{}], /Expected `id` to be a number/],
    ['linkFile', [1, null], /Expected `path` to be a string/],
  ]
  for (const [name, values, words] of calls)
    assert.throws(
      () => call[name]!(...values),
      (error) => error instanceof TypeError && words.test(error.message),
      name,
    )
})

test('numbers out of range are refused', () => {
  assertRefused(() => native.createScratch(0, true), 'ERR_INDEX', /from 1 to/)
  assertRefused(() => native.createScratch(1.5, true), 'ERR_INDEX', /whole number/)
  assertRefused(() => native.createScratch(NaN, true), 'ERR_INDEX', /whole number/)
  assertRefused(() => native.mapFile(-1, privately), 'ERR_INDEX', /`fd`/)
  assertRefused(() => native.mapFile(2 ** 31, privately), 'ERR_INDEX', /`fd`/)
})

test('what is no regular file can not be mapped', (t) => {
  assertRefused(() => native.mapFile(99_999, privately), 'ERR_FILE', /Bad file descriptor/)
  assertRefused(() => native.mapFile(openFile(t, ''), privately), 'ERR_FILE', /empty file/)
  const folder = openSync('/', 'r')
  t.after(() => closeSync(folder))
  assertRefused(() => native.mapFile(folder, privately), 'ERR_FILE', /Only a regular file/)
  const readable = openFile(t, 'text')
  const shared = { ...privately, private: false }
  assertRefused(() => native.mapFile(readable, shared), 'ERR_MEMORY', /Permission denied/)
})

test('a number that no mapping has is no mapping', () => {
  assert.equal(native.adoptMapping(2 ** 50), undefined)
  assertRefused(() => native.discardPages(2 ** 50), 'ERR_MEMORY', /is gone/)
  assertRefused(() => native.hasPrivatePages(2 ** 50, 0, 0), 'ERR_MEMORY', /is gone/)
})

test('one mapping has one number, one identity and one buffer', (t) => {
  const fd = openFile(t, 'some text')
  const [a, b] = [native.mapFile(fd, privately), native.mapFile(fd, privately)]
  assert.deepEqual([b.id, b.identity, b.buffer], [a.id, a.identity, a.buffer])
  assert.equal(a.buffer, b.buffer)
  assert.equal(native.adoptMapping(a.id)?.buffer, a.buffer)
  assert.equal(a.buffer.byteLength, 9)
  assert.equal(Buffer.from(a.buffer as ArrayBuffer).toString(), 'some text')
})

test("a fresh map is nobody else's and has no private writes", (t) => {
  const fd = openFile(t, 'some text')
  const first = native.mapFile(fd, privately)
  new Uint8Array(first.buffer)[0] = 0
  const fresh = native.mapFile(fd, { ...privately, fresh: true })
  assert.notEqual(fresh.id, first.id)
  assert.equal(Buffer.from(fresh.buffer as ArrayBuffer).toString(), 'some text')
  assert.equal(native.mapFile(fd, privately).id, first.id)
  assert.equal(native.adoptMapping(fresh.id)?.buffer, fresh.buffer, 'but has a number')
})

test('private pages are found where they were written, and only there', (t) => {
  const page = 4096 * 16 // a page on any machine
  const fd = openFile(t, 'x'.repeat(8 * page))
  const { id, buffer } = native.mapFile(fd, privately)
  const bytes = new Uint8Array(buffer)
  let total = 0
  for (const byte of bytes) total += byte
  assert.equal(total, 8 * page * 120)
  assert.equal(native.hasPrivatePages(id, 0, 8 * page), false, 'reading is no writing')
  bytes[3 * page + 5] = 120
  const dirty = Array.from({ length: 8 }, (_, i) =>
    native.hasPrivatePages(id, i * page, (i + 1) * page),
  )
  assert.deepEqual(dirty, [false, false, false, true, false, false, false, false])
  assert.equal(native.hasPrivatePages(id, 3 * page + 5, 3 * page + 5), false, 'an empty range')
  assertRefused(() => native.hasPrivatePages(id, 0, 8 * page + 1), 'ERR_INDEX', /`stop`/)
  assert.equal(readFileSync(`/proc/self/fd/${fd}`, 'latin1'), 'x'.repeat(8 * page))
})

test('a write is found though the page was just found clean', (t) => {
  const page = 4096 * 16
  const count = 200
  const { id, buffer } = native.mapFile(openFile(t, 'x'.repeat(count * page)), privately)
  const bytes = new Uint8Array(buffer)
  for (let i = 0; i < count; i++) {
    const [start, stop] = [i * page, count * page]
    assert.equal(bytes[start], 120)
    assert.equal(native.hasPrivatePages(id, start, stop), false)
    assert.equal(native.hasPrivatePages(id, start, start + 1), false)
    bytes[start] = 0
    assert.equal(native.hasPrivatePages(id, start, stop), true)
    assert.equal(native.hasPrivatePages(id, start + 1, start + 2), true, 'the same page')
    assert.equal(native.hasPrivatePages(id, start + page, stop), false)
  }
})

test('linkFile gives the error number of the system', (t) => {
  const fd = openFile(t, 'text')
  assert.equal(native.linkFile(fd, '/proc/no/such/folder'), 2)
})
