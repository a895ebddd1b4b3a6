/** Opens and creates .npy files; opened arrays are mapped. */

import { existsSync, fstatSync, readSync, writeSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isOneCopyError, OneCopyError, show } from '../../errors.ts'
import { boolean, type OptionNames, requireKnown, requireOptions } from '../../options.ts'
import { type DType, itemSize, requireDType, typedArrayMaker } from '../layout/dtype.ts'
import { countElements, cStrides, fStrides, requireShape } from '../layout/layout.ts'
import { arrayHint, modeAdvice } from '../layout/numpy-names.ts'
import { mapFile, type MappingMode, type MappingSource, withFile } from '../memory/mapping.ts'
import { PendingArrayFile } from '../memory/pending-array-file.ts'
import { NDArray } from '../ndarray/ndarray.ts'
import { createScratch } from '../ndarray/scratch.ts'
import { formatNpyHeader, headerReach, type ParsedNpyHeader, parseNpyHeader } from './npy.ts'
import { formatDescr, parseDescr, type StoredType } from './npy-dtype.ts'
import { requirePath } from '../memory/path.ts'

/** Options of {@link openArray}. */
export interface OpenOptions<D extends DType = DType> {
  /**
   * `'c'` (default), copy-on-write: writes stay private to this process, and the file stays as it is. `'r+'`: writes go to
   * the file and are visible in every process that has it open.
   */
  readonly mode?: MappingMode
  /** The dtype that the file must have; default: any. */
  readonly dtype?: D
}

/**
 * Opens a .npy file as an array without reading it. Pages are read from the file when they are first used, and shared
 * with every process that has it open. Opening a file again gives the same memory. A file with unaligned elements,
 * which NumPy never writes, is copied into scratch memory.
 *
 * @param path - a .npy file of a native dtype; {@link openForeignArray} takes the others
 * @param options - `mode` and `dtype`
 * @throws OneCopyError `ERR_FILE` when it can't be opened, `ERR_FORMAT` when it is damaged, `ERR_DTYPE`
 * when its elements aren't numbers, or not of the dtype asked for, `ERR_OPTION` for another mode
 * @see numpy.org/doc/stable/reference/generated/numpy.memmap.html
 *
 * @example
 * ```ts
 * const X = openArray('features.npy', { dtype: 'float64' })
 * X.row(0).toTypedArray()
 * ```
 */
export function openArray<D extends DType = DType>(
  path: string,
  options: OpenOptions<D> = {},
): NDArray<D> {
  requirePath(path)
  // Also refuses openArray(path, 'r+'), which would otherwise ignore the mode.
  requireKnown('openArray', options, openNames, arrayHint(openNames))
  const file = resolve(path)
  const { mode = 'c', dtype } = options
  requireMode(mode)
  return withFile(file, mode, (fd) => {
    const form = readForm(fd, file)
    const { header, type } = form
    if (type.isSwapped || type.form !== 'plain') {
      throw new OneCopyError(
        'ERR_DTYPE',
        `${file} holds '${header.descr}', which can't be used in place. ` +
          'Convert it with openForeignArray(path).toNative(), which copies.',
      )
    }
    if (dtype !== undefined && dtype !== type.dtype)
      throw new OneCopyError('ERR_DTYPE', `Expected ${file} to hold ${dtype}, got ${type.dtype}.`)
    if (header.dataOffset % type.bytes === 0)
      return mapArray(fd, { kind: 'file', mode, path: file }, form) as NDArray<D>
    if (mode === 'c') return copyUnaligned(fd, file, form) as NDArray<D>
    throw new OneCopyError(
      'ERR_FORMAT',
      `Expected the elements of ${file} to begin at a multiple of ${type.bytes} bytes, got byte ${header.dataOffset}. ` +
        "They can't be written in place: open the file in mode 'c', which copies them, and save that with saveArray().",
      { details: { path: file } },
    )
  })
}

/** Copies elements that are not aligned for a typed array. */
function copyUnaligned(fd: number, path: string, { header, type }: FileForm): NDArray {
  const { shape, dataOffset } = header
  const bytes = countElements(shape) * type.bytes
  const target = createScratch(bytes)
  const source = mapFile(fd, { kind: 'file', mode: 'c', path })
  new Uint8Array(target.buffer).set(new Uint8Array(source.buffer, dataOffset, bytes))
  const data = new (typedArrayMaker(type.dtype))(target.buffer)
  const strides = (header.fortranOrder ? fStrides : cStrides)(shape)
  return new NDArray(shape, type.dtype, data, { strides, mapping: target, isOwner: true })
}

/**
 * Makes a .npy file of zeros and opens it in mode `'r+'`. The file has its full size from the start, with its disk space
 * reserved, so that later writes can't fail because the disk is full.
 *
 * @param path - where the file appears
 * @param form - `dtype` and `shape`; with `overwrite: true` the new file replaces one with that name, as a whole. Arrays
 * that are open on the old file keep its values
 * @throws OneCopyError `ERR_FILE` when a file with that name exists and `overwrite` is not true, `ERR_MEMORY` when the
 * disk is full; nothing is left behind
 */
export function createArray<D extends DType>(
  path: string,
  form: { readonly dtype: D; readonly shape: readonly number[]; readonly overwrite?: boolean },
): NDArray<D> {
  requirePath(path)
  const overwrites = requireNewForm(form)
  const file = new PendingArrayFile(path)
  try {
    const array = mapZeros(file, resolve(path), form)
    if (overwrites) file.replaceNow()
    else createNew(file, path)
    return array
  } finally {
    file.close()
  }
}

function createNew(file: PendingArrayFile, path: string): void {
  try {
    file.create()
  } catch (cause) {
    if (!isOneCopyError(cause) || !existsSync(path)) throw cause
    throw new OneCopyError(
      cause.code,
      `${cause.message} Open it for writing with openArray(path, { mode: 'r+' }), or replace it by zeros with { overwrite: true }.`,
      { cause: cause.cause, details: cause.details },
    )
  }
}

/** A .npy file of zeros that nobody sees before it is named. Whoever makes one closes `file`. */
export interface PendingArray<D extends DType = DType> {
  /** Its elements, in mode `'r+'`. */
  readonly array: NDArray<D>
  readonly file: PendingArrayFile
}

/**
 * Makes a .npy file as {@link createArray} does, but without a name: call `file.nameAs(path)` when it is filled. If the
 * process ends before that, nothing is left behind.
 *
 * @param folder - on the file system of the name to come
 * @param form - `dtype` and `shape`
 * @throws OneCopyError `ERR_FILE` when the folder can't be written to, `ERR_MEMORY` when the disk is full
 */
export function createPendingArray<D extends DType>(
  folder: string,
  form: { readonly dtype: D; readonly shape: readonly number[] },
): PendingArray<D> {
  requirePath(folder)
  requireForm('createPendingArray', form)
  const path = join(resolve(folder), 'array.npy')
  const file = new PendingArrayFile(path)
  try {
    return { array: mapZeros(file, path, form), file }
  } catch (error) {
    file.close()
    throw error
  }
}

function mapZeros<D extends DType>(
  file: PendingArrayFile,
  path: string,
  form: { readonly dtype: D; readonly shape: readonly number[] },
): NDArray<D> {
  const dtype = requireDType(form.dtype) as D
  const shape = requireShape(form.shape)
  const header = formatNpyHeader({ descr: formatDescr(dtype), fortranOrder: false, shape })
  file.reserve(header.length + countElements(shape) * itemSize(dtype))
  writeSync(file.fd, header)
  return mapArray(
    file.fd,
    { kind: 'file', mode: 'r+', path },
    readForm(file.fd, path),
  ) as NDArray<D>
}

/** A checked header and the type of the elements. */
export interface FileForm {
  readonly header: ParsedNpyHeader
  readonly type: StoredType
}

/**
 * Reads and checks the header of an open .npy file against the file's length.
 *
 * @throws OneCopyError `ERR_FORMAT` when the file is shorter or longer than its header says
 */
export function readForm(fd: number, file: string): FileForm {
  const start = new Uint8Array(headerReach)
  const header = parseNpyHeader(start.subarray(0, readSync(fd, start, 0, headerReach, 0)), file)
  const type = parseDescr(header.descr, file)
  const expected = header.dataOffset + countElements(header.shape) * type.bytes
  const { size } = fstatSync(fd)
  if (size !== expected) {
    throw new OneCopyError(
      'ERR_FORMAT',
      `Expected ${expected} bytes as the header of ${file} says, got ${size}. ` +
        `The file ${size < expected ? 'was truncated or is still being written' : 'has bytes after its array'}.`,
      { details: { path: file, expected, size } },
    )
  }
  return { header, type }
}

const openNames: OptionNames<OpenOptions> = { mode: true, dtype: true }
const formNames = { dtype: true, shape: true }

/** Checks the form of a file with a name; returns whether the file may replace another one. */
function requireNewForm(form: {
  readonly dtype: DType
  readonly shape: unknown
  readonly overwrite?: boolean
}): boolean {
  if (form instanceof NDArray) return false
  const given: unknown = form
  if (typeof given === 'string' || Array.isArray(given)) {
    const [dtype, shape] = Array.isArray(given) ? ["'float64'", given] : [show(given), [2, 3]]
    throw new TypeError(
      `Expected the form of the array, as in createArray(path, { dtype: ${dtype}, shape: [${shape.join(', ')}] }), got ${show(given)}.`,
    )
  }
  requireOptions('createArray', form, newFormTypes, arrayHint(newFormTypes))
  return form.overwrite === true
}

const newFormTypes = { dtype: true, shape: true, overwrite: boolean } as const

/** An array stands for its own form. */
function requireForm(what: string, form: { readonly dtype: DType; readonly shape: unknown }): void {
  if (form instanceof NDArray) return
  requireKnown(what, form, formNames, arrayHint(formNames))
}

/** Refuses NumPy's other modes: `w+` empties existing files, `r` kills the process on a write. */
function requireMode(mode: MappingMode): void {
  if (mode === 'c' || mode === 'r+') return
  const advice = Object.hasOwn(modeAdvice, mode) ? modeAdvice[mode] : undefined
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected mode 'c' or 'r+', got ${show(mode)}.${advice === undefined ? '' : ` ${advice}`}`,
  )
}

function mapArray(fd: number, source: MappingSource, { header, type }: FileForm): NDArray {
  const mapping = mapFile(fd, source)
  const maker = typedArrayMaker(type.dtype)
  const data = new maker(mapping.buffer, 0, Math.floor(mapping.byteLength / type.bytes))
  const strides = (header.fortranOrder ? fStrides : cStrides)(header.shape)
  const offset = header.dataOffset / type.bytes
  return new NDArray(header.shape, type.dtype, data, { strides, offset, mapping })
}
