/** Lists the results of a cache folder, and deletes them. */

import { type Dirent, readdirSync, rmdirSync, statSync, unlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { CacheSize } from './size-log.ts'

/** A stored result. */
export interface StoredEntry {
  readonly path: string
  /** 32 hexadecimal digits. */
  readonly key: string
  /** The folder of its function: name and identity. */
  readonly group: string
  readonly bytes: number
  /** When it was used last, within a minute, in ms since 1970. */
  readonly usedMs: number
}

export const entryEnding = '.onecopy'

/** All results of a folder; what is deleted meanwhile is left out. */
export function listEntries(folder: string): StoredEntry[] {
  return namesIn(folder).flatMap((group) =>
    group.isDirectory() && groupForm.test(group.name)
      ? namesIn(join(folder, group.name)).flatMap(({ name }) => readEntry(folder, group.name, name))
      : [],
  )
}

/** What else lies in a folder, such as a model file, is never taken for a result. */
const groupForm = /-[0-9a-f]{8}$/
const entryForm = /^[0-9a-f]{32}\.onecopy$/

/** The folder of locks in a cache folder. */
export const lockFolder = 'locks'

/** A function's name as part of the name of its folder: letters, digits and a few marks. */
export function groupName(name: string): string {
  return name
    .replaceAll(/[^\p{L}\p{N}_.]/gu, '_')
    .replace(/^\./, '_')
    .slice(0, 60)
}

export function sumEntries(entries: readonly StoredEntry[]): CacheSize {
  return { items: entries.length, bytes: entries.reduce((sum, { bytes }) => sum + bytes, 0) }
}

/** Deletes results; who has mapped one keeps it. Returns those that were there. */
export function deleteEntries(entries: readonly StoredEntry[]): StoredEntry[] {
  const deleted = entries.filter(({ path }) => attempt(() => unlinkSync(path)))
  // Of functions that have no result left; others stay.
  for (const folder of new Set(deleted.map(({ path }) => path.slice(0, -basename(path).length))))
    attempt(() => rmdirSync(folder))
  return deleted
}

/**
 * Which results have to go so that the others keep limits: those that were not used for longest.
 *
 * @param share - of the limits that is kept
 */
export function chooseEvicted(
  entries: readonly StoredEntry[],
  limits: { readonly maxBytes: number; readonly maxItems: number },
  share: number,
): StoredEntry[] {
  let { items, bytes } = sumEntries(entries)
  const evicted: StoredEntry[] = []
  for (const entry of entries.toSorted((a, b) => a.usedMs - b.usedMs)) {
    if (
      bytes <= limits.maxBytes * share &&
      items <= Math.max(1, Math.floor(limits.maxItems * share))
    )
      break
    evicted.push(entry)
    bytes -= entry.bytes
    items--
  }
  return evicted
}

function readEntry(folder: string, group: string, name: string): StoredEntry[] {
  if (!entryForm.test(name)) return []
  const path = join(folder, group, name)
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return []
  const key = name.slice(0, -entryEnding.length)
  return [{ path, key, group, bytes: found.size, usedMs: found.mtimeMs }]
}

function namesIn(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

function attempt(work: () => void): boolean {
  try {
    work()
    return true
  } catch {
    return false
  }
}
