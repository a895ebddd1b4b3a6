/** Says what a cache folder holds, and deletes of it. */

import { rmSync } from 'node:fs'
import { basename } from 'node:path'
import { describeContainer } from '../container/index.ts'
import { OneCopyError } from '../errors.ts'
import { milliseconds, type OptionTypes, requireOptions, string } from '../options.ts'
import { requireFolder } from './cache-folder.ts'
import { type EntryFacts, requireFacts } from './entry-file.ts'
import { sweepLocks } from './key-lock.ts'
import { SizeLog } from './size-log.ts'
import {
  deleteEntries,
  groupName,
  listEntries,
  lockFolder,
  type StoredEntry,
  sumEntries,
} from './stored-entries.ts'

/** What a cache folder holds. */
export interface CacheInfo {
  /** Absolute path. */
  readonly folder: string
  readonly items: number
  readonly bytes: number
  /** By function, the largest first. */
  readonly functions: readonly CachedFunctionInfo[]
}

/** The results of one function, of one version of its source. */
export interface CachedFunctionInfo {
  readonly name: string
  /** First 8 digits of what the function was. */
  readonly identity: string
  readonly items: number
  readonly bytes: number
  /** When one of them was used last, in ms since 1970. */
  readonly usedMs: number
}

/** One stored result. */
export interface CacheItem {
  readonly key: string
  readonly name: string
  readonly identity: string
  readonly bytes: number
  readonly usedMs: number
  /** When it was computed, in how many seconds, and of what; undefined of a damaged file. */
  readonly computedMs: number | undefined
  readonly seconds: number | undefined
  readonly arguments: readonly string[] | undefined
}

/** Options of `clearCache`. All of them must be met. */
export interface ClearOptions {
  /** Only results that nobody has used for so many milliseconds, within a minute. */
  readonly unusedForMs?: number
  /** Only results of functions of this name. */
  readonly name?: string
}

/**
 * Says what a cache folder holds: it is read while others use it.
 *
 * @throws OneCopyError `ERR_FILE` when there is no such folder
 */
export function cacheInfo(folder: string): CacheInfo {
  const path = requireFolder(folder)
  const groups = Map.groupBy(listEntries(path), ({ group }) => group)
  const functions = Array.from(groups, ([group, entries]) => ({
    ...nameOf(group),
    ...trueNameOf(entries),
    ...sumEntries(entries),
    usedMs: Math.max(...entries.map(({ usedMs }) => usedMs)),
  })).sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1))
  return { folder: path, ...totals(functions), functions }
}

/** Lists the results of a cache folder, those used last first; `ERR_FILE` when there is no such folder. */
export function listCache(folder: string): CacheItem[] {
  return listEntries(requireFolder(folder))
    .toSorted((a, b) => b.usedMs - a.usedMs)
    .map(describeEntry)
}

/**
 * Deletes results. Who has one open keeps it, and who computes one stores it.
 *
 * @returns how many were deleted, and their bytes
 * @throws OneCopyError `ERR_FILE` when there is no such folder, or when results can't be deleted
 */
export function clearCache(
  folder: string,
  options: ClearOptions = {},
): { readonly items: number; readonly bytes: number } {
  requireOptions('clearCache', options, clearTypes)
  const path = requireFolder(folder)
  const { unusedForMs = 0, name } = options
  const chosen = listEntries(path).filter(
    ({ group, usedMs }) =>
      (unusedForMs === 0 || Date.now() - usedMs > unusedForMs) &&
      (name === undefined || nameOf(group).name === groupName(name)),
  )
  const deleted = deleteEntries(chosen)
  sweepLocks(`${path}/${lockFolder}`)
  if (deleted.length > 0) new SizeLog(path).countAnew(() => sumEntries(listEntries(path)))
  const gone = new Set(deleted)
  requireDeleted(
    chosen.filter((entry) => !gone.has(entry)),
    path,
  )
  return sumEntries(deleted)
}

/** What others have deleted meanwhile is gone, too; what can't be deleted must not look so. */
function requireDeleted(kept: readonly StoredEntry[], folder: string): void {
  for (const { path } of kept) {
    try {
      rmSync(path, { force: true })
    } catch (error) {
      throw new OneCopyError(
        'ERR_FILE',
        `Could not delete results in ${folder}: ${error instanceof Error ? error.message : String(error)}. Check who may write to the folder.`,
        { cause: error, details: { path: folder } },
      )
    }
  }
}

const clearTypes: OptionTypes<ClearOptions> = { unusedForMs: milliseconds(0), name: string }

function totals(functions: readonly CachedFunctionInfo[]): { items: number; bytes: number } {
  return {
    items: functions.reduce((sum, { items }) => sum + items, 0),
    bytes: functions.reduce((sum, { bytes }) => sum + bytes, 0),
  }
}

function describeEntry(entry: StoredEntry): CacheItem {
  const { key, bytes, usedMs } = entry
  const own = { key, ...nameOf(entry.group), bytes, usedMs }
  const facts = factsOf(entry)
  if (facts === undefined)
    return { ...own, computedMs: undefined, seconds: undefined, arguments: undefined }
  const { name, computedMs, seconds, arguments: args } = facts
  return { ...own, name, computedMs, seconds, arguments: args }
}

/** What a file says of its result; undefined of a damaged one, or one that was deleted meanwhile. */
function factsOf({ path }: StoredEntry): EntryFacts | undefined {
  try {
    return requireFacts(describeContainer(path).schema, path)
  } catch {
    return undefined
  }
}

/** The name of a function with all its characters, of which its folder's name has only some. */
function trueNameOf(entries: readonly StoredEntry[]): { name?: string } {
  for (const entry of entries) {
    const facts = factsOf(entry)
    if (facts !== undefined) return { name: facts.name }
  }
  return {}
}

/** `similarity-1a2b3c4d` */
function nameOf(group: string): { name: string; identity: string } {
  const at = group.lastIndexOf('-')
  return { name: basename(group.slice(0, at)), identity: group.slice(at + 1) }
}
