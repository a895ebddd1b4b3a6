/** Reads what a container holds, without its arrays. */

import {
  type ByteSource,
  ByteWindow,
  damaged,
  requireCrc,
  type ZipMember,
} from '../zip/internal.ts'
import { arrayEnding, schemaName, signatureName } from './member-name.ts'
import { readArrayHeader, type StoredArray } from './read-array-header.ts'
import { readDirectory } from './read-directory.ts'
import { readMembers } from './read-members.ts'
import { mostSchemaBytes, parseSchema } from './schema-text.ts'

/** What a container holds. */
export interface ContainerContents {
  /** Absolute path when it was opened. */
  readonly path: string
  /** Bytes of the file. */
  readonly size: number
  /** The value of `schema.json`. */
  readonly schema: unknown
  /** Its arrays, in the order of the file. */
  readonly arrays: readonly StoredArray[]
  /** The text of `signature.json` and where it lies, if the file is signed. */
  readonly signature: StoredSignature | undefined
  /** All members, in the order of the file. */
  readonly members: readonly ZipMember[]
  /** First byte behind the last member. */
  readonly directoryStart: number
}

/** A signature, and what it can't sign: its own text, and the two checksums of the text. */
export interface StoredSignature {
  readonly text: string
  /** First bytes of its local header, its text and its directory entry. */
  readonly headerOffset: number
  readonly dataOffset: number
  readonly entryOffset: number
}

/** The most bytes of a signature. */
const mostSignatureBytes = 4096

/** How much is read at a time where all of it is used, and where headers lie far apart. */
const denseWindow = 64 * 1024
const sparseWindow = 8 * 1024

/**
 * Reads the schema and where each array lies, and checks both against the file. What is checked is a copy, so that a file
 * that is changed later can only change numbers, never where an array ends.
 *
 * @throws OneCopyError `ERR_FORMAT` or `ERR_DTYPE`, with member and field
 */
export function readContainer(source: ByteSource): ContainerContents {
  const { path, size } = source
  const directory = readDirectory(new ByteWindow(source, denseWindow))
  requireKnownNames(
    path,
    directory.entries.map(({ name }) => name),
  )
  const isDense = directory.start / directory.entries.length < sparseWindow
  const window = new ByteWindow(source, isDense ? denseWindow : sparseWindow)
  const contents = {
    schema: undefined as unknown,
    signature: undefined as StoredSignature | undefined,
  }
  const members: ZipMember[] = []
  const arrays: StoredArray[] = []
  for (const member of readMembers(window, directory)) {
    members.push(member)
    if (member.name === schemaName) contents.schema = readSchema(window, member)
    else if (member.name === signatureName)
      contents.signature = readSignature(window, member, directory.entries.at(-1)!.entryOffset)
    else arrays.push(readArrayHeader(window, member))
  }
  return { path, size, ...contents, arrays, members, directoryStart: directory.start }
}

/** The schema comes first, a signature last, and between them are arrays. */
function requireKnownNames(path: string, names: readonly string[]): void {
  if (names[0] !== schemaName)
    throw damaged({
      path,
      field: 'the first member',
      expected: `'${schemaName}'`,
      got: names[0] === undefined ? 'no member' : `'${names[0]}'`,
      advice: 'It is a zip archive, but no container of onecopy.',
    })
  for (const [i, name] of names.entries()) {
    if (i === 0 || name.endsWith(arrayEnding)) continue
    if (name === signatureName && i === names.length - 1) continue
    throw damaged({
      path,
      member: name,
      field: 'the name',
      expected: `one that ends in ${arrayEnding}`,
      got: 'another',
    })
  }
}

function readSchema(window: ByteWindow, member: ZipMember): unknown {
  return parseSchema(readWhole(window, member, mostSchemaBytes), window.source.path)
}

function readSignature(
  window: ByteWindow,
  member: ZipMember,
  entryOffset: number,
): StoredSignature {
  const { headerOffset, dataOffset } = member
  const text = readWhole(window, member, mostSignatureBytes).toString('latin1')
  return { text, headerOffset, dataOffset, entryOffset }
}

/** Reads a small member and checks its CRC. */
function readWhole(window: ByteWindow, member: ZipMember, most: number): Buffer {
  const { name, size, dataOffset } = member
  const { path } = window.source
  if (size > most)
    throw damaged({
      path,
      member: name,
      field: 'the size',
      expected: `at most ${most} bytes`,
      got: size,
    })
  const at = window.need(dataOffset, size)
  const bytes = window.bytes.subarray(at, at + size)
  requireCrc(member, bytes, path)
  return bytes
}
