/** Writes stored zip archives, byte for byte the same each time. */

import { crc32 } from 'node:zlib'
import type { PendingFile } from '../pending-file.ts'
import { type GatheringFile, writeGathered } from './gathering-file.ts'
import {
  crcInLocalHeader,
  formatCentralEntry,
  formatEnd,
  formatLocalHeader,
  numberBytes,
  placeMember,
  type ZipMember,
} from './zip-format.ts'

/** A member that is written. */
export interface NewMember {
  /** At most {@link mostNameBytes} in UTF-8. */
  readonly name: string
  /** All bytes of it. */
  readonly size: number
  /** Its bytes begin at a multiple of this; 1 for any place. */
  readonly alignment: number
  /** The bytes, in pieces; each is copied before the next is asked for. */
  readonly pieces: Iterable<Uint8Array>
}

/** The most bytes of a name. */
export const mostNameBytes = 0xffff

/**
 * Writes an archive: its members, then the directory.
 *
 * @param file - new and empty; stays the caller's
 * @param addMembers - adds all members
 * @param signal - stops the writing between two pieces
 */
export async function writeArchive(
  file: PendingFile,
  addMembers: (archive: ArchiveWriter) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  await writeGathered(file, async (output) => {
    const archive = new ArchiveWriter(output, signal)
    await addMembers(archive)
    await appendDirectory(output, archive.members)
  })
}

/** Appends members to a new file. */
export class ArchiveWriter {
  /** Those that are written. */
  readonly members: ZipMember[] = []
  readonly #output: GatheringFile
  readonly #signal: AbortSignal | undefined

  constructor(output: GatheringFile, signal: AbortSignal | undefined) {
    this.#output = output
    this.#signal = signal
  }

  /** Writes a member. Its CRC, which stands before its bytes, is that of the bytes as they are written. */
  async add({ name, size, alignment, pieces }: NewMember): Promise<void> {
    const output = this.#output
    this.#signal?.throwIfAborted()
    const member = placeMember(name, size, { at: output.length, alignment })
    await output.append(formatLocalHeader(member, alignment))
    let crc = 0
    const count = (part: Uint8Array): void => void (crc = crc32(part, crc))
    for (const piece of pieces) {
      this.#signal?.throwIfAborted()
      await output.append(piece, count)
    }
    output.overwrite(member.headerOffset + crcInLocalHeader, numberBytes(crc))
    this.members.push({ ...member, crc })
  }
}

/** Appends the directory and what ends the file. */
async function appendDirectory(
  output: GatheringFile,
  members: readonly ZipMember[],
): Promise<void> {
  const start = output.length
  for (const member of members) await output.append(formatCentralEntry(member))
  await output.append(formatEnd(members.length, start, output.length - start))
}
