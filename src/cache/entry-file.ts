/** Writes a result to its file, and opens it again. */

import { mkdirSync, rmSync, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { NDArray } from '../arrays/index.ts'
import { mappingOf } from '../arrays/internal.ts'
import { type OpenContainer, openContainer, saveContainer } from '../container/index.ts'
import { OneCopyError } from '../errors.ts'
import { classOfName, decode, encode, ownPrefix, treeTypes } from '../objects/internal.ts'
import { isStringList } from '../options.ts'
import { RecentMap } from '../recent-map.ts'

/** What a file says of its result. */
export interface EntryFacts {
  readonly key: string
  /** Of the function. */
  readonly name: string
  readonly identity: string
  /** When it was computed, in ms since 1970, and in how many seconds. */
  readonly computedMs: number
  readonly seconds: number
  /** The arguments for people: types and shapes, no data. */
  readonly arguments: readonly string[]
}

/** A result and what its file says of it. */
export interface OpenEntry {
  readonly value: unknown
  readonly facts: EntryFacts
  readonly bytes: number
  /** When it was used last, within a minute, in ms since 1970. */
  readonly usedMs: number
}

/** The schema of a file. */
interface EntrySchema extends EntryFacts {
  readonly format: typeof format
  readonly version: number
  readonly value: unknown
}

const format = 'onecopy.cache'
const version = 1

/** A smaller file is read, not mapped: mappings are few (`vm.max_map_count`), and a copy takes less time. */
const fewBytes = 64 * 1024

/** What was read of a file, so that it need not be read again. */
interface Known {
  /** Of the file. */
  readonly state: string
  readonly schema: EntrySchema
  /** The mapped bytes of its arrays, as long as somebody has one of them. */
  readonly mapped?: WeakRef<ArrayBufferLike> | undefined
}

const opened = new RecentMap<string, Known>(2000)
/** By the memory of their arrays: it keeps them. */
const containers = new WeakMap<ArrayBufferLike, OpenContainer>()

/**
 * Saves a result. The file appears whole or not at all.
 *
 * @returns the result as its file has it, where it needs no file for that; else undefined
 * @throws OneCopyError `ERR_UNSAVABLE` for what can't be saved, `ERR_FILE` when the file can't be written
 */
export async function writeEntry(
  path: string,
  result: unknown,
  facts: EntryFacts,
  options: { readonly durable: boolean },
): Promise<OpenEntry | undefined> {
  const { tree, arrays } = encode(result, { called: 'result' })
  const named = new Map<string, NDArray>(arrays.map((array, i) => [`${i}.npy`, array]))
  const schema: EntrySchema = { format, version, ...facts, value: tree }
  mkdirSync(dirname(path), { recursive: true })
  // A name that is taken would need a second name for a moment, which a kill would leave behind.
  rmSync(path, { force: true })
  await saveContainer(path, { schema, arrays: named }, options)
  const found = arrays.length > 0 ? undefined : statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return undefined
  if (found.size < fewBytes) opened.set(path, { state: stateOf(found), schema })
  return {
    value: decodeValue(schema, none),
    facts: schema,
    bytes: found.size,
    usedMs: found.mtimeMs,
  }
}

/** Equal twice: it is the same file. */
function stateOf({ dev, ino, size, ctimeMs }: Stats): string {
  return `${dev} ${ino} ${size} ${ctimeMs}`
}

/**
 * Opens a stored result. Arrays of a large one are mapped: all processes share them, and writes to them stay in this call's result
 * or in this process, never in the file.
 *
 * @returns undefined when there is none
 * @throws OneCopyError when the file is damaged, or of another key
 */
export async function openEntry(path: string, key: string): Promise<OpenEntry | undefined> {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return undefined
  const { size: bytes, mtimeMs: usedMs } = found
  const state = stateOf(found)
  const before = opened.get(path)
  const known = before?.state === state ? arraysOf(before) : undefined
  if (known !== undefined) {
    const { schema } = before!
    return { value: decodeValue(schema, known), facts: schema, bytes, usedMs }
  }
  const container = await openFile(path, bytes)
  if (container === undefined) return undefined
  const schema = requireSchema(container, key)
  await importMissing(schema.value)
  const value = decodeValue(schema, [...container.values.values()])
  remember(path, state, schema, container)
  return { value, facts: schema, bytes, usedMs }
}

/** Reads what a file says of its result, without the result. */
export function requireFacts(schema: unknown, path: string): EntryFacts {
  return requireSchema({ schema, path })
}

async function openFile(path: string, bytes: number): Promise<OpenContainer | undefined> {
  try {
    return await openContainer(path, {
      copy: bytes < fewBytes,
      verify: bytes < fewBytes,
      isUnwritten: true,
    })
  } catch (error) {
    if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined
    throw error
  }
}

function decodeValue(schema: EntrySchema, arrays: readonly NDArray[]): unknown {
  return decode({ tree: schema.value, arrays }, { called: 'result' })
}

/** Only what takes little memory: the tree of a small file without arrays, and mapped arrays while somebody has them. */
function remember(
  path: string,
  state: string,
  schema: EntrySchema,
  container: OpenContainer,
): void {
  const isMapped = container.size >= fewBytes
  const { buffer } = container.bytes
  if (isMapped) containers.set(buffer, container)
  else if (container.arrays.length > 0) return
  const treeBytes = container.members[0]?.size ?? Infinity
  if (treeBytes < fewBytes)
    opened.set(path, { state, schema, mapped: isMapped ? new WeakRef(buffer) : undefined })
}

/** The arrays of a file that was opened before; undefined when they are gone, or this process has written to them. */
function arraysOf({ mapped }: Known): readonly NDArray[] | undefined {
  if (mapped === undefined) return none
  const buffer = mapped.deref()
  const container = buffer && containers.get(buffer)
  if (container === undefined || mappingOf(buffer!)?.hasPrivateWrites(0, container.size) !== false)
    return undefined
  return [...container.values.values()]
}

const none: readonly never[] = []

/** Classes of onecopy are imported as they are needed; no other name of a file is. */
async function importMissing(tree: unknown): Promise<void> {
  const types = treeTypes(tree).map(({ type }) => type)
  if (!types.some((type) => type.startsWith(ownPrefix) && classOfName(type) === undefined)) return
  const { importOwnClasses } = await import('../models/internal.ts')
  await importOwnClasses(types)
}

function requireSchema(
  { schema, path }: Pick<OpenContainer, 'schema' | 'path'>,
  key?: string,
): EntrySchema {
  const found = (schema ?? {}) as Partial<Record<keyof EntrySchema, unknown>>
  const isSound =
    found.format === format &&
    found.version === version &&
    (key === undefined ? typeof found.key === 'string' : found.key === key) &&
    typeof found.name === 'string' &&
    typeof found.identity === 'string' &&
    typeof found.computedMs === 'number' &&
    typeof found.seconds === 'number' &&
    isStringList(found.arguments) &&
    'value' in found
  if (isSound) return schema as EntrySchema
  throw new OneCopyError(
    'ERR_FORMAT',
    `Expected ${path} to be a result of this version of the cache${key === undefined ? '' : ` with the key ${key}`}, got something else. It is computed again; delete the file if this is said again.`,
    { details: { path } },
  )
}
