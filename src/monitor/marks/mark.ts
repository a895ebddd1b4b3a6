/** Marks phases of a run from any process of the tree. */

import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { threadId } from 'node:worker_threads'
import { markFileHead, encodeMark, isMonitorFile } from './mark-file.ts'
import type { Mark, PhaseDetails } from './mark-file.ts'
import { openSharedFile, isUnnamed } from '../proc/shared-file.ts'
import { requireDetails, requireName } from './check-arguments.ts'
import { hasProc, procFiles } from '../proc/proc-files.ts'
import { readStat } from '../proc/tree.ts'

/**
 * Begins a phase of the run. It ends the previous phase of this thread, and lasts until the next
 * mark or the end of the thread. Every monitor that watches this process receives it, even if the
 * process is killed right after this returns.
 *
 * A mark is a line in files without names, which the kernel frees with their last holder. Without
 * /proc (macOS) marks reach no monitor; use `monitor.mark()` there.
 *
 * @param name - of the phase; the report combines phases with the same name
 * @param details - plain data to keep with the phase, at most 8 KB as JSON
 * @throws TypeError when the name is not a string, or the details are not plain data
 *
 * @example
 * ```ts
 * mark('fit', { rows: X.shape[0] })
 * ```
 */
export function mark(name: string, details?: PhaseDetails): void {
  makeMark(name, details)
}

/** Makes a mark, writes it for all monitors, and returns it. */
export function makeMark(name: string, details?: PhaseDetails): Mark {
  const isSeen = hasProc()
  const made: Mark = {
    source,
    number: ++marks,
    pid: process.pid,
    thread: threadId,
    ancestors: isSeen ? ancestors() : [],
    epochMs: performance.timeOrigin + performance.now(),
    name: requireName(name).slice(0, 1000),
    ...(details === undefined ? {} : { details: requireDetails(details) }),
  }
  if (!isSeen) return made
  const line = encodeMark(made)
  writeToOwnFile(line)
  for (const pid of [process.pid, ...made.ancestors]) writeToMonitors(pid, line)
  return made
}

/** Distinguishes the marks of this isolate from those of all others. */
const source = `${process.pid}-${threadId}-${Math.random().toString(36).slice(2)}`
let marks = 0

/** Its parent, the parent of that, and so on, without the first process of the system. */
function ancestors(): number[] {
  const found: number[] = []
  let pid = process.ppid
  while (pid > 1 && found.length < 100) {
    found.push(pid)
    pid = readStat(procFiles, pid)?.parent ?? 0
  }
  return found
}

/** A file of this size is replaced by a new one; readers still hold the old one. */
const ownFileBytes = 262_144

let ownFile: { readonly file: number; bytes: number } | undefined

/** Writes the mark to a file of this process, where monitors look for it. */
function writeToOwnFile(line: string): void {
  const bytes = Buffer.byteLength(line)
  if (ownFile && ownFile.bytes + bytes > ownFileBytes) {
    closeSync(ownFile.file)
    ownFile = undefined
  }
  if (!ownFile) {
    const file = openSharedFile(markFileHead)
    if (file === undefined) return
    ownFile = { file, bytes: 0 }
  }
  append(ownFile.file, line)
  ownFile.bytes += bytes
}

/** What was found among the files of a process, and when. */
interface KnownFiles {
  readonly count: number
  readonly searchedMs: number
  /** Descriptors that belong to no monitor, so that only new ones are checked. */
  readonly others: ReadonlySet<string>
  /** Paths of the files of monitors. */
  readonly monitorFiles: readonly string[]
}

const knownFiles = new Map<number, KnownFiles>()
const knownFilesMs = 500

/** Writes the mark into the files of all monitors of a process. */
function writeToMonitors(pid: number, line: string): void {
  const folder = `/proc/${pid}/fd`
  const known = knownFiles.get(pid)
  const nowMs = performance.now()
  // Since Linux 6.2 a folder of descriptors says how many there are; before, all are looked at.
  const count = procFiles.size(folder) ?? 0
  if (known && count > 0 && count === known.count && nowMs - known.searchedMs < knownFilesMs) {
    if (known.monitorFiles.every((path) => writeToMonitorFile(path, line) === 'monitor')) return
  }
  const others = new Set<string>()
  const monitorFiles: string[] = []
  for (const descriptor of procFiles.list(folder) ?? []) {
    const path = `${folder}/${descriptor}`
    const target = procFiles.link(path)
    if (target === undefined || !isUnnamed(target)) continue
    const key = `${descriptor} ${target}`
    // Written twice it still counts once.
    const found = known?.others.has(key) ? 'other' : writeToMonitorFile(path, line)
    if (found === 'other') others.add(key)
    if (found === 'monitor') monitorFiles.push(path)
  }
  knownFiles.set(pid, { count, searchedMs: nowMs, others, monitorFiles })
}

/** @returns whether the file belongs to a monitor; an empty one may become one */
function writeToMonitorFile(path: string, line: string): 'monitor' | 'other' | 'empty' {
  let file: number
  try {
    file = openSync(path, constants.O_RDWR | constants.O_APPEND | constants.O_NONBLOCK)
  } catch {
    return 'other'
  }
  try {
    // Check what was opened, not its path: the descriptor may have become another user's file.
    const { nlink, uid, size } = fstatSync(file)
    if (nlink !== 0 || uid !== process.geteuid?.()) return 'other'
    if (size === 0) return 'empty'
    const head = Buffer.alloc(32)
    if (!isMonitorFile(head.subarray(0, readSync(file, head, 0, 32, 0)))) return 'other'
    append(file, line)
    return 'monitor'
  } catch {
    return 'other'
  } finally {
    closeSync(file)
  }
}

/** Ignores a full /dev/shm: the watched program must go on. */
function append(file: number, text: string): void {
  try {
    writeSync(file, text)
  } catch {
    // the mark is lost
  }
}
