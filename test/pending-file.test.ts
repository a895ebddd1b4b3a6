/** Files that appear whole or not at all, with their old permissions, and stay. */

import assert from 'node:assert/strict'
import fs, {
  chmodSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { NamelessFile } from '../src/arrays/internal.ts'
import { MemoryReport } from '../src/monitor/index.ts'
import { PendingFile, writeWhole } from '../src/pending-file.ts'
import { refusal } from './arrays/refusal.ts'
import { temporaryFolder } from './arrays/temporary-folder.ts'
import { sharedRun } from './monitor/runs.ts'
import { watchSyncs } from './watch-syncs.ts'

const isLinux = process.platform === 'linux'

for (const [kind, File] of Object.entries({ PendingFile, NamelessFile })) {
  const write = async (path: string, content: (file: PendingFile) => Promise<void>) =>
    writeWhole(new File(path), content)

  test(`${kind}: a failing writer leaves neither a temporary file nor the target`, async (t) => {
    const folder = temporaryFolder(t)
    const failing = write(join(folder, 'a'), async (file) => {
      await file.write(Buffer.from('half'))
      await sleep(1)
      throw new Error('no more')
    })
    await assert.rejects(failing, /no more/)
    assert.deepEqual(readdirSync(folder), [])
    // A falsy rejection is still one.
    // oxlint-disable-next-line typescript/only-throw-error
    const falsy = write(join(folder, 'a'), () => Promise.reject(undefined))
    await assert.rejects(falsy)
    assert.deepEqual(readdirSync(folder), [])
  })

  test(`${kind}: a target that is a folder is refused and nothing is left`, async (t) => {
    const folder = temporaryFolder(t)
    const nothing = (): Promise<void> => Promise.resolve()
    await assert.rejects(write(folder, nothing), refusal('ERR_FILE', folder))
    await assert.rejects(
      write(join(folder, 'no/file'), nothing),
      refusal('ERR_FILE', 'Could not write'),
    )
    assert.deepEqual(readdirSync(folder), [])
  })

  test(`${kind}: a file that is replaced keeps its permissions, behind a link too`, async (t) => {
    const folder = temporaryFolder(t)
    const [path, link] = [join(folder, 'a'), join(folder, 'link')]
    writeFileSync(path, 'old')
    chmodSync(path, 0o640)
    symlinkSync(path, link)
    await write(link, (file) => file.write(Buffer.from('new')))
    assert.equal(readFileSync(path, 'utf8'), 'new')
    assert.equal(statSync(path).mode & 0o7777, 0o640)
    assert.deepEqual(readdirSync(folder), ['a', 'link'])
  })

  test(`${kind}: the content goes to the disk, then the name`, { skip: !isLinux }, async (t) => {
    const folder = temporaryFolder(t)
    const path = join(folder, 'a')
    const synced = watchSyncs(t)
    await write(path, (file) => file.write(Buffer.from('new')))
    assert.deepEqual(synced, { inodes: [statSync(path).ino], folders: [folder] })
  })
}

test('a report is written so, too', { skip: !isLinux }, async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'run.json')
  writeFileSync(path, 'old')
  chmodSync(path, 0o640)
  const synced = watchSyncs(t)
  await new MemoryReport(sharedRun()).save(path)
  assert.deepEqual(synced, { inodes: [statSync(path).ino], folders: [folder] })
  assert.equal(statSync(path).mode & 0o7777, 0o640)
})

test('a folder that may be written to but not read takes a file', { skip: !isLinux }, (t) => {
  const folder = temporaryFolder(t)
  const { openSync } = fs
  t.mock.method(fs, 'openSync', (...words: Parameters<typeof openSync>) => {
    if (words[0] !== folder) return openSync(...words)
    throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' })
  })
  syncBuiltinESMExports()
  t.after(() => {
    t.mock.reset()
    syncBuiltinESMExports()
  })
  return writeWhole(new PendingFile(join(folder, 'a')), (file) => file.write(Buffer.from('new')))
})
