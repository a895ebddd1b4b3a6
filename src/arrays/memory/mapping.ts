/** Mapped memory: one mapping per file or scratch segment. */

import { closeSync, constants as flags, fstatSync, openSync } from 'node:fs'
import { isOneCopyError, OneCopyError } from '../../errors.ts'
import { type MappedMemory, native } from '../../native/index.ts'
import { noteYoungMemory } from './gc-pressure.ts'

/** How a mapping may be written: `'c'` private copy-on-write, `'r+'` shared. */
export type MappingMode = 'c' | 'r+'

/** What lies behind a mapping. */
export interface MappingSource {
  readonly kind: 'file' | 'scratch'
  readonly mode: MappingMode
  /** Absolute path of a file when it was opened. */
  readonly path?: string
  /** Another thread or process made this scratch memory and gave it to this one. */
  readonly given?: boolean
}

/**
 * A mapped file or scratch segment. It is unmapped when the last array on it, on any thread, is collected. Each thread has
 * one `Mapping` object for a mapping of the process.
 */
export class Mapping implements MappingSource {
  readonly kind: 'file' | 'scratch'
  readonly mode: MappingMode
  readonly path?: string
  readonly given: boolean
  /** Whether this thread has sent it to a task. A result on it then belongs to its owner here. */
  isSent = false
  /** Number in the registry of this process, the same on all threads. */
  readonly id: number
  /** Device, inode and byte length of the file, and where in it a small array begins; equal in every process. */
  readonly identity: string
  /** Descriptor by which other processes open scratch memory; -1 for a file. */
  readonly fd: number
  /** First byte of the file that is mapped. */
  readonly start: number
  /** All bytes. */
  readonly buffer: ArrayBufferLike
  /** Another thread or process owns it now, as a result of a task. */
  isGivenAway = false
  /** This thread has given the pages up; the others don't look for that. */
  #isDiscarded = false

  constructor(memory: MappedMemory, source: MappingSource) {
    this.kind = source.kind
    this.mode = source.mode
    if (source.path !== undefined) this.path = source.path
    this.given = source.given === true
    this.id = memory.id
    this.identity = memory.identity
    this.fd = memory.fd
    this.start = memory.start
    this.buffer = memory.buffer
    if (source.kind === 'scratch') noteYoungMemory(memory.buffer.byteLength)
  }

  /** Bytes of the whole mapping. */
  get byteLength(): number {
    return this.buffer.byteLength
  }

  /**
   * Frees the pages of scratch memory, at once or when the last job that uses them and the last `holdPages` end. Memory
   * that was given to this process goes back to the process that made it. Does nothing on files, on copy-on-write
   * mappings, and on memory that another thread or process owns by now.
   */
  discard(): void {
    if (this.kind !== 'scratch' || this.mode !== 'r+' || this.isGivenAway) return
    this.#isDiscarded = true
    if (this.given) native.leavePages(this.id)
    else native.discardPages(this.id)
  }

  /** Whether this thread has freed the pages by `discard`. The memory reads zeros then, and must not be used. */
  get isGone(): boolean {
    return this.#isDiscarded && native.isGone(this.id)
  }

  /**
   * Whether only this process sees what bytes `[start, stop)` hold: they were written to in copy-on-write
   * mode, or were given back.
   */
  hasPrivateWrites(start: number, stop: number): boolean {
    if (this.kind === 'file' && this.mode === 'r+') return false
    return native.hasPrivatePages(this.id, start, stop)
  }
}

/**
 * The property under which a buffer keeps its mapping. A WeakMap or WeakRef would keep young objects alive until a
 * full garbage collection.
 */
const own = Symbol('mapping')

interface MappedBuffer {
  [own]?: Mapping
}

/**
 * The mapping that a buffer shows.
 *
 * @param buffer - any buffer, such as `typedArray.buffer`
 * @returns undefined for private memory, and for a buffer that another thread posted by itself
 */
export function mappingOf(buffer: ArrayBufferLike): Mapping | undefined {
  return (buffer as MappedBuffer)[own]
}

/**
 * Refuses elements whose pages were freed.
 *
 * @param what - what the error calls them
 * @throws OneCopyError `ERR_DETACHED`
 */
export function requireKept({ buffer }: NodeJS.TypedArray, what: string): void {
  if (mappingOf(buffer)?.isGone !== true) return
  throw new OneCopyError(
    'ERR_DETACHED',
    `The memory of ${what} was freed by [Symbol.dispose](). Dispose of a shared array after its last use.`,
  )
}

/** This thread's `Mapping` for memory that the core returned. */
export function rememberMapping(memory: MappedMemory, source: MappingSource): Mapping {
  const before = mappingOf(memory.buffer)
  if (before !== undefined) return before
  const value = new Mapping(memory, source)
  Object.defineProperty(memory.buffer, own, { value })
  return value
}

/**
 * Maps an open file, or finds the mapping that this process has of it; the descriptor stays the
 * caller's.
 *
 * @throws OneCopyError `ERR_FILE`, or `ERR_MEMORY` when the system has no room for the mapping
 */
export function mapFile(
  fd: number,
  source: MappingSource,
  options: { readonly fresh?: boolean; readonly start?: number; readonly byteLength?: number } = {},
): Mapping {
  try {
    const memory = native.mapFile(fd, {
      private: source.mode === 'c',
      scratch: source.kind === 'scratch',
      fresh: false,
      ...options,
    })
    return rememberMapping(memory, source)
  } catch (cause) {
    const name = source.path ?? 'scratch memory'
    throw addPath(`Could not open ${name}${inMode(source.mode)}`, name, cause)
  }
}

/**
 * Maps an open file as a whole, for who has read where in it what lies.
 *
 * @param size - bytes that the file had then
 * @param options - `fresh`: a mapping of its own, without what this process has written to another one
 * @throws OneCopyError `ERR_FORMAT` when it has another size by now; as {@link mapFile}
 */
export function mapWhole(
  fd: number,
  source: MappingSource & { readonly path: string },
  size: number,
  options: { readonly fresh?: boolean } = {},
): Mapping {
  const mapping = mapFile(fd, source, options)
  if (mapping.byteLength === size) return mapping
  const { path } = source
  const [expected, got] = [`${size} bytes as when it was opened`, mapping.byteLength]
  throw new OneCopyError(
    'ERR_FORMAT',
    `Expected the length of ${path} to be ${expected}, got ${got}. ` +
      'The file was changed in place while it was opened. Write it whole, under another name, and rename it.',
    { details: { path, field: 'the length', expected, got } },
  )
}

/** Adds the path and what failed to an error of the core, which knows no paths. */
export function addPath(what: string, path: string, cause: unknown): unknown {
  if (!isOneCopyError(cause)) return cause
  return new OneCopyError(cause.code, `${what}: ${cause.message}`, { cause, details: { path } })
}

/**
 * Opens a file, runs `use` on its descriptor and closes it.
 *
 * @throws OneCopyError `ERR_FILE` naming the path when it is no file or can't be opened in this mode
 */
export function withFile<T>(path: string, mode: MappingMode, use: (fd: number) => T): T {
  const fd = openRegular(path, mode)
  try {
    return use(fd)
  } catch (cause) {
    throw readFailure(path, cause)
  } finally {
    closeSync(fd)
  }
}

/** An error of the system while it reads, as from a broken disk, with the path. */
function readFailure(path: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || !('syscall' in cause)) return cause
  return new OneCopyError('ERR_FILE', `Could not read ${path}: ${cause.message}.`, {
    cause,
    details: { path },
  })
}

/**
 * Opens a regular file; the caller closes the descriptor.
 *
 * @throws OneCopyError `ERR_FILE` naming the path when it is no file or can't be opened in this mode
 */
function openRegular(path: string, mode: MappingMode): number {
  let fd: number | undefined
  try {
    // Without O_NONBLOCK a named pipe would block this thread until somebody writes to it.
    fd = openSync(path, (mode === 'c' ? flags.O_RDONLY : flags.O_RDWR) | flags.O_NONBLOCK)
    if (!fstatSync(fd).isFile()) throw new Error('it is no regular file')
    return fd
  } catch (cause) {
    if (fd !== undefined) closeSync(fd)
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new OneCopyError('ERR_FILE', `Could not open ${path}${inMode(mode)}: ${reason}.`, {
      cause,
      details: { path },
    })
  }
}

/** Tells a mode that somebody has asked for. */
function inMode(mode: MappingMode): string {
  return mode === 'c' ? '' : ` in mode '${mode}'`
}
