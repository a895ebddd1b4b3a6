/** Saves containers, whole or not at all. */

import { crc32 } from 'node:zlib'
import type { NDArray } from '../arrays/index.ts'
import {
  elementBlocks,
  formatDescr,
  formatNpyHeader,
  isAttached,
  isCContiguous,
  isFContiguous,
  PendingArrayFile,
  requireArray,
  requireAttached,
  requirePath,
  withPages,
} from '../arrays/internal.ts'
import { OneCopyError } from '../errors.ts'
import { writeWhole } from '../pending-file.ts'
import { GatheringFile } from './gathering-file.ts'
import { arrayEnding, nameFault, schemaName } from './member-name.ts'
import { mostMembers } from './read-directory.ts'
import { formatSchema } from './schema-text.ts'
import {
  crcInLocalHeader,
  formatCentralEntry,
  formatEnd,
  formatLocalHeader,
  numberBytes,
  placeMember,
  type ZipMember,
} from './zip-format.ts'

/** What goes into a container. */
export interface ContainerParts {
  /** Any value that JSON can hold. */
  readonly schema: unknown
  /** Arrays by the names of their members, which end in `.npy`, in the order that the file gets. */
  readonly arrays: ReadonlyMap<string, NDArray>
}

/** Elements begin at a multiple of this many bytes in the file. */
const alignment = 64

/**
 * Saves a schema and arrays as one file, which appears whole or not at all. An existing file is replaced; processes that
 * have it open keep the old one. The same parts give the same bytes. It takes a few megabytes of memory, whatever the size
 * of the arrays.
 *
 * @param path - where the file appears
 * @param parts - arrays of any layout; one in Fortran order is written so, others in C order
 * @param options - `signal` stops the writing and leaves nothing behind
 * @throws OneCopyError `ERR_FILE` when it can't be written, `ERR_DETACHED` when the memory of an array is moved away or
 * freed before it is written, `ERR_VALUE` when the schema is too large
 */
export async function saveContainer(
  path: string,
  { schema, arrays }: ContainerParts,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  requirePath(path)
  requireMembers(arrays)
  const text = formatSchema(schema)
  await withPages([...arrays.values()], () =>
    writeWhole(new PendingArrayFile(path), async (file) => {
      const output = new GatheringFile(file)
      const members = [await appendBytes(output, schemaName, text)]
      for (const [name, array] of arrays) {
        options.signal?.throwIfAborted()
        members.push(await appendArray(output, name, array, options.signal))
      }
      await appendDirectory(output, members)
      await output.flush()
    }),
  )
}

function requireMembers(arrays: ReadonlyMap<string, NDArray>): void {
  if (arrays.size >= mostMembers)
    throw new OneCopyError(
      'ERR_VALUE',
      `Expected fewer than ${mostMembers} arrays, got ${arrays.size}. Join small ones.`,
    )
  for (const [name, array] of arrays) {
    const fault = name.endsWith(arrayEnding) ? nameFault(name) : `no ${arrayEnding} at its end`
    if (fault !== undefined)
      throw new OneCopyError(
        'ERR_VALUE',
        `Expected the name of a member, such as "a/b.npy", got ${fault} in ${JSON.stringify(name)}.`,
      )
    requireAttached(requireArray(array, `the array '${name}'`))
  }
}

/** Appends a member that is there as bytes. */
async function appendBytes(
  output: GatheringFile,
  name: string,
  bytes: Uint8Array,
): Promise<ZipMember> {
  const place = placeMember(name, bytes.length, { at: output.length, alignment: 1 })
  const member = { ...place, crc: crc32(bytes) }
  await output.append(formatLocalHeader(member, 1))
  await output.append(bytes)
  return member
}

/** Appends an array. Its CRC, which stands before it, is known afterwards. */
async function appendArray(
  output: GatheringFile,
  name: string,
  array: NDArray,
  signal: AbortSignal | undefined,
): Promise<ZipMember> {
  const { dtype, shape } = array
  const fortranOrder = isFContiguous(array) && !isCContiguous(array)
  const header = formatNpyHeader({ descr: formatDescr(dtype), fortranOrder, shape })
  const size = header.length + array.nbytes
  const member = placeMember(name, size, { at: output.length, alignment })
  await output.append(formatLocalHeader(member, alignment))
  let crc = 0
  const count = (part: Uint8Array): void => void (crc = crc32(part, crc))
  await output.append(header, count)
  if (!isAttached(array)) throw lostMemory(name)
  let elements = 0
  for (const block of elementBlocks(fortranOrder ? array.transpose() : array)) {
    signal?.throwIfAborted()
    await output.append(new Uint8Array(block.buffer, block.byteOffset, block.byteLength), count)
    elements += block.length
    if (!isAttached(array)) break
  }
  if (elements < array.size || output.length !== member.dataOffset + size) throw lostMemory(name)
  output.overwrite(member.headerOffset + crcInLocalHeader, numberBytes(crc))
  return { ...member, crc }
}

function lostMemory(name: string): OneCopyError {
  return new OneCopyError(
    'ERR_DETACHED',
    `The memory of the array '${name}' was transferred, shrunk or freed before it was saved, so the file was not changed. ` +
      'Await the saving before you transfer or dispose of it.',
    { details: { member: name } },
  )
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
