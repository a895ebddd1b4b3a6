/** Adds a signature to a container, and says what one signs. */

import { createHash, type Hash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { PendingArrayFile } from '../arrays/internal.ts'
import { writeWhole } from '../pending-file.ts'
import {
  crcInCentralEntry,
  crcInLocalHeader,
  formatCentralEntry,
  formatEnd,
  formatLocalHeader,
  numberBytes,
  placeMember,
  writeGathered,
} from '../zip/internal.ts'
import { signatureName } from './member-name.ts'
import { openContainer, type OpenContainer } from './open-container.ts'

/** How a signature is made. */
export interface ContainerSigner {
  /** Bytes of the text, the same for every digest. */
  readonly byteLength: number
  /** Throws for a container that is not to be signed. */
  readonly check?: (container: OpenContainer) => void
  /** Returns the text of `signature.json` for the digest of the file, in ASCII. */
  readonly sign: (digest: Buffer) => string
}

/**
 * Replaces a container by one with a signature, which takes the place of an older one. The file is written whole, and only
 * when all of its checksums are right.
 *
 * @throws OneCopyError `ERR_FILE`, `ERR_FORMAT` as for opening and saving
 */
export async function signContainer(path: string, signer: ContainerSigner): Promise<void> {
  const container = await openContainer(path, { verify: true })
  signer.check?.(container)
  const kept = container.members.filter(({ name }) => name !== signatureName)
  const last = kept.at(-1)!
  const stop = last.dataOffset + last.size
  const member = placeMember(signatureName, signer.byteLength, { at: stop, alignment: 1 })
  await writeWhole(new PendingArrayFile(path), (file) =>
    writeGathered(file, async (output) => {
      const hash = createHash('sha256')
      const append = (bytes: Uint8Array): Promise<void> =>
        output.append(bytes, (part) => void hash.update(part))
      await append(container.bytes.subarray(0, stop))
      await append(formatLocalHeader(member, 1))
      await append(Buffer.alloc(signer.byteLength))
      const start = output.length
      for (const one of kept) await append(formatCentralEntry(one))
      const entryOffset = output.length
      await append(formatCentralEntry(member))
      await append(formatEnd(kept.length + 1, start, output.length - start))
      const text = Buffer.from(signer.sign(hash.digest()), 'latin1')
      const crc = numberBytes(crc32(text))
      output.overwrite(member.headerOffset + crcInLocalHeader, crc)
      output.overwrite(member.dataOffset, text)
      output.overwrite(entryOffset + crcInCentralEntry, crc)
    }),
  )
}

/** Bytes that are hashed before other work of the thread may run. */
const pieceBytes = 4 * 2 ** 20

/**
 * The SHA-256 of all that a signature signs: every byte of the file, with zeros for the text of the signature and for the
 * two checksums of this text. Those are compared with each other and with the text when the file is opened.
 *
 * @returns undefined when the container has no signature
 */
export async function digestContainer(container: OpenContainer): Promise<Buffer | undefined> {
  const { signature, bytes } = container
  if (signature === undefined) return undefined
  const { headerOffset, dataOffset, entryOffset, text } = signature
  const hash = createHash('sha256')
  let at = 0
  for (const [start, length] of [
    [headerOffset + crcInLocalHeader, 4],
    [dataOffset, text.length],
    [entryOffset + crcInCentralEntry, 4],
  ] as const) {
    await update(hash, bytes.subarray(at, start))
    hash.update(Buffer.alloc(length))
    at = start + length
  }
  await update(hash, bytes.subarray(at))
  return hash.digest()
}

async function update(hash: Hash, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    hash.update(bytes.subarray(at, at + pieceBytes))
    if (at + pieceBytes < bytes.length) await setImmediate()
  }
}
