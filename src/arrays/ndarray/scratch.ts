/** Creates arrays in shared scratch memory. */

import { closeSync, readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { resolve } from 'node:path'
import { isOneCopyError, OneCopyError } from '../../errors.ts'
import { openScratchFile } from '../../scratch-file.ts'
import { type MappedMemory, native } from '../../native/index.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import { type DType, itemSize, requireDType, typedArrayMaker } from '../layout/dtype.ts'
import { countElements, requireOrder, requireShape } from '../layout/layout.ts'
import { addPath, type Mapping, rememberMapping } from '../memory/mapping.ts'
import { requirePath } from '../memory/path.ts'
import { arrayHint } from '../layout/numpy-names.ts'
import { NDArray } from './ndarray.ts'
import { collectYoungMemory } from '../memory/gc-pressure.ts'

/** Options of {@link shared}. */
export interface ScratchOptions {
  /**
   * Folder for scratch memory larger than RAM. It becomes an unnamed file there, whose disk space is reserved at
   * once. Default: memory without a file.
   */
  readonly scratch?: string | undefined
}

/**
 * An array of zeros in memory that workers read and write without a copy. It has no name, so the
 * system frees it with its last holder, even after SIGKILL; `[Symbol.dispose]()` frees its pages at
 * once, or when jobs and tasks that use them have ended. Each array of more than 4 kB holds a file descriptor, and 64 smaller ones share one: for many thousands
 * use slices of one array.
 *
 * @param shape - length of each axis
 * @param dtype - type of the elements; default float64
 * @param options - `scratch`: a folder, for arrays larger than memory
 * @throws OneCopyError `ERR_MEMORY` when it is more than the memory and swap of the machine or container,
 * when the folder is full, or when too many files are open; `ERR_FILE` when the folder can't be used;
 * TypeError when shape and dtype are swapped
 *
 * @example
 * ```ts
 * const Z = shared([1000, 4], 'float64')
 * Z.set(1.5, 0, 3)
 * Z[Symbol.dispose]() // its pages are free, and Z is refused from now on
 * ```
 */
export function shared<D extends DType = 'float64'>(
  shape: readonly number[],
  dtype: D = 'float64' as D,
  options: ScratchOptions = {},
): NDArray<D> {
  requireOrder('shared', shape, { dtype })
  requireKnown('shared', options, scratchNames, arrayHint(scratchNames))
  const bytes = countElements(requireShape(shape)) * itemSize(requireDType(dtype))
  if (options.scratch === undefined) requireMemory(bytes)
  const mapping = createScratch(bytes, options)
  const data = new (typedArrayMaker(dtype))(mapping.buffer)
  return new NDArray(shape, dtype, data, { mapping, isOwner: true })
}

/** Arrays up to this size fit any machine that runs Node.js. */
const certainBytes = 64 * 2 ** 20

/**
 * Refuses more memory than the machine or the process's cgroup has, including swap, as the kernel's heuristic
 * overcommit does for private memory. Less is granted even when it is not free, since pages are allocated when they
 * are first written, and a sparse array may need few.
 *
 * @throws OneCopyError `ERR_MEMORY`
 */
function requireMemory(bytes: number): void {
  if (bytes <= certainBytes) return
  const memory = Math.min(totalmem(), process.constrainedMemory() || Infinity)
  const most = memory + swapBytes()
  if (bytes <= most) return
  throw new OneCopyError(
    'ERR_MEMORY',
    `Expected shared memory of at most ${gigabytes(most)}, the memory and swap of this machine or container, got ${gigabytes(bytes)}. ` +
      'Use a folder on disk with shared(shape, dtype, { scratch: folder }), or a file with createArray().',
    { details: { bytes, most } },
  )
}

function swapBytes(): number {
  try {
    return (
      1024 * Number(/^SwapTotal: *(\d+)/m.exec(readFileSync('/proc/meminfo', 'latin1'))?.[1] ?? 0)
    )
  } catch {
    return 0 // no /proc (macOS)
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toPrecision(3)} GB`
}

/** Option names of every function that makes scratch memory. */
export const scratchNames: OptionNames<ScratchOptions> = { scratch: true }

/** How long unused memory is kept for reuse. */
const idleMs = 400

let trimmer: NodeJS.Timeout | undefined

/** Frees unused memory after a while; checks as long as there is any. */
export function trimLater(): void {
  trimmer ??= setInterval(() => {
    if (native.trimScratch(idleMs) > 0) return
    clearInterval(trimmer)
    trimmer = undefined
  }, idleMs).unref()
}

/** Frees unused memory now. */
export function freeScratch(): void {
  native.trimScratch(0)
}

/** Scratch memory of `bytes` zeros, at least one element, since the system can't map empty memory. */
export function createScratch(bytes: number, options: ScratchOptions = {}): Mapping {
  trimLater()
  collectYoungMemory()
  const length = Math.max(8, bytes)
  const memory =
    options.scratch === undefined
      ? native.createScratch(length, true)
      : mapScratchFile(length, options.scratch)
  return rememberMapping(memory, { kind: 'scratch', mode: 'r+' })
}

/** Memory in a unnamed file, whose disk space is reserved at once. */
function mapScratchFile(bytes: number, scratch: string): MappedMemory {
  requirePath(scratch)
  const folder = resolve(scratch)
  const what = `Could not make scratch memory in ${folder}`
  let fd: number | undefined
  try {
    fd = openScratchFile(folder)
    native.reserveSpace(fd, bytes)
    return native.mapFile(fd, { private: false, scratch: true, fresh: false })
  } catch (cause) {
    if (isOneCopyError(cause)) throw addPath(what, folder, cause)
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new OneCopyError('ERR_FILE', `${what}: ${reason}.`, { cause, details: { path: folder } })
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}
