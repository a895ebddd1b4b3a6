/** Opens zip archives from elsewhere: their members and one mapping. */

import { fstatSync } from 'node:fs'
import {
  type Mapping,
  mapWhole,
  type PackedScratch,
  type ScratchPlace,
  withFile,
} from '../../arrays/internal.ts'
import { fileSource, type PackedMember, readForeignDirectory } from '../../zip/internal.ts'
import { unpackMember } from './unpack-member.ts'

/** An archive, and its bytes. */
export interface Archive {
  /** Absolute path when it was opened. */
  readonly path: string
  /** In the order of its directory. */
  readonly members: readonly PackedMember[]
  /** Of the whole file. */
  readonly mapping: Mapping
}

/**
 * Reads the directory of an archive and maps the file.
 *
 * @param path - absolute
 * @throws OneCopyError `ERR_FILE`, `ERR_FORMAT`, `ERR_MEMORY`
 */
export function openArchive(path: string): Archive {
  return withFile(path, 'c', (fd) => {
    const { size } = fstatSync(fd)
    const members = readForeignDirectory(fileSource(fd, size, path))
    return { path, members, mapping: mapWhole(fd, { kind: 'file', mode: 'c', path }, size) }
  })
}

/** The bytes of a member in the file, compressed or not. */
export function packedBytes({ mapping }: Archive, member: PackedMember): Uint8Array {
  return new Uint8Array(mapping.buffer, member.dataOffset, member.packedSize)
}

/**
 * Unpacks a compressed member into scratch memory.
 *
 * @throws OneCopyError `ERR_FORMAT` when it is damaged, `ERR_MEMORY`
 */
export async function unpackToScratch(
  archive: Archive,
  member: PackedMember,
  scratch: PackedScratch,
): Promise<ScratchPlace> {
  const { mapping, start } = scratch.take(member.size)
  const bytes = new Uint8Array(mapping.buffer, start, member.size)
  await unpackMember(member, packedBytes(archive, member), bytes, archive.path)
  return { mapping, start }
}
