/** Signed model files. */

import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { arange, type NDArray } from '../../../src/arrays/index.ts'
import { saveContainer } from '../../../src/container/index.ts'
import {
  describeModel,
  openModel,
  saveModel,
  signModel,
  verifyModel,
} from '../../../src/models/index.ts'
import { isOneCopyError } from '../../../src/errors.ts'
import { refusal } from '../../arrays/refusal.ts'
import { temporaryFolder } from '../../arrays/temporary-folder.ts'

const mine = generateKeyPairSync('ed25519')
const other = generateKeyPairSync('ed25519')

async function signed(t: TestContext): Promise<string> {
  const path = join(temporaryFolder(t), 'a.onecopy')
  await saveModel({ w: arange(0, 5) }, path)
  await signModel(path, mine.privateKey)
  return path
}

test('a signed file is opened by its key, as object or PEM, among others too', async (t) => {
  const path = await signed(t)
  const pem = mine.publicKey.export({ type: 'spki', format: 'pem' })
  for (const key of [mine.publicKey, pem, Buffer.from(pem), [other.publicKey, pem]]) {
    await verifyModel(path, key)
    for (const copy of [false, true]) {
      const model = await openModel<{ w: NDArray }>(path, { signedBy: key, copy })
      assert.deepEqual(model.w.toArray(), [0, 1, 2, 3, 4])
    }
  }
  const { signedBy } = await describeModel(path)
  const raw = mine.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)
  assert.equal(signedBy, raw.toString('base64'))
  // Who doesn't ask opens it as any file.
  await openModel(path, { verify: true })
})

test('a file without a signature, or with one of another key, is refused', async (t) => {
  const path = await signed(t)
  await assert.rejects(
    openModel(path, { signedBy: other.publicKey }),
    refusal(
      'ERR_SIGNATURE',
      /^Expected .* to be signed with one of the keys that you trust \(.*\), got a signature of .*\.$/,
    ),
  )
  await assert.rejects(verifyModel(path, []), refusal('ERR_SIGNATURE'))
  await saveModel(1, path)
  await assert.rejects(
    verifyModel(path, mine.publicKey),
    refusal('ERR_SIGNATURE', 'got a file without a signature. Sign it with signModel().'),
  )
})

test('a change of any byte of a signed file is found', async (t) => {
  const path = await signed(t)
  const bytes = readFileSync(path)
  for (let at = 0; at < bytes.length; at++) {
    const bit = 1 << ((at * 5) % 8)
    bytes[at]! ^= bit
    writeFileSync(path, bytes)
    bytes[at]! ^= bit
    await assert.rejects(
      verifyModel(path, mine.publicKey),
      (error) => isOneCopyError(error) && /^ERR_(SIGNATURE|FORMAT|DTYPE)$/.test(error.code),
      `byte ${at}`,
    )
  }
})

test('another spelling of the signature is found too', async (t) => {
  const path = await signed(t)
  const text = readFileSync(path).toString('latin1')
  const { signature } = JSON.parse(/\{"algorithm".*?\}/.exec(text)![0]) as { signature: string }
  // The last two bits of the last letter before == mean nothing in base64.
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const last = letters.indexOf(signature.at(-3)!)
  const twin = `${signature.slice(0, -3)}${letters[last ^ 1]}==`
  assert.ok(Buffer.from(twin, 'base64').equals(Buffer.from(signature, 'base64')))
  writeFileSync(path, text.replace(signature, twin), 'latin1')
  await assert.rejects(verifyModel(path, mine.publicKey), refusal('ERR_FORMAT', 'the CRC-32'))
})

test('a signature of the bare digest of a file is none', async (t) => {
  const path = await signed(t)
  const digest = createHash('sha256').update(readFileSync(path)).digest()
  const text = readFileSync(path).toString('latin1')
  const { signature } = JSON.parse(/\{"algorithm".*?\}/.exec(text)![0]) as { signature: string }
  assert.notEqual(sign(null, digest, mine.privateKey).toString('base64'), signature)
})

test('signing again replaces the signature, and the same key gives the same bytes', async (t) => {
  const path = await signed(t)
  const before = readFileSync(path)
  await signModel(path, other.privateKey)
  await assert.rejects(verifyModel(path, mine.publicKey), refusal('ERR_SIGNATURE'))
  await verifyModel(path, other.publicKey)
  await signModel(path, mine.privateKey.export({ type: 'pkcs8', format: 'pem' }))
  assert.ok(readFileSync(path).equals(before))
})

test('keys of other kinds, and files that are no models, are refused', async (t) => {
  const path = await signed(t)
  const before = readFileSync(path)
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  await assert.rejects(signModel(path, privateKey), refusal('ERR_OPTION', 'got ec (private)'))
  await assert.rejects(
    signModel(path, mine.publicKey),
    refusal('ERR_OPTION', 'got ed25519 (public)'),
  )
  await assert.rejects(
    verifyModel(path, mine.privateKey),
    refusal('ERR_OPTION', 'got ed25519 (private)'),
  )
  await assert.rejects(
    signModel(path, 'secret'),
    refusal('ERR_OPTION', 'Expected a private key in PEM'),
  )
  await assert.rejects(signModel(path, 5 as never), TypeError)
  assert.ok(readFileSync(path).equals(before))
  await saveContainer(path, { schema: 1, arrays: new Map() })
  await assert.rejects(
    signModel(path, mine.privateKey),
    refusal('ERR_FORMAT', 'something else than a model'),
  )
})

test('a key that is undefined opens nothing', async (t) => {
  const path = await signed(t)
  await assert.rejects(openModel(path, { signedBy: undefined } as never), {
    name: 'TypeError',
    message:
      'Expected `signedBy` to be a key or a list of keys, got undefined. Leave it out to open files that nobody signed.',
  })
})
