/** Reads .skops files. */

import { resolve } from 'node:path'
import type { NDArray } from '../../arrays/index.ts'
import {
  createScratch,
  mapFile,
  type Mapping,
  requirePath,
  withFile,
} from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import { byteCount, type OptionTypes, requireOptions } from '../../options.ts'
import { defaultUnpackedBytes } from '../npz/open-npz.ts'
import { requireCrc, requireRoom, unpackMember } from '../zip/unpack-member.ts'
import { readDirectory, type ZipMember } from '../zip/zip-directory.ts'
import { openNpyKind, type RecordArray, type TextArray } from './npy-kinds.ts'
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
  const { members, mapping } = withFile(file, 'c', (fd) => ({
    members: new Map(readDirectory(fd, file).map((member) => [member.name, member])),
    mapping: mapFile(fd, { kind: 'file', mode: 'c', path: file }),
  }))
  requireRoom([...members.values()], options.maxUnpackedBytes ?? defaultUnpackedBytes, file)
  const unpacked = new Map<string, Mapping>()
  for (const member of members.values())
    if (member.isDeflated) unpacked.set(member.name, await unpack(member, mapping, file))
  const bytesOf = (member: ZipMember): { mapping: Mapping; start: number } => {
    const own = unpacked.get(member.name)
    return own === undefined ? { mapping, start: member.start } : { mapping: own, start: 0 }
  }
  const schema = members.get('schema.json')
  if (schema === undefined) {
    throw new OneCopyError('ERR_FORMAT', `Expected a .skops file, ${file} has no schema.json.`, {
      details: { path: file },
    })
  }
  const { mapping: memory, start } = bytesOf(schema)
  const bytes = new Uint8Array(memory.buffer, start, schema.bytes).slice()
  if (!schema.isDeflated) requireCrc(schema, bytes, file)
  const open = (name: string): NDArray | TextArray | RecordArray => {
    const member = members.get(name)
    const called = `${show(name)} of ${file}`
    if (member !== undefined)
      return openNpyKind({ ...bytesOf(member), bytes: member.bytes }, called)
    throw new OneCopyError(
      'ERR_FORMAT',
      `Expected the member ${called}, which its schema.json names, got none.`,
      {
        details: { path: file, name },
      },
    )
  }
  return { value: readSchema(decode(bytes, file), file, open), file }
}

async function unpack(member: ZipMember, mapping: Mapping, path: string): Promise<Mapping> {
  const target = createScratch(member.bytes)
  const packed = new Uint8Array(mapping.buffer, member.start, member.packedBytes)
  await unpackMember(member, packed, new Uint8Array(target.buffer, 0, member.bytes), path)
  return target
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
