/** Makes and verifies Ed25519 signatures of model files. */

import {
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto'
import type { OpenContainer } from '../../container/index.ts'
import { digestContainer, signContainer } from '../../container/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import { requireModelSchema } from './model-schema.ts'
import { formatSignature, type KeyInput, readSignature } from './signature-text.ts'

/** What {@link signModel} does. */
export async function signFile(path: string, privateKey: KeyInput): Promise<void> {
  const secret = requireKey(privateKey, 'private')
  const key = rawKey(createPublicKey(secret))
  const text = (signature: Buffer): string =>
    formatSignature({ key, signature: signature.toString('base64') })
  await signContainer(path, {
    byteLength: text(Buffer.alloc(64)).length,
    check: ({ schema, path: file }) => void requireModelSchema(schema, file),
    sign: (digest) => text(signBytes(null, messageOf(digest), secret)),
  })
}

/**
 * Verifies the signature of an open file.
 *
 * @throws OneCopyError `ERR_SIGNATURE`
 */
export async function requireSignature(
  container: OpenContainer,
  publicKey: KeyInput | readonly KeyInput[],
): Promise<void> {
  const { path } = container
  const keys = (Array.isArray(publicKey) ? (publicKey as readonly KeyInput[]) : [publicKey]).map(
    (key) => requireKey(key as KeyInput, 'public'),
  )
  const refuse = (text: string): OneCopyError =>
    new OneCopyError('ERR_SIGNATURE', text, { details: { path } })
  const found = readSignature(container)
  if (found === undefined)
    throw refuse(
      `Expected ${path} to be signed, got a file without a signature. Sign it with signModel().`,
    )
  const key = keys.find((one) => rawKey(one) === found.key)
  if (key === undefined)
    throw refuse(
      `Expected ${path} to be signed with one of the keys that you trust (${keys.map(rawKey).join(', ')}), got a signature of ${found.key}.`,
    )
  const digest = await digestContainer(container)
  const signature = Buffer.from(found.signature, 'base64')
  if (digest !== undefined && verifyBytes(null, messageOf(digest), key, signature)) return
  throw refuse(
    `Expected ${path} to be as it was signed, got other bytes. It was changed after it was signed: get it again from its owner.`,
  )
}

/** What is signed; the words keep the signature from being taken for one of something else. */
function messageOf(digest: Buffer): Buffer {
  return Buffer.concat([Buffer.from('onecopy model 1\0'), digest])
}

function requireKey(key: KeyInput, kind: 'private' | 'public'): KeyObject {
  const isText = typeof key === 'string' || key instanceof Uint8Array
  const isKeyObject = typeof key === 'object' && key !== null && 'asymmetricKeyType' in key
  if (!isText && !isKeyObject)
    throw new TypeError(`Expected a ${kind} key as a KeyObject or PEM, got ${show(key)}.`)
  const found = isText ? readPem(key, kind) : key
  if (found.asymmetricKeyType === 'ed25519' && found.type === kind) return found
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected an Ed25519 ${kind} key, got ${found.asymmetricKeyType ?? 'another kind of key'} (${found.type}). ` +
      'Make one with `openssl genpkey -algorithm ed25519`.',
  )
}

function readPem(pem: string | Uint8Array, kind: 'private' | 'public'): KeyObject {
  const text = typeof pem === 'string' ? pem : Buffer.from(pem)
  try {
    return kind === 'private' ? createPrivateKey(text) : createPublicKey(text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected a ${kind} key in PEM, which begins with -----BEGIN, got a text that is none: ${reason}.`,
      { cause },
    )
  }
}

/** The 32 bytes of a public key in base64, as they end its DER form. */
function rawKey(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64')
}
