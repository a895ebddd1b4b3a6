/** What stands in an output folder, at every moment. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { OutFolder } from '../../../src/cli/fit/out-folder.ts'
import { watchSyncs } from '../../watch-syncs.ts'

const isLinux = process.platform === 'linux'

let place: string
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'onecopy-test-'))
})
afterEach(() => rmSync(place, { recursive: true }))

const outFolder = (name = 'out') => new OutFolder(join(place, name), 'onecopy test', ['values.txt'])
const values = (text: string) => ({ 'values.txt': (path: string) => writeFile(path, text) })
const read = (name: string) => readFileSync(join(place, name), 'utf8')

test('a new folder appears with all its files', async () => {
  const out = outFolder()
  assert.deepEqual(readdirSync(place), [])
  await out.write({ answer: 42 }, values('one'))
  assert.deepEqual(readdirSync(place), ['out'])
  assert.deepEqual(readdirSync(join(place, 'out')), ['report.json', 'values.txt'])
  assert.deepEqual(JSON.parse(read('out/report.json')), {
    program: 'onecopy test',
    finished: true,
    answer: 42,
    replaced: false,
  })
})

test('files of an earlier run are replaced, and those of others stay', async () => {
  await outFolder().write({}, values('one'))
  writeFileSync(join(place, 'out/notes.md'), 'mine')
  await outFolder().write({}, values('two'))
  assert.deepEqual(readdirSync(join(place, 'out')), ['notes.md', 'report.json', 'values.txt'])
  assert.deepEqual([read('out/values.txt'), read('out/notes.md')], ['two', 'mine'])
})

test('of two runs at once, the later one says that it has replaced the other', async () => {
  const [first, second] = [outFolder(), outFolder()]
  assert.equal(await first.write({}, values('one')), false)
  assert.equal(await second.write({}, values('two')), true)
  assert.equal((JSON.parse(read('out/report.json')) as { replaced: boolean }).replaced, true)
})

test('a link to a folder stays, and so does one to nothing yet', async () => {
  mkdirSync(join(place, 'real'))
  symlinkSync('real', join(place, 'link'))
  symlinkSync(join(place, 'later'), join(place, 'dangling'))
  for (const [link, folder] of [
    ['link', 'real'],
    ['dangling', 'later'],
    ['dangling', 'later'],
  ] as const) {
    await outFolder(link).write({}, values('one'))
    assert.ok(lstatSync(join(place, link)).isSymbolicLink())
    assert.deepEqual(readdirSync(join(place, folder)), ['report.json', 'values.txt'])
  }
})

test('what is no folder is refused and stays, also behind a link', async (t) => {
  const socket = createServer().listen(join(place, 'socket'))
  t.after(() => socket.close())
  await once(socket, 'listening')
  execFileSync('mkfifo', [join(place, 'fifo')])
  writeFileSync(join(place, 'file'), '')
  symlinkSync('/dev/null', join(place, 'device'))
  symlinkSync('loop', join(place, 'loop'))
  for (const [name, kind] of [
    ['socket', 'a socket'],
    ['fifo', 'a FIFO'],
    ['file', 'a file'],
    ['device', 'a device'],
  ] as const) {
    symlinkSync(name, join(place, `${name}-link`))
    for (const given of [name, `${name}-link`]) {
      const path = join(place, given)
      const before = lstatSync(path)
      assert.throws(() => outFolder(given), {
        name: 'Error',
        message: `Expected --out to be a folder, but '${path}' is ${kind}.`,
      })
      assert.equal(lstatSync(path).ino, before.ino)
    }
  }
  assert.throws(() => outFolder('loop'), {
    message: `Can't use '${join(place, 'loop')}' as --out: too many symbolic links encountered.`,
  })
  assert.throws(() => new OutFolder('', 'onecopy test', []), {
    message: 'Expected --out to be the path of a folder, got an empty text.',
  })
})

test('a name in the folder that is no file is refused, and stays', async () => {
  await outFolder().write({}, values('one'))
  rmSync(join(place, 'out/values.txt'))
  symlinkSync('/dev/null', join(place, 'out/values.txt'))
  assert.throws(() => outFolder(), {
    message:
      `Expected '${join(place, 'out/values.txt')}' to be a file or nothing, but it is a symbolic link. ` +
      'Choose another folder with --out.',
  })
})

test('files that are replaced keep their permissions', async () => {
  await outFolder().write({}, values('one'))
  for (const name of ['report.json', 'values.txt']) chmodSync(join(place, 'out', name), 0o640)
  await outFolder().write({}, values('two'))
  for (const name of ['report.json', 'values.txt']) {
    assert.equal(statSync(join(place, 'out', name)).mode & 0o7777, 0o640, name)
  }
})

test('a new folder goes to the disk, its files and its name', { skip: !isLinux }, async (t) => {
  const synced = watchSyncs(t)
  await outFolder().write({}, values('one'))
  assert.equal(synced.folders.length, 2)
  assert.match(synced.folders[0]!, /\/\.out-[\da-f]{8}$/)
  assert.equal(synced.folders[1], place)
})

test('a file that somebody else wrote is not replaced', () => {
  mkdirSync(join(place, 'out'))
  writeFileSync(join(place, 'out/report.json'), '{"mine": true}')
  assert.throws(() => outFolder(), {
    message:
      `The folder '${join(place, 'out')}' has a file 'report.json' that onecopy test did not ` +
      'write. Choose another folder with --out.',
  })
})

test('a path that is a file, and a folder that is not there, are refused before the work', () => {
  writeFileSync(join(place, 'out'), '')
  assert.throws(() => outFolder(), {
    message: `Expected --out to be a folder, but '${join(place, 'out')}' is a file.`,
  })
  assert.throws(() => outFolder('missing/out'), {
    message: `Can't write to the folder '${join(place, 'missing')}': no such file or directory.`,
  })
})

test('when writing fails, what was there stays and nothing else does', async () => {
  await outFolder().write({}, values('one'))
  const fails = { 'values.txt': () => Promise.reject(new Error('disk full')) }
  await assert.rejects(outFolder().write({}, fails), /disk full/)
  await assert.rejects(outFolder('new').write({}, fails), /disk full/)
  assert.deepEqual(readdirSync(place), ['out'])
  assert.deepEqual(readdirSync(join(place, 'out')), ['report.json', 'values.txt'])
  assert.equal(read('out/values.txt'), 'one')
})

test('a folder looks finished only when all of it is there', async () => {
  await outFolder().write({}, values('one'))
  const out = outFolder()
  const writing = out.write({}, values('two'))
  // Every turn of the event loop is a moment at which the process could be killed.
  const state = { done: false }
  void writing.finally(() => (state.done = true))
  while (!state.done) {
    const report = JSON.parse(read('out/report.json')) as { finished: boolean }
    if (report.finished) assert.ok(existsSync(join(place, 'out/values.txt')))
    await new Promise(setImmediate)
  }
  await writing
})

test('a run that was killed while it replaced files can be repeated', async () => {
  mkdirSync(join(place, 'out'))
  writeFileSync(join(place, 'out/report.json'), '{"program": "onecopy test", "finished": false}')
  writeFileSync(join(place, 'out/values.txt'), 'one')
  await outFolder().write({}, values('two'))
  assert.equal(read('out/values.txt'), 'two')
})
