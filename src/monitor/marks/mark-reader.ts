/** Reads the marks of a process tree for its monitor. */

import { closeSync, constants, fstatSync, openSync, readSync, watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { monitorFileHead, decodeMark } from './mark-file.ts'
import type { Mark } from './mark-file.ts'
import { openSharedFile } from '../proc/shared-file.ts'

/**
 * Reads the marks that descendants write to the file of this monitor, and those that other watched
 * processes keep in files of theirs. It holds such a file open once it has seen it, so the last
 * marks of a process outlive it.
 */
export class MarkReader {
  #monitorFile: { readonly log: MarkLog; readonly watcher: FSWatcher | undefined } | undefined
  readonly #markFiles = new Map<string, MarkLog>()
  readonly #received = new Map<string, number>()
  readonly #onMark: () => void

  /**
   * @param onMark - called soon after a descendant has marked something
   * @param monitorFile - descriptor of a file to use instead of a new one; it stays its owner's
   */
  constructor(onMark: () => void, monitorFile?: number) {
    this.#onMark = onMark
    this.#openMonitorFile(monitorFile)
  }

  /** The descriptor of the file in which descendants write their marks. */
  get monitorFile(): number | undefined {
    return this.#monitorFile?.log.file
  }

  /**
   * The marks since the last call, by their time.
   *
   * @param paths - the mark files of all watched processes
   */
  read(paths: Iterable<string>): Mark[] {
    const marks: Mark[] = []
    for (const log of this.#current(paths)) marks.push(...log.read())
    return marks.sort((a, b) => a.epochMs - b.epochMs).filter((mark) => this.remember(mark))
  }

  /**
   * Remembers a mark; the same mark may arrive in several ways.
   *
   * @returns whether it is new
   */
  remember({ source, number }: Mark): boolean {
    if (number <= (this.#received.get(source) ?? 0)) return false
    this.#received.delete(source) // the last received comes last
    this.#received.set(source, number)
    if (this.#received.size > 10_000) this.#received.delete(this.#received.keys().next().value!)
    return true
  }

  close(): void {
    this.#monitorFile?.watcher?.close()
    this.#monitorFile?.log.close()
    this.#monitorFile = undefined
    for (const log of this.#markFiles.values()) log.close()
    this.#markFiles.clear()
  }

  /** Opens new files, and reads those that have disappeared a last time. */
  *#current(paths: Iterable<string>): Iterable<MarkLog> {
    const seen = new Set<string>()
    for (const path of paths) {
      const log = MarkLog.open(path)
      if (!log) continue
      seen.add(log.id)
      if (this.#markFiles.has(log.id)) log.close()
      else this.#markFiles.set(log.id, log)
    }
    yield* this.#markFiles.values()
    for (const [id, log] of this.#markFiles) {
      if (seen.has(id)) continue
      log.close()
      this.#markFiles.delete(id)
    }
    if (!this.#monitorFile) return
    yield this.#monitorFile.log
    if (this.#monitorFile.log.bytes > monitorFileBytes) yield* this.#renewMonitorFile()
  }

  /** Replaces a full file. Whoever opened it just now has written by the time it is read again. */
  *#renewMonitorFile(): Iterable<MarkLog> {
    const old = this.#monitorFile!
    this.#openMonitorFile()
    if (this.#monitorFile === old) return // there is no room for a new one
    old.watcher?.close()
    yield old.log
    old.log.close()
  }

  #openMonitorFile(other?: number): void {
    const file = other === undefined ? openSharedFile(monitorFileHead) : reopen(other)
    if (file === undefined) return
    let watcher: FSWatcher | undefined
    try {
      // inotify knows the file behind a descriptor, whether it has a name or not.
      watcher = watch(`/proc/self/fd/${file}`, { persistent: false }, this.#onMark)
      watcher.on('error', () => undefined) // marks are read with the next sample then
    } catch {
      // no inotify left: the same
    }
    this.#monitorFile = { log: new MarkLog(file), watcher }
  }
}

/** Another descriptor of the same file; each thread closes its own. */
function reopen(file: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${file}`, constants.O_RDWR)
  } catch {
    return undefined
  }
}

/** A file of this size is replaced by a new one. */
const monitorFileBytes = 1_048_576

/** A file of marks that is read as it grows. */
class MarkLog {
  readonly id: string
  readonly file: number
  #read = 0
  #rest = ''
  /** A character of several bytes may be split between two chunks. */
  readonly #decoder = new StringDecoder('utf8')

  /** @param file - a descriptor, which this closes */
  constructor(file: number) {
    const { dev, ino } = fstatSync(file)
    this.id = `${dev}:${ino}`
    this.file = file
  }

  /** Opens the mark file of a process, unless the process has ended. */
  static open(path: string): MarkLog | undefined {
    try {
      return new MarkLog(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK))
    } catch {
      return undefined
    }
  }

  /** How much of it was read. */
  get bytes(): number {
    return this.#read
  }

  /** The marks that were written since the last call. */
  read(): Mark[] {
    for (;;) {
      const count = this.#readMore()
      if (count === 0) break
      this.#rest += this.#decoder.write(chunk.subarray(0, count))
    }
    const lines = this.#rest.split('\n')
    this.#rest = lines.pop()!
    return lines.flatMap((line) => (line === '' ? [] : (decodeMark(line) ?? [])))
  }

  close(): void {
    closeSync(this.file)
  }

  #readMore(): number {
    try {
      const count = readSync(this.file, chunk, 0, chunk.length, this.#read)
      this.#read += count
      return count
    } catch {
      return 0
    }
  }
}

const chunk = Buffer.allocUnsafeSlow(65_536)
