/** Reads .skops files. */

import { resolve } from 'node:path'
import { NDArray } from '../../arrays/index.ts'
import { PackedScratch, requirePath, type ScratchPlace } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import { byteCount, type OptionTypes, requireOptions } from '../../options.ts'
import { damaged, requireCrc, type PackedMember } from '../../zip/internal.ts'
import { defaultUnpackedBytes } from '../npz/open-npz.ts'
import { type Archive, openArchive, packedBytes, unpackToScratch } from '../zip/open-archive.ts'
import { requireRoom } from '../zip/unpack-member.ts'
import { type NpyPart, openNpyKind, type RecordArray, type TextArray } from './npy-kinds.ts'
import { readSchema } from './read-schema.ts'
import type { SkopsValue } from './skops-values.ts'

/** Options of `openSkops` and `openSkopsArrays`. */
export interface OpenSkopsOptions {
  /** Most bytes that compressed members may take in memory, all together; default: 1 GiB. */
  readonly maxUnpackedBytes?: number
}

const openTypes: OptionTypes<OpenSkopsOptions> = { maxUnpackedBytes: byteCount(0) }

/**
 * Reads the values of a file. Arrays are opened when they are asked for.
 *
 * @param what - the function that was called
 * @throws OneCopyError `ERR_FILE`, `ERR_FORMAT`, `ERR_MEMORY`
 */
export async function readSkops(
  what: string,
  path: string,
  options: OpenSkopsOptions,
): Promise<{ value: SkopsValue; file: string }> {
  requirePath(path)
  requireOptions(what, options, openTypes)
  const file = resolve(path)
  return { value: await readArchive(openArchive(file), options), file }
}

const schemaName = 'schema.json'

/** The most bytes of a schema: it is parsed as a whole. */
const mostSchemaBytes = 100_000_000

/** Reads the values of an archive. @throws as {@link readSkops} does */
export async function readArchive(
  archive: Archive,
  { maxUnpackedBytes = defaultUnpackedBytes }: OpenSkopsOptions,
): Promise<SkopsValue> {
  const { path, mapping } = archive
  const members = new Map(archive.members.map((member) => [member.name, member]))
  const schema = members.get(schemaName)
  if (schema === undefined)
    throw new OneCopyError('ERR_FORMAT', `Expected a .skops file, ${path} has no ${schemaName}.`, {
      details: { path },
    })
  if (schema.size > mostSchemaBytes)
    throw damaged({
      path,
      member: schemaName,
      field: 'the size',
      expected: `at most ${mostSchemaBytes} bytes`,
      got: schema.size,
    })
  requireRoom(archive.members, maxUnpackedBytes, path)
  const scratch = new PackedScratch()
  const unpacked = new Map<string, ScratchPlace>()
  for (const member of archive.members)
    if (member.isDeflated)
      unpacked.set(member.name, await unpackToScratch(archive, member, scratch))
  const partOf = (member: PackedMember): NpyPart => {
    const place = unpacked.get(member.name) ?? { mapping, start: member.dataOffset }
    return { ...place, bytes: member.size, scratch }
  }
  const { mapping: memory, start } = partOf(schema)
  const bytes = new Uint8Array(memory.buffer, start, schema.size).slice()
  if (!schema.isDeflated) requireCrc(schema, bytes, path)
  const open = (name: string): NDArray | TextArray | RecordArray => {
    const member = members.get(name)
    const called = `${show(name)} of ${path}`
    if (member === undefined)
      throw new OneCopyError(
        'ERR_FORMAT',
        `Expected the member ${called}, which its ${schemaName} names, got none.`,
        { details: { path, member: name } },
      )
    const array = openNpyKind(partOf(member), called)
    const isMapped = array instanceof NDArray && array.mapping === mapping
    // Those that are compressed were checked when they were unpacked.
    if (!member.isDeflated && !isMapped) requireCrc(member, packedBytes(archive, member), path)
    return array
  }
  return readSchema(decode(bytes, path), path, open)
}

function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new OneCopyError('ERR_FORMAT', `Expected UTF-8 in schema.json of ${path}.`, {
      cause,
      details: { path },
    })
  }
}
