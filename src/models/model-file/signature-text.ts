/** The text of a signature in a model file. */

import type { KeyObject } from 'node:crypto'
import type { ContainerContents } from '../../container/index.ts'
import { OneCopyError } from '../../errors.ts'

/** A key of `node:crypto`: a KeyObject, or PEM as a text or bytes. */
export type KeyInput = KeyObject | string | Uint8Array

/** Who signed, and how. */
export interface ModelSignature {
  /** The 32 bytes of the Ed25519 public key, in base64. */
  readonly key: string
  /** The 64 bytes of the signature, in base64. */
  readonly signature: string
}

/** Writes a signature; the length is always the same. */
export function formatSignature({ key, signature }: ModelSignature): string {
  return JSON.stringify({ algorithm: 'Ed25519', key, signature })
}

const form =
  /^\{"algorithm":"Ed25519","key":"([A-Za-z0-9+/]{43}=)","signature":"([A-Za-z0-9+/]{86}==)"\}$/

/**
 * The signature of a file, which is not verified.
 *
 * @returns undefined for a file without one
 * @throws OneCopyError `ERR_SIGNATURE` for a text that is none, also for another spelling of one
 */
export function readSignature({
  path,
  signature,
}: Pick<ContainerContents, 'path' | 'signature'>): ModelSignature | undefined {
  if (signature === undefined) return undefined
  const [, key, value] = form.exec(signature.text) ?? []
  const isExact = [key, value].every(
    (text) => text !== undefined && Buffer.from(text, 'base64').toString('base64') === text,
  )
  if (isExact) return { key: key!, signature: value! }
  throw new OneCopyError(
    'ERR_SIGNATURE',
    `Expected member 'signature.json' of ${path} to be an Ed25519 signature as signModel() writes it, got another text. ` +
      'Sign the file again.',
    { details: { path, member: 'signature.json' } },
  )
}
