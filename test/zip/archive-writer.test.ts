/** The writer of zip archives: alignment, zip64, and readers of others. */

import assert from 'node:assert/strict'
import { closeSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { PendingFile, writeWhole } from '../../src/pending-file.ts'
import { type ArchiveWriter, type NewMember, writeArchive } from '../../src/zip/archive-writer.ts'
import {
  fileSource,
  memorySource,
  type PackedMember,
  readForeignDirectory,
} from '../../src/zip/internal.ts'
import { temporaryFolder } from '../arrays/temporary-folder.ts'
import { runPython, withoutPython } from '../numpy.ts'

async function write(
  t: TestContext,
  members: Iterable<NewMember>,
): Promise<{ path: string; read: readonly PackedMember[] }> {
  const path = join(temporaryFolder(t), 'x.zip')
  await writeWhole(new PendingFile(path), (file) =>
    writeArchive(file, async (archive) => {
      for (const member of members) await archive.add(member)
    }),
  )
  const fd = openSync(path, 'r')
  const read = readForeignDirectory(fileSource(fd, statSync(path).size, path))
  closeSync(fd)
  return { path, read }
}

const member = (name: string, bytes: number, alignment = 64): NewMember => ({
  name,
  size: bytes,
  alignment,
  pieces: [Buffer.alloc(bytes - (bytes >> 1), 1), Buffer.alloc(bytes >> 1, 2)],
})

test('members begin at multiples of their alignment, whatever the lengths of names', async (t) => {
  const list = Array.from({ length: 140 }, (_, i) => member('n'.repeat(i + 1), (i * 37) % 200))
  const { path, read } = await write(t, [...list, member('large', 300_001), member('last', 5, 1)])
  const bytes = readFileSync(path)
  for (const { name, dataOffset: start, size } of read) {
    if (name !== 'last') assert.equal(start % 64, 0, name)
    const expected = Buffer.concat([...member('', size).pieces])
    assert.deepEqual(bytes.subarray(start, start + size), expected)
  }
  if (withoutPython !== false) return t.diagnostic(withoutPython)
  const code = 'import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).testzip())'
  assert.equal(runPython(code, path).trim(), 'None')
})

test('more members than 65,535 are read by us and by Python', async (t) => {
  const count = 0x10000
  const many = Array.from({ length: count }, (_, i) => member(`${i}`, 0, 1))
  const { path, read } = await write(t, many)
  assert.equal(read.length, count)
  assert.equal(read.at(-1)!.name, '65535')
  if (withoutPython !== false) return t.diagnostic(withoutPython)
  const code = 'import sys, zipfile; print(len(zipfile.ZipFile(sys.argv[1]).namelist()))'
  assert.equal(runPython(code, path).trim(), `${count}`)
})

/** A file whose bytes reach it late, and memory that changes just before they do. */
class SlowFile extends PendingFile {
  writing = 0
  closedWhileWriting = false
  beforeWrite = (): void => {}

  override async write(bytes: ArrayBufferView): Promise<void> {
    this.writing++
    try {
      await setImmediate()
      this.beforeWrite()
      await super.write(bytes)
    } finally {
      this.writing--
    }
  }

  override close(): void {
    this.closedWhileWriting = this.writing > 0
    super.close()
  }
}

test('the CRC is that of the bytes in the file, also of memory that changes meanwhile', async (t) => {
  const path = join(temporaryFolder(t), 'x.zip')
  const memory = Buffer.alloc(5_000_000, 1)
  const file = new SlowFile(path)
  file.beforeWrite = () => memory.fill(memory[0]! + 1)
  await writeWhole(file, (own) =>
    writeArchive(own, (archive) =>
      archive.add({ name: 'a', size: memory.length, alignment: 64, pieces: [memory] }),
    ),
  )
  const bytes = readFileSync(path)
  const [member] = readForeignDirectory(memorySource(bytes, path))
  const { dataOffset, size, crc } = member!
  assert.equal(crc32(bytes.subarray(dataOffset, dataOffset + size)), crc)
})

test('a file is closed when nothing is being written to it, also after an error', async (t) => {
  const folder = temporaryFolder(t)
  const file = new SlowFile(join(folder, 'x.zip'))
  const controller = new AbortController()
  function* pieces(): Generator<Uint8Array> {
    // A whole piece of the file is on its way then.
    yield Buffer.alloc(3_000_000)
    controller.abort()
    yield Buffer.alloc(10)
  }
  const add = (archive: ArchiveWriter): Promise<void> =>
    archive.add({ name: 'a', size: 3_000_010, alignment: 1, pieces: pieces() })
  await assert.rejects(
    writeWhole(file, (own) => writeArchive(own, add, controller.signal)),
    { name: 'AbortError' },
  )
  assert.equal(file.closedWhileWriting, false)
  assert.deepEqual(readdirSync(folder), [])
})
