/** The writer of zip archives: alignment, zip64, and readers of others. */

import assert from 'node:assert/strict'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { PendingFile, writeWhole } from '../../../src/pending-file.ts'
import { readDirectory, type ZipMember } from '../../../src/models/zip/zip-directory.ts'
import { type NewMember, ZipWriter } from '../../../src/models/zip/zip-writer.ts'
import { temporaryFolder } from '../../arrays/temporary-folder.ts'
import { runPython, withoutPython } from '../../numpy.ts'

async function write(
  t: TestContext,
  members: Iterable<NewMember>,
): Promise<{ path: string; read: readonly ZipMember[] }> {
  const path = join(temporaryFolder(t), 'x.zip')
  await writeWhole(new PendingFile(path), async (file) => {
    const writer = new ZipWriter(file)
    for (const member of members) await writer.add(member)
    await writer.finish()
  })
  const fd = openSync(path, 'r')
  const read = readDirectory(fd, path)
  closeSync(fd)
  return { path, read }
}

const member = (name: string, bytes: number, alignment = 64): NewMember => ({
  name,
  bytes,
  alignment,
  pieces: [Buffer.alloc(bytes - (bytes >> 1), 1), Buffer.alloc(bytes >> 1, 2)],
})

test('members begin at multiples of their alignment, whatever the lengths of names', async (t) => {
  const list = Array.from({ length: 140 }, (_, i) => member('n'.repeat(i + 1), (i * 37) % 200))
  const { path, read } = await write(t, [...list, member('large', 300_001), member('last', 5, 1)])
  const bytes = readFileSync(path)
  for (const { name, start, bytes: size } of read) {
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
