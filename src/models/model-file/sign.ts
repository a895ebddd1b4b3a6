/** Signs model files, and verifies who signed them. */

import { requirePath } from '../../arrays/internal.ts'
import { openContainer } from '../../container/index.ts'
import type { KeyInput } from './signature-text.ts'

/**
 * Signs a model file with an Ed25519 key. The signature becomes a part of the file, which is written again as a whole, and
 * takes the place of an older one. The file is read as before, also by those who don't verify it.
 *
 * @param path - a file of `saveModel`; replaced
 * @param privateKey - such as `generateKeyPairSync('ed25519').privateKey`, or the PEM text that
 * `openssl genpkey -algorithm ed25519` writes
 * @throws OneCopyError `ERR_FORMAT` when the file is damaged, `ERR_FILE` when it can't be read or written, `ERR_OPTION` for
 * another kind of key
 */
export async function signModel(path: string, privateKey: KeyInput): Promise<void> {
  requirePath(path)
  const { signFile } = await importSigning()
  await signFile(path, privateKey)
}

/**
 * Verifies that a model file is, byte for byte, what the owner of one of these keys signed. To open exactly what was
 * verified, pass the keys to `openModel` as `signedBy`: between two calls the file could be replaced.
 *
 * @param path - a file that `signModel` signed
 * @param publicKey - one key or several, of which one must have signed
 * @throws OneCopyError `ERR_SIGNATURE` when the file has no signature, one of another key, or was changed since
 */
export async function verifyModel(
  path: string,
  publicKey: KeyInput | readonly KeyInput[],
): Promise<void> {
  requirePath(path)
  const { requireSignature } = await importSigning()
  await requireSignature(await openContainer(path, { isSigned: true }), publicKey)
}

/** Only programs that sign or verify load node:crypto. */
function importSigning(): Promise<typeof import('./sign-model.ts')> {
  return import('./sign-model.ts')
}
