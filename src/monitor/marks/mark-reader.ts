/** Gathers the marks of a tree for its monitor. */

import { closeSync, constants, fstatSync, openSync, readSync, watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { bookHead, decodeMark } from './mark-file.ts'
import type { Mark } from './mark-file.ts'
import { openSharedFile } from '../proc/shared-file.ts'

/**
 * Reads the marks that processes write to this monitor's own file, which is how those of its
 * descendants come at once, and those on the boards of the watched processes, which is how those
 * of anybody else's come. A board that was seen once is held, so its last marks outlive its writer.
 */
export class MarkReader {
  #book: { readonly log: MarkLog; readonly watcher: FSWatcher | undefined } | undefined
  readonly #boards = new Map<string, MarkLog>()
  readonly #heard = new Map<string, number>()
  readonly #onMark: () => void

  /**
   * @param onMark - called soon after a descendant has marked something
   * @param book - descriptor of a file to take over in place of a new one; it stays its owner's
   */
  constructor(onMark: () => void, book?: number) {
    this.#onMark = onMark
    this.#openBook(book)
  }

  /** The descriptor of the file in which descendants write their marks. */
  get book(): number | undefined {
    return this.#book?.log.file
  }

  /**
   * The marks that came since the last call, by their time.
   *
   * @param boards - paths of the boards of all watched processes
   */
  read(boards: Iterable<string>): Mark[] {
    const marks: Mark[] = []
    for (const log of this.#current(boards)) marks.push(...log.read())
    return marks.sort((a, b) => a.atMs - b.atMs).filter((mark) => this.heard(mark))
  }

  /**
   * Remembers a mark: the same may come by several ways.
   *
   * @returns whether it is new
   */
  heard({ source, number }: Mark): boolean {
    if (number <= (this.#heard.get(source) ?? 0)) return false
    this.#heard.delete(source) // those heard last stand last
    this.#heard.set(source, number)
    if (this.#heard.size > 10_000) this.#heard.delete(this.#heard.keys().next().value!)
    return true
  }

  close(): void {
    this.#book?.watcher?.close()
    this.#book?.log.close()
    this.#book = undefined
    for (const log of this.#boards.values()) log.close()
    this.#boards.clear()
  }

  /** Opens the boards that are new, and reads those a last time that are gone. */
  *#current(paths: Iterable<string>): Iterable<MarkLog> {
    const seen = new Set<string>()
    for (const path of paths) {
      const log = MarkLog.open(path)
      if (!log) continue
      seen.add(log.id)
      if (this.#boards.has(log.id)) log.close()
      else this.#boards.set(log.id, log)
    }
    yield* this.#boards.values()
    for (const [id, log] of this.#boards) {
      if (seen.has(id)) continue
      log.close()
      this.#boards.delete(id)
    }
    if (!this.#book) return
    yield this.#book.log
    if (this.#book.log.bytes > bookBytes) yield* this.#renewBook()
  }

  /** Puts the full file away; who had opened it just now has written until it is read again. */
  *#renewBook(): Iterable<MarkLog> {
    const old = this.#book!
    this.#openBook()
    if (this.#book === old) return // there is no room for a new one
    old.watcher?.close()
    yield old.log
    old.log.close()
  }

  #openBook(other?: number): void {
    const file = other === undefined ? openSharedFile(bookHead) : reopen(other)
    if (file === undefined) return
    let watcher: FSWatcher | undefined
    try {
      // inotify knows the file behind a descriptor, whether it has a name or not.
      watcher = watch(`/proc/self/fd/${file}`, { persistent: false }, this.#onMark)
      watcher.on('error', () => undefined) // marks are read with the next sample then
    } catch {
      // no inotify left: the same
    }
    this.#book = { log: new MarkLog(file), watcher }
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

/** A file of marks of this size is put away for a new one. */
const bookBytes = 1_048_576

/** A file of marks that is read as it grows. */
class MarkLog {
  readonly id: string
  readonly file: number
  #read = 0
  #rest = ''
  /** A letter of several bytes may stand on the border of two chunks. */
  readonly #decoder = new StringDecoder('utf8')

  /** @param file - a descriptor, which this closes */
  constructor(file: number) {
    const { dev, ino } = fstatSync(file)
    this.id = `${dev}:${ino}`
    this.file = file
  }

  /** Opens the board of a process, unless it has gone. */
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
