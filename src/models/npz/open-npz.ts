/** Opens .npz files of NumPy, mapped where their arrays lie aligned. */

import { resolve } from 'node:path'
import type { NDArray } from '../../arrays/index.ts'
import {
  type MappingViews,
  openNpyPart,
  PackedScratch,
  requirePath,
} from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import {
  boolean,
  byteCount,
  isStringList,
  type OptionTypes,
  requireOptions,
} from '../../options.ts'
import { type PackedMember, requireCrc } from '../../zip/internal.ts'
import { type ArrayChoice, ArrayCollector, chooseNames, type NamedArrays } from '../named-arrays.ts'
import { type Archive, openArchive, packedBytes, unpackToScratch } from '../zip/open-archive.ts'
import { requireRoom } from '../zip/unpack-member.ts'

/** Options of {@link openNpz}. */
export interface OpenNpzOptions extends ArrayChoice {
  /**
   * Most bytes that compressed arrays may take in memory, all together; default: 1 GiB. A compressed file of some
   * megabytes can stand for terabytes.
   */
  readonly maxUnpackedBytes?: number
  /** Whether to check the CRCs of mapped arrays, too, which reads all of them; those of copied ones are checked in any case. Default: false. */
  readonly verify?: boolean
}

/** Room for compressed arrays that needs no option. */
export const defaultUnpackedBytes = 2 ** 30

/**
 * Opens a .npz file, as `numpy.savez`, `numpy.savez_compressed` and {@link saveNpz} write it. A stored array that lies
 * aligned in the file is mapped, copy-on-write as by `openArray`; every array of a file of `saveNpz` is. Others are
 * copied to scratch memory: those of NumPy, which aligns them by chance only, compressed ones, and float16,
 * complex and big-endian elements, which are converted as by `ForeignArray.toNative`.
 *
 * @param path - a .npz file of arrays of numbers
 * @param options - `names` chooses arrays, so that others needn't be numbers
 * @returns the arrays, and for each whether it was `mapped` or `copied`
 * @throws OneCopyError `ERR_FILE` when it can't be opened, `ERR_FORMAT` when it is damaged, `ERR_DTYPE` for an array of
 * texts, objects or records, `ERR_MEMORY` when compressed arrays are larger than `maxUnpackedBytes`, `ERR_INDEX` for a name
 * that it doesn't have
 * @see numpy.org/doc/stable/reference/generated/numpy.savez.html
 *
 * @example
 * ```ts
 * const { arrays, storage } = await openNpz('digits.npz', { names: ['X', 'y'] })
 * console.log(arrays['X']?.shape, storage['X'])
 * ```
 */
export async function openNpz(path: string, options: OpenNpzOptions = {}): Promise<NamedArrays> {
  requirePath(path)
  requireOptions('openNpz', options, openTypes)
  return openArrays(openArchive(resolve(path)), options)
}

/** Opens the arrays of an archive. @throws as {@link openNpz} does */
export async function openArrays(archive: Archive, options: OpenNpzOptions): Promise<NamedArrays> {
  const { names, maxUnpackedBytes = defaultUnpackedBytes, verify = false } = options
  const { path, members } = archive
  const chosen = chooseNames(byArrayName(members, path), names, path)
  requireRoom([...chosen.values()], maxUnpackedBytes, path)
  const opened = new ArrayCollector()
  const how = { verify, views: new Map(), scratch: new PackedScratch() }
  for (const [name, member] of chosen) {
    requireArrayMember(member, path)
    opened.add(name, await openMember(archive, member, how))
  }
  return { arrays: opened.arrays, storage: opened.storage }
}

const openTypes: OptionTypes<OpenNpzOptions> = {
  names: [isStringList, 'a list of names of arrays'],
  maxUnpackedBytes: byteCount(0),
  verify: boolean,
}

/** How members are opened. */
interface OpenHow {
  /** Whether to check the CRC of a mapped array. */
  readonly verify: boolean
  /** Typed arrays over the mapping. */
  readonly views: MappingViews
  /** Where copies go. */
  readonly scratch: PackedScratch
}

/**
 * Opens a member that is a .npy file.
 *
 * @throws OneCopyError `ERR_FORMAT`, `ERR_DTYPE`
 */
async function openMember(
  archive: Archive,
  member: PackedMember,
  { verify, views, scratch }: OpenHow,
): Promise<NDArray> {
  const { path, mapping } = archive
  const { size: bytes, dataOffset: start } = member
  const name = `${show(member.name)} of ${path}`
  if (member.isDeflated)
    return openNpyPart(
      { ...(await unpackToScratch(archive, member, scratch)), bytes, scratch },
      name,
    )
  const array = openNpyPart({ mapping, start, bytes, views, scratch }, name)
  if (verify || array.mapping !== mapping) requireCrc(member, packedBytes(archive, member), path)
  return array
}

/** Members by the names that NumPy gives them. */
function byArrayName(members: readonly PackedMember[], path: string): Map<string, PackedMember> {
  const named = new Map<string, PackedMember>()
  for (const member of members) {
    const name = member.name.replace(/\.npy$/, '')
    if (named.has(name)) {
      throw new OneCopyError('ERR_FORMAT', `${path} has two arrays ${show(name)}.`, {
        details: { path, name },
      })
    }
    named.set(name, member)
  }
  return named
}

function requireArrayMember({ name }: PackedMember, path: string): void {
  if (name.endsWith('.npy')) return
  const isModel = name === 'schema.json'
  throw new OneCopyError(
    'ERR_FORMAT',
    `Expected arrays in ${path}, got the member ${show(name)}. ` +
      (isModel
        ? 'It holds a model: open it with openModel() or, when skops wrote it, openSkops().'
        : 'Choose arrays with `names`.'),
    { details: { path, name } },
  )
}
