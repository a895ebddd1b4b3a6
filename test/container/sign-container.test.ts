/** A signature signs every byte of a container but its own. */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { arange } from '../../src/arrays/index.ts'
import { openContainer, saveContainer } from '../../src/container/index.ts'
import { digestContainer, signContainer } from '../../src/container/internal.ts'
import { isOneCopyError } from '../../src/errors.ts'
import { temporaryFolder } from '../arrays/temporary-folder.ts'
import { runPython, withoutNumpy } from '../numpy.ts'

const sign = (digest: Buffer): string => digest.toString('hex')

async function signed(t: TestContext): Promise<string> {
  const path = join(temporaryFolder(t), 'a')
  await saveContainer(path, { schema: { a: 1 }, arrays: new Map([['a.npy', arange(0, 9)]]) })
  await signContainer(path, { byteLength: 64, sign })
  return path
}

/** Whether the signature is the digest, as this test's signer makes it. */
async function isValid(path: string): Promise<boolean> {
  const container = await openContainer(path, { isSigned: true })
  return sign((await digestContainer(container))!) === container.signature?.text
}

test('a signed container is opened as before, by NumPy too', { skip: withoutNumpy }, async (t) => {
  const path = await signed(t)
  const { schema, values } = await openContainer(path, { verify: true })
  assert.deepEqual(schema, { a: 1 })
  assert.deepEqual(values.get('a.npy')!.toArray(), [0, 1, 2, 3, 4, 5, 6, 7, 8])
  assert.ok(await isValid(path))
  const program = `
import sys, zipfile, numpy
print(zipfile.ZipFile(sys.argv[1]).testzip(), numpy.load(sys.argv[1])['a'].sum())`
  assert.equal(runPython(program, path), 'None 36.0\n')
})

test('signed again, it has one signature and the same bytes', async (t) => {
  const path = await signed(t)
  const before = readFileSync(path)
  await signContainer(path, { byteLength: 64, sign })
  assert.ok(readFileSync(path).equals(before))
})

test('each changed bit is found: the file is refused, or its digest is another', async (t) => {
  const path = await signed(t)
  const bytes = readFileSync(path)
  for (let at = 0; at < bytes.length; at++) {
    const bit = 1 << ((at * 7) % 8)
    bytes[at]! ^= bit
    writeFileSync(path, bytes)
    bytes[at]! ^= bit
    try {
      assert.equal(await isValid(path), false, `byte ${at}`)
    } catch (error) {
      assert.ok(isOneCopyError(error), String(error))
    }
  }
})

test('a damaged file is not signed', async (t) => {
  const path = await signed(t)
  const bytes = readFileSync(path)
  const { arrays } = await openContainer(path)
  bytes[arrays[0]!.dataOffset]! ^= 1
  writeFileSync(path, bytes)
  await assert.rejects(signContainer(path, { byteLength: 64, sign }), { code: 'ERR_FORMAT' })
  assert.ok(readFileSync(path).equals(bytes))
})

test('what this process has written to its own pages does not count', async (t) => {
  const path = await signed(t)
  const { values } = await openContainer(path)
  values.get('a.npy')!.set(99, 0)
  const again = await openContainer(path, { verify: true })
  assert.equal(again.values.get('a.npy')!.get(0), 99)
  assert.ok(await isValid(path))
  await signContainer(path, { byteLength: 64, sign })
  assert.equal((await openContainer(path, { verify: true })).values.get('a.npy')!.get(0), 0)
  assert.ok(await isValid(path))
})
