/** Where a CSV may come from: files, FIFOs and /proc, and what is refused. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { open, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { readCsv } from '../../../../src/tables/index.ts'
import { valuesOf, withFolder } from '../../csv-file.ts'

const linux = { skip: process.platform === 'linux' ? false : 'needs /proc' }

/** Gives `use` the path of a new FIFO. */
function withFifo(use: (path: string, folder: string) => Promise<void>): Promise<void> {
  return withFolder((folder) => {
    execFileSync('mkfifo', [`${folder}/data.csv`])
    return use(`${folder}/data.csv`, folder)
  })
}

test('a FIFO is read to its end, also when a column becomes text late', async () => {
  await withFifo(async (path, folder) => {
    const rows = Array.from({ length: 30_000 }, (_, i) => `${i},00${i}\n`).join('')
    const [table] = await Promise.all([readCsv(path), writeFile(path, `a,b\n${rows}1,x\n`)])
    assert.equal(table.rows, 30_001)
    assert.deepEqual(table.row(29_999), { a: 29_999, b: '0029999' })
    symlinkSync(path, `${folder}/link.csv`)
    const [linked] = await Promise.all([
      readCsv(`${folder}/link.csv`, { out: `${folder}/table` }),
      writeFile(path, 'a\n1\n'),
    ])
    assert.deepEqual(valuesOf(linked), { a: [1] })
    assert.deepEqual(readdirSync(folder).toSorted(), ['data.csv', 'link.csv', 'table'])
  })
})

test('a FIFO that nobody writes to holds nothing up, and obeys the signal', async () => {
  await withFifo(async (path) => {
    const stop = new AbortController()
    const reason = new Error('enough')
    const reading = readCsv(path, { signal: stop.signal })
    // Timers come, so the event loop turns.
    for (let turn = 0; turn < 3; turn++) await sleep(5)
    stop.abort(reason)
    await assert.rejects(reading, reason)
  })
})

test('a FIFO whose writer stops halfway obeys the signal', async () => {
  await withFifo(async (path) => {
    const stop = new AbortController()
    const reading = readCsv(path, { signal: stop.signal })
    const writer = await open(path, 'w')
    await writer.write('a,b\n1,')
    stop.abort()
    await assert.rejects(reading, { name: 'AbortError' })
    await writer.close()
  })
})

test('what is wrong with a FIFO has its line', async () => {
  await withFifo(async (path) => {
    const reading = assert.rejects(readCsv(path), {
      code: 'ERR_FORMAT',
      message: new RegExp(`^${path}: expected 2 fields like the first row has, got 1 at line 3\\.`),
    })
    await Promise.all([reading, writeFile(path, 'a,b\n1,2\n3\n')])
    const empty = assert.rejects(readCsv(path), /expected a header .* the file is empty\.$/)
    await Promise.all([empty, writeFile(path, '')])
  })
})

test('a file of /proc is read, though its size is 0', linux, async () => {
  const table = await readCsv('/proc/meminfo', { delimiter: ':', header: false })
  const names = readFileSync('/proc/meminfo', 'utf8').trim().split('\n')
  assert.equal(table.rows, names.length)
  assert.equal(table.row(0)['column1'], 'MemTotal')
  await assert.rejects(readCsv('/proc/meminfo', { signal: AbortSignal.abort() }), {
    name: 'AbortError',
  })
})

test('no descriptor stays open', linux, async () => {
  await withFifo(async (path) => {
    const openNow = (): number => readdirSync('/proc/self/fd').length
    const once = async (): Promise<void> => {
      const table = await readCsv('/proc/meminfo', { delimiter: ':' })
      table[Symbol.dispose]()
      await assert.rejects(Promise.all([readCsv(path), writeFile(path, '')]))
      const stop = new AbortController()
      const reading = readCsv(path, { signal: stop.signal })
      stop.abort()
      await assert.rejects(reading)
    }
    await once()
    const before = openNow()
    for (let i = 0; i < 5; i++) await once()
    // A socket closes its descriptor a moment after its end.
    while (openNow() > before) await sleep(5)
  })
})

test('devices, sockets and folders are refused', async () => {
  await withFolder(async (folder) => {
    await assert.rejects(readCsv('/dev/null'), {
      code: 'ERR_FILE',
      message: '/dev/null: expected a regular file or a FIFO, got a device.',
    })
    await assert.rejects(readCsv(folder), {
      code: 'ERR_FILE',
      message: `${folder}: expected a regular file or a FIFO, got a folder.`,
    })
    const server = createServer().listen(`${folder}/socket`)
    await assert.rejects(readCsv(`${folder}/socket`), {
      code: 'ERR_FILE',
      message: new RegExp(`^${folder}/socket: can't be opened: ENXIO`),
    })
    server.close()
  })
})

test('a file is found by its URL, and by a name with a line end or colon in it', async () => {
  await withFolder(async (folder) => {
    for (const name of ['a b#%.csv', 'a\nb.csv', 'a:b.csv']) {
      await writeFile(`${folder}/${name}`, 'a\n1\n')
      assert.equal((await readCsv(pathToFileURL(`${folder}/${name}`))).rows, 1)
      assert.equal((await readCsv(`${folder}/${name}`)).rows, 1)
    }
  })
})
