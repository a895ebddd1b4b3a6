/** Mapped arrays as plain data that other threads and processes open. */

import { existsSync, fstatSync } from 'node:fs'
import { isOneCopyError, OneCopyError } from '../../errors.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import { type HeldMemory, native } from '../../native/index.ts'
import { limitBehind } from '../../system-limits.ts'
import { bytesOf } from '../layout/byte-ranges.ts'
import { countElements, type Layout } from '../layout/layout.ts'
import { type DType, itemSize, typedArrayMaker } from '../layout/dtype.ts'
import { requireAttached } from '../layout/elements.ts'
import {
  mapFile,
  type Mapping,
  type MappingMode,
  type MappingSource,
  rememberMapping,
  withFile,
} from '../memory/mapping.ts'
import { MappingHold } from '../memory/mapping-hold.ts'
import { NDArray } from '../ndarray/ndarray.ts'
import { trimLater } from '../ndarray/scratch.ts'
import { keepWarm, notePassing } from '../memory/mapping-cache.ts'
import { collectYoungMemory } from '../memory/gc-pressure.ts'

/**
 * A mapped array as plain data: a few words, whatever the size of the array. It survives structured clone and JSON, and
 * is valid as long as the sender keeps the array.
 */
export interface ArrayReference {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly strides: readonly number[]
  readonly offset: number
  /** How the receiver sees the memory. */
  readonly mode: MappingMode
  /** The receiver maps the memory for itself, so that nobody else in its process sees its writes. */
  readonly own: boolean
  /** The receiver becomes the owner, as with a task's result. Disposing of the array there frees its memory. */
  readonly given: boolean
  /** The sender does not expect to send this memory again. */
  readonly once: boolean
  readonly mapping: MappingReference
}

/** Which mapping, and where a receiver finds it. */
export interface MappingReference {
  readonly kind: 'file' | 'scratch'
  /** Token of the process in which `id` is valid; '' when the receiver must open the memory itself. */
  readonly process: string
  readonly id: number
  /** Mode of the mapping `id`; a receiver's own mode may be stricter. */
  readonly mode: MappingMode
  /** Device, inode and byte length of the file, checked by the receiver; then where a part of it begins. */
  readonly identity: string
  /** First byte of the file that is mapped. */
  readonly start: number
  readonly byteLength: number
  /** A file's path, or `/proc/<pid>/fd/<fd>` of scratch memory. */
  readonly path: string
}

/** Options of {@link encodeReference}. */
export interface ReferenceOptions {
  /** The receiver is a thread of this process, which sees private writes too. Default false. */
  readonly sameProcess?: boolean
  /** The receiver's writes stay its own, also among the threads of this process. Default: as the array's mode. */
  readonly copyOnWrite?: boolean
  /**
   * The receiver becomes the owner, as with a task's result. It sees a copy-on-write array through its own mapping of
   * the file, if it has one. Default false.
   */
  readonly given?: boolean
}

/**
 * Describes a mapped array so that another thread or process can open it without a copy.
 *
 * @param array - any array; the caller keeps it alive until the receiver has decoded it
 * @param options - who receives it, and whether its writes stay its own
 * @returns undefined when there is nothing to refer to: private memory, or a copy-on-write mapping
 * with private writes that another process wouldn't see
 * @throws OneCopyError `ERR_DETACHED` when the array was disposed of
 */
export function encodeReference(
  array: NDArray,
  options: ReferenceOptions = {},
): ArrayReference | undefined {
  requireKnown('encodeReference', options, referenceNames)
  const { mapping, dtype, shape, strides, offset } = array
  if (mapping === undefined) return undefined
  requireAttached(array)
  const { sameProcess = false, copyOnWrite = false, given = false } = options
  // Nobody but this thread should see through a mapping that was made copy-on-write for it alone.
  const opens = !sameProcess || copyOnWrite || given
  if (opens && mapping.hasPrivateWrites(...bytesOf(array))) return undefined
  if (given) {
    native.giveAway(mapping.id)
    mapping.isGivenAway = !mapping.isSent
  } else mapping.isSent = true
  return {
    dtype,
    shape,
    strides,
    offset,
    mode: copyOnWrite ? 'c' : mapping.mode,
    own: copyOnWrite,
    given,
    once: false,
    mapping: {
      kind: mapping.kind,
      process: given && mapping.mode === 'c' ? '' : native.processToken,
      id: mapping.id,
      mode: mapping.mode,
      identity: mapping.identity,
      start: mapping.start,
      byteLength: mapping.byteLength,
      path: mapping.path ?? `/proc/${process.pid}/fd/${mapping.fd}`,
    },
  }
}

const referenceNames: OptionNames<ReferenceOptions> = {
  sameProcess: true,
  copyOnWrite: true,
  given: true,
}

/**
 * Opens the array behind a reference: the same bytes, in this or any other thread or process.
 *
 * @throws OneCopyError `ERR_REFERENCE` when its file was replaced or cut, or its sender is gone; `ERR_MEMORY` when there
 *   is no room for the mapping, or when too many files are open
 */
export function decodeReference(reference: ArrayReference): NDArray {
  const { dtype, shape, strides, offset } = reference
  // If the process that made the memory ends first, this process has to free it.
  if (reference.mapping.kind === 'scratch') trimLater()
  collectYoungMemory()
  const mapping = findMapping(reference)
  const { buffer } = mapping
  const data = new (typedArrayMaker(dtype))(
    buffer,
    0,
    Math.floor(buffer.byteLength / itemSize(dtype)),
  )
  // Memory that this thread has sent to a task already has its owner here.
  const isGiven = reference.given && !mapping.isSent
  const isOwner = isGiven && isWhole(reference, buffer.byteLength)
  if (isOwner) mapping.isGivenAway = false // by a task of this thread
  return new NDArray(shape, dtype, data, { strides, offset, mapping, isOwner })
}

/**
 * Opens the memory of a reference as private memory of the receiver: a plain ArrayBuffer, of which nobody else sees
 * any change.
 *
 * @param reference - to a copy that was made for the receiver, or that it sees copy-on-write
 * @throws as {@link decodeReference}
 */
export function decodePlain(reference: ArrayReference): NDArray {
  const { dtype, shape, strides, offset } = reference
  const { id, hold } = isHere(reference) ? holdHere(reference) : holdFile(reference, reference.own)
  const buffer = native.plainBuffer(id)
  native.releaseHold(hold)
  const length = Math.floor(buffer.byteLength / itemSize(dtype))
  const data = new (typedArrayMaker(dtype))(buffer, 0, length)
  return new NDArray(shape, dtype, data, { strides, offset })
}

/** Whether an array fills its memory; several views of it share that, and none of them owns it. */
function isWhole(array: Layout & { readonly dtype: DType }, byteLength: number): boolean {
  const bytes = countElements(array.shape) * itemSize(array.dtype)
  const [start, stop] = bytesOf(array)
  const isDense = start === 0 && stop === bytes && !array.strides.includes(0)
  return isDense && wholeWords(bytes) === wholeWords(byteLength)
}

/** Scratch memory has at least one word, and copies of private memory have whole ones. */
function wholeWords(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / 8))
}

/**
 * Opens the memory of a reference that was given to this thread, without making an array of it yet. The sender may then
 * release it.
 *
 * @returns a reference for `decodeReference` in this thread, valid until the hold is released
 * @throws as {@link decodeReference}
 */
export function receiveReference(reference: ArrayReference): {
  reference: ArrayReference
  hold: MappingHold
} {
  const { mapping: target, mode } = reference
  if (isHere(reference)) return { reference, hold: new MappingHold(holdHere(reference).hold) }
  const [start, stop] = bytesOf(reference)
  let { id, hold } = holdFile(reference, false)
  if (mode === 'c' && native.hasPrivatePages(id, start, stop)) {
    native.releaseHold(hold)
    ;({ id, hold } = holdFile(reference, true))
  }
  const mapping = { ...target, process: native.processToken, id, mode }
  return { reference: { ...reference, mapping }, hold: new MappingHold(hold) }
}

/** Whether the receiver uses the sender's own mapping, in this process. */
function isHere({ mapping, mode, own }: ArrayReference): boolean {
  return mapping.process === native.processToken && mode === mapping.mode && !own
}

/** The mapping of a reference; one and the same for all arrays on it. */
function findMapping(reference: ArrayReference): Mapping {
  const { mapping: target, own } = reference
  if (isHere(reference)) return adopt(reference)
  if (reference.given) return openClean(reference)
  const name = `${target.process || target.identity}:${target.id}:${own ? 'own' : reference.mode}`
  const known = native.findBuffer(name)
  const before = known && rememberMapping(known, sourceOf(reference))
  const mapping = openClean(reference, before)
  if (mapping !== before) native.nameBuffer(mapping.id, name)
  if (reference.once) notePassing(mapping)
  else keepWarm(mapping)
  return mapping
}

/** Opens a fresh mapping if an earlier task has written to this one in copy-on-write mode. */
function openClean(reference: ArrayReference, before?: Mapping): Mapping {
  const mapping = before ?? open(reference, reference.own)
  const isClean = !mapping.hasPrivateWrites(...bytesOf(reference))
  return isClean ? mapping : open(reference, true)
}

function holdHere({ mapping: { id } }: ArrayReference): { id: number; hold: number } {
  const hold = native.holdMapping(id)
  if (hold === undefined) throw goneError()
  return { id, hold }
}

function adopt(reference: ArrayReference): Mapping {
  const memory = native.adoptMapping(reference.mapping.id)
  if (memory === undefined) throw goneError()
  return rememberMapping(memory, sourceOf(reference))
}

function goneError(): OneCopyError {
  return new OneCopyError(
    'ERR_REFERENCE',
    'The array of this reference no longer exists. Its sender must keep it until it has been received.',
    { details: { isGone: true } },
  )
}

/** Whether scratch memory could not be received because its sender has ended. */
export function isSenderGone(error: unknown): boolean {
  return isOneCopyError(error) && error.code === 'ERR_REFERENCE' && error.details['isGone'] === true
}

function sourceOf({ mode, given, mapping: { kind, path } }: ArrayReference): MappingSource {
  return kind === 'file' ? { kind, mode, path } : { kind, mode, given }
}

function open(reference: ArrayReference, fresh: boolean): Mapping {
  const { start, byteLength } = reference.mapping
  return useFile(reference, (fd) => mapFile(fd, sourceOf(reference), { fresh, start, byteLength }))
}

function holdFile(reference: ArrayReference, fresh: boolean): HeldMemory {
  const { mode, mapping } = reference
  const { kind, start, byteLength } = mapping
  const options = { private: mode === 'c', scratch: kind === 'scratch', fresh, start, byteLength }
  return useFile(reference, (fd) => native.holdFile(fd, options))
}

/** Opens the file or scratch memory of a reference, for as long as `use` takes. */
function useFile<T>({ mode, mapping: target }: ArrayReference, use: (fd: number) => T): T {
  const { kind, path, identity } = target
  try {
    return withFile(path, mode, (fd) => {
      requireIdentity(fd, target)
      return use(fd)
    })
  } catch (cause) {
    if (!isOneCopyError(cause) || cause.code !== 'ERR_FILE') throw cause
    const isScratch = kind === 'scratch'
    const lacksProc = isScratch && !existsSync('/proc/self')
    const isGone = isScratch && !lacksProc && isMissing(cause.cause)
    const text = !isScratch
      ? `Could not open ${path}, the file of an array`
      : lacksProc
        ? 'Arrays are sent through /proc, which is not mounted here. Mount it, or use arrays of files'
        : isGone
          ? 'The sender of this array has ended'
          : 'Could not open the memory of an array that was sent'
    const limit = limitBehind(cause.cause)
    if (limit !== undefined) {
      const [what, advice] = limit
      const details = { path }
      throw new OneCopyError('ERR_MEMORY', `${text}, since ${what}. ${advice}`, { cause, details })
    }
    throw new OneCopyError('ERR_REFERENCE', `${text}: ${cause.message}`, {
      cause,
      details: { path, identity, isGone },
    })
  }
}

function requireIdentity(fd: number, { kind, path, identity }: MappingReference): void {
  const { dev, ino, size } = fstatSync(fd, { bigint: true })
  const found = `${dev}:${ino}:${size}`
  if (found === identity || identity.startsWith(`${found}:`)) return
  throw new OneCopyError(
    'ERR_REFERENCE',
    kind === 'file'
      ? `${path} was replaced or resized after it was opened, so workers would see other values. ` +
          'Open it again and pass the new array.'
      : 'The scratch memory of this reference no longer exists. Its sender must keep it until it has been received.',
    { details: { path, expected: identity, found, isGone: kind === 'scratch' } },
  )
}

/** Whether the other process has no such descriptor, as opposed to a limit or a missing permission here. */
function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
}
