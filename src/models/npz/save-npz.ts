/** Saves arrays as .npz files that can be mapped. */

import type { NDArray } from '../../arrays/index.ts'
import { npyPieces, PendingArrayFile, requirePath, withPages } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import { type OptionTypes, requireOptions, signal } from '../../options.ts'
import { writeWhole } from '../../pending-file.ts'
import { type ArchiveWriter, mostMembers, mostNameBytes, writeArchive } from '../../zip/internal.ts'
import { requireArrays } from '../named-arrays.ts'

/** Options of {@link saveNpz}. */
export interface SaveNpzOptions {
  /** Stops the writing; nothing is left behind then. */
  readonly signal?: AbortSignal
}

/**
 * Saves arrays as a .npz file, which `numpy.load` reads. Arrays are stored, not compressed, each at a multiple of 64
 * bytes, so that `openNpz` maps all of them. The same arrays, names and order give the same bytes. The file appears whole or
 * not at all; an existing one is replaced, and processes that have it open keep the old one.
 *
 * @param path - where the file appears
 * @param arrays - by name: a record or a Map, whose order the file keeps; views are written as they are seen
 * @throws OneCopyError `ERR_FILE` when it can't be written, `ERR_DETACHED` when the memory of an array is moved away before
 * all of it is written, `ERR_OPTION` for a name longer than a zip archive has room for; TypeError for what is no NDArray
 *
 * @example
 * ```ts
 * await saveNpz('digits.npz', { X, y })
 * ```
 */
export async function saveNpz(
  path: string,
  arrays: Readonly<Record<string, NDArray>> | ReadonlyMap<string, NDArray>,
  options: SaveNpzOptions = {},
): Promise<void> {
  requirePath(path)
  requireOptions('saveNpz', options, saveTypes)
  const entries = requireArrays('saveNpz', arrays)
  requireRoomForNames(entries.map(([name]) => name))
  const addMembers = async (archive: ArchiveWriter): Promise<void> => {
    for (const [name, array] of entries) {
      const { bytes, pieces } = npyPieces(array, show(name))
      await archive.add({ name: `${name}.npy`, size: bytes, alignment: 64, pieces })
    }
  }
  await withPages(
    entries.map(([, array]) => array),
    () =>
      writeWhole(new PendingArrayFile(path), (file) =>
        writeArchive(file, addMembers, options.signal),
      ),
  )
}

/** Refuses what no reader would find again. @throws OneCopyError `ERR_OPTION`, `ERR_VALUE` */
function requireRoomForNames(names: readonly string[]): void {
  const most = mostNameBytes - '.npy'.length
  for (const name of names) {
    const bytes = Buffer.byteLength(name)
    if (bytes <= most) continue
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected names of at most ${most} bytes in UTF-8, got ${bytes} bytes.`,
      { details: { name } },
    )
  }
  if (names.length <= mostMembers) return
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected at most ${mostMembers} arrays, got ${names.length}. Join small ones.`,
  )
}

const saveTypes: OptionTypes<SaveNpzOptions> = { signal }
