/** Says what a cache folder holds, and deletes of it. */

import { basename } from 'node:path'
import { describeContainer } from '../container/index.ts'
import { milliseconds, type OptionTypes, requireOptions, string } from '../options.ts'
import { requireFolder } from './cache-folder.ts'
import { requireFacts } from './entry-file.ts'
import { sweepLocks } from './key-lock.ts'
import { SizeLog } from './size-log.ts'
import {
  deleteEntries,
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
 * @throws OneCopyError `ERR_FILE` when there is no such folder
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
      (name === undefined || nameOf(group).name === name),
  )
  const deleted = deleteEntries(chosen)
  sweepLocks(`${path}/${lockFolder}`)
  if (deleted.length > 0) new SizeLog(path).countAnew(() => sumEntries(listEntries(path)))
  return sumEntries(deleted)
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
  try {
    const {
      computedMs,
      seconds,
      arguments: args,
    } = requireFacts(describeContainer(entry.path).schema, entry.path)
    return { ...own, computedMs, seconds, arguments: args }
  } catch {
    return { ...own, computedMs: undefined, seconds: undefined, arguments: undefined }
  }
}

/** `similarity-1a2b3c4d` */
function nameOf(group: string): { name: string; identity: string } {
  const at = group.lastIndexOf('-')
  return { name: basename(group.slice(0, at)), identity: group.slice(at + 1) }
}
