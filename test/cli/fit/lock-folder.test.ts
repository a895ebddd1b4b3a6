/** Processes that write into one folder take turns, and no run's files mix with another's. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { promisify } from 'node:util'
import { whileLocked } from '../../../src/cli/fit/lock-folder.ts'
import { native } from '../../../src/native/index.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'onecopy-test-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Holds the lock as another process would. */
function lock(): { readonly release: () => void } {
  const fd = openSync(folder, 'r')
  assert.equal(native.lockFile(fd), 0)
  return { release: () => closeSync(fd) }
}

test('a folder is locked while the work runs, and free after it', async () => {
  const other = openSync(folder, 'r')
  await whileLocked(folder, () => {
    assert.equal(native.lockFile(other), constants.errno.EWOULDBLOCK)
  })
  assert.equal(native.lockFile(other), 0)
  closeSync(other)
})

test('work that fails frees the folder', async () => {
  const fails = (): void => {
    throw new Error('disk full')
  }
  await assert.rejects(whileLocked(folder, fails), /disk full/)
  lock().release()
})

test('a folder that another process has is waited for', async () => {
  const { release } = lock()
  const order: string[] = []
  const waiting = whileLocked(folder, () => order.push('work'))
  await new Promise((resolve) => setTimeout(resolve, 20))
  order.push('released')
  release()
  await waiting
  assert.deepEqual(order, ['released', 'work'])
})

test('a folder that another process keeps is refused in the end', async () => {
  const { release } = lock()
  const never = (): void => assert.fail('the folder is locked')
  await assert.rejects(whileLocked(folder, never, 100), {
    code: 'ERR_FILE',
    message:
      `Could not write the folder '${folder}': another process has kept it locked for ` +
      '0.1 s. Choose another folder with --out, or end that process.',
  })
  release()
})

test('a folder that can not be opened is written to without a lock', async () => {
  let isDone = false
  await whileLocked(join(folder, 'missing'), () => (isDone = true))
  assert.ok(isDone)
})

test('of many processes that write to one folder, no two mix their files', async () => {
  const out = join(folder, 'out')
  const program = join(import.meta.dirname, '../programs/write-folder.ts')
  const write = (run: string) => promisify(execFile)(process.execPath, [program, out, run])
  const read = (name: string) => readFileSync(join(out, name), 'utf8')
  const reports = new Set<string>()
  /** What a reader finds who comes at any moment. */
  const look = (): void => {
    const report = read('report.json')
    const values = [read('first.txt'), read('second.txt')]
    if (read('report.json') !== report) return
    const { finished, run } = JSON.parse(report) as { finished: boolean; run: string }
    if (!finished) return
    assert.deepEqual(values, [run, run])
    reports.add(run)
  }
  const state = { done: false }
  const writing = Promise.all(['a', 'b', 'c', 'd'].map(write)).finally(() => (state.done = true))
  while (!state.done) {
    if (existsSync(out)) look()
    await new Promise(setImmediate)
  }
  await writing
  look()
  assert.ok(reports.size > 5, `${reports.size} reports were seen`)
  assert.deepEqual(readdirSync(folder), ['out'])
  assert.deepEqual(readdirSync(out), ['first.txt', 'report.json', 'second.txt'])
})
