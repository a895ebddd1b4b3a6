/** Files that appear whole or not at all, with their old permissions, and stay. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import fs, {
  chmodSync,
  chownSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { createServer } from 'node:net'
import { join, relative } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { array, saveArray } from '../src/arrays/index.ts'
import { PendingArrayFile } from '../src/arrays/internal.ts'
import { MemoryReport } from '../src/monitor/index.ts'
import { PendingFile, writeWhole } from '../src/pending-file.ts'
import { refusal } from './arrays/refusal.ts'
import { temporaryFolder } from './arrays/temporary-folder.ts'
import { sharedRun } from './monitor/runs.ts'
import { watchSyncs } from './watch-syncs.ts'

const isLinux = process.platform === 'linux'

for (const [kind, File] of Object.entries({ PendingFile, PendingArrayFile })) {
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

/** Everything at a path that is no regular file, each with the kind that the error names. */
async function specialFiles(
  t: TestContext,
  folder: string,
): Promise<[path: string, kind: string][]> {
  const [fifo, socket] = [join(folder, 'fifo'), join(folder, 'socket')]
  execFileSync('mkfifo', [fifo])
  const server = createServer().listen(socket)
  await once(server, 'listening')
  t.after(() => server.close())
  const plain: [string, string][] = [
    [fifo, 'a FIFO'],
    [socket, 'a socket'],
    ['/dev/null', 'a device'],
    [mkdirSync(join(folder, 'folder'), { recursive: true })!, 'a folder'],
  ]
  return plain.flatMap(([path, kind], i) => {
    const [link, chain] = [join(folder, `link-${i}`), join(folder, `chain-${i}`)]
    symlinkSync(path, link)
    symlinkSync(relative(folder, link), chain)
    return [path, link, chain].map((name): [string, string] => [name, kind])
  })
}

const isRoot = process.getuid?.() === 0

for (const [kind, File] of Object.entries({ PendingFile, PendingArrayFile })) {
  test(`${kind}: a device, FIFO, socket or folder stays what it is, behind links too`, async (t) => {
    const folder = temporaryFolder(t)
    const special = await specialFiles(t, folder)
    const before = readdirSync(folder)
    for (const [path, name] of special) {
      assert.throws(() => new File(path), {
        code: 'ERR_FILE',
        message: `Could not write ${path}: it is ${name}, and only a regular file can be replaced.`,
      })
    }
    assert.deepEqual(readdirSync(folder), before)
  })

  test(`${kind}: what comes to the path while the file is written is not lost`, async (t) => {
    const folder = temporaryFolder(t)
    const path = join(folder, 'a')
    const late = (make: () => void): Promise<void> =>
      writeWhole(new File(path), async (file) => {
        await file.write(Buffer.from('new'))
        make()
      })
    await assert.rejects(
      late(() => execFileSync('mkfifo', [path])),
      refusal('ERR_FILE', 'it is a FIFO'),
    )
    assert.ok(lstatSync(path).isFIFO())
    unlinkSync(path)
    await assert.rejects(
      late(() => symlinkSync('elsewhere', path)),
      refusal('ERR_FILE', 'it is a symbolic link by now'),
    )
    assert.deepEqual(readdirSync(folder), ['a'])
  })

  test(`${kind}: a link to a file that is not there yet is followed`, async (t) => {
    const folder = temporaryFolder(t)
    mkdirSync(join(folder, 'deep/er'), { recursive: true })
    symlinkSync('deep/er', join(folder, 'short'))
    symlinkSync('../target', join(folder, 'deep/er/inner'))
    symlinkSync('short/inner', join(folder, 'link'))
    await writeWhole(new File(join(folder, 'link')), (file) => file.write(Buffer.from('new')))
    assert.equal(readFileSync(join(folder, 'deep/target'), 'utf8'), 'new')
    assert.equal(readlinkSync(join(folder, 'link')), 'short/inner')
    assert.deepEqual(readdirSync(join(folder, 'deep/er')), ['inner'])
  })

  test(`${kind}: links that lead nowhere are refused`, { skip: !isLinux }, (t) => {
    const folder = temporaryFolder(t)
    symlinkSync('b', join(folder, 'a'))
    symlinkSync('a', join(folder, 'b'))
    assert.throws(() => new File(join(folder, 'a')), refusal('ERR_FILE', 'ELOOP'))
    const gone = join(folder, 'gone')
    const fd = openSync(gone, 'w')
    t.after(() => closeSync(fd))
    unlinkSync(gone)
    symlinkSync(`/proc/self/fd/${fd}`, join(folder, 'unnamed'))
    assert.throws(
      () => new File(join(folder, 'unnamed')),
      refusal('ERR_FILE', 'it is a link to a file that has no name'),
    )
  })

  test(`${kind}: root leaves a file to its owner`, { skip: !isRoot }, async (t) => {
    const path = join(temporaryFolder(t), 'a')
    writeFileSync(path, 'old')
    chownSync(path, 1234, 2345)
    chmodSync(path, 0o4750)
    await writeWhole(new File(path), (file) => file.write(Buffer.from('new')))
    const { uid, gid, mode } = statSync(path)
    assert.deepEqual([uid, gid, mode & 0o7777], [1234, 2345, 0o4750])
  })
}

test('saveArray and a report refuse a FIFO and leave it', async (t) => {
  const fifo = join(temporaryFolder(t), 'run.json')
  execFileSync('mkfifo', [fifo])
  const isFifo = refusal('ERR_FILE', 'it is a FIFO')
  await assert.rejects(saveArray(fifo, array([1])), isFifo)
  await assert.rejects(new MemoryReport(sharedRun()).save(fifo), isFifo)
  assert.ok(lstatSync(fifo).isFIFO())
})

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

test('under --permission a file is saved whole, or the error says that none can be', (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'a')
  const module = new URL('../src/pending-file.ts', import.meta.url).href
  const program = `const { PendingFile, writeWhole } = await import(${JSON.stringify(module)})
    await writeWhole(new PendingFile(${JSON.stringify(path)}), (file) => file.write(Buffer.from('new')))
      .catch((error) => console.log(error.message))`
  const flags = ['--permission', '--allow-fs-read=*', '--allow-fs-write=*', '--no-warnings']
  const said = execFileSync(process.execPath, [...flags, '--input-type=module', '-e', program])
  if (said.length === 0) return assert.equal(readFileSync(path, 'utf8'), 'new')
  assert.equal(
    String(said),
    `Could not write ${path}: fsync API is disabled when Permission Model is enabled. No file can be saved whole under \`--permission\`.\n`,
  )
  assert.deepEqual(readdirSync(folder), [])
})
