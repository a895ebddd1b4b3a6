/** Saves containers, whole or not at all. */

import type { NDArray } from '../arrays/index.ts'
import {
  npyPieces,
  PendingArrayFile,
  requireArray,
  requireAttached,
  requirePath,
  withPages,
} from '../arrays/internal.ts'
import { OneCopyError } from '../errors.ts'
import { writeWhole } from '../pending-file.ts'
import { type ArchiveWriter, mostMembers, writeArchive } from '../zip/internal.ts'
import { arrayEnding, nameFault, schemaName } from './member-name.ts'
import { formatSchema } from './schema-text.ts'

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
 * @param options - `signal` stops the writing and leaves nothing behind; `durable: false` syncs nothing, so that a crash of the machine
 * may cut the file
 * @throws OneCopyError `ERR_FILE` when it can't be written, `ERR_DETACHED` when the memory of an array is moved away or
 * freed before it is written, `ERR_VALUE` when the schema is too large
 */
export async function saveContainer(
  path: string,
  { schema, arrays }: ContainerParts,
  options: { readonly signal?: AbortSignal | undefined; readonly durable?: boolean } = {},
): Promise<void> {
  requirePath(path)
  requireMembers(arrays)
  const text = formatSchema(schema)
  const addMembers = async (archive: ArchiveWriter): Promise<void> => {
    await archive.add({ name: schemaName, size: text.length, alignment: 1, pieces: [text] })
    for (const [name, array] of arrays) {
      const { bytes, pieces } = npyPieces(array, `the array '${name}'`)
      await archive.add({ name, size: bytes, alignment, pieces })
    }
  }
  await withPages([...arrays.values()], () =>
    writeWhole(
      new PendingArrayFile(path),
      (file) => writeArchive(file, addMembers, options.signal),
      { durable: options.durable ?? true },
    ),
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
