/** Counts the bytes and results of a cache folder over processes. */

import {
  appendFileSync,
  closeSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

/** How many results there are, and their bytes. */
export interface CacheSize {
  readonly items: number
  readonly bytes: number
}

/** A record: change of the number of results, change of the bytes, as float64. */
const recordBytes = 16
/** A longer log is begun anew with one record. */
const mostRecords = 4096

/**
 * The log `size` of a folder. Each process appends what it stores, and reads what others have appended. It may be wrong after a kill; the next
 * count of the folder itself corrects it.
 */
export class SizeLog {
  readonly #path: string
  #inode = 0
  #read = 0
  #size: CacheSize = { items: 0, bytes: 0 }

  constructor(folder: string) {
    this.#path = join(folder, 'size')
  }

  /** Adds a change, and returns the sums; undefined when the log is long or has something else in it: count anew. */
  add(change: CacheSize): CacheSize | undefined {
    appendFileSync(this.#path, pack(change))
    return this.#readNew()
  }

  /**
   * Begins the log anew while results are counted. What others add meanwhile may be counted twice, never missed.
   *
   * @param count - counts the folder
   */
  countAnew(count: () => CacheSize): CacheSize {
    const path = `${this.#path}.${process.pid}-${Math.random().toString(36).slice(2)}.tmp`
    writeFileSync(path, '')
    renameSync(path, this.#path)
    const size = count()
    appendFileSync(this.#path, pack(size))
    this.#readNew()
    return size
  }

  #readNew(): CacheSize | undefined {
    const fd = openSync(this.#path, 'r')
    try {
      const { ino, size } = fstatSync(fd)
      if (ino !== this.#inode || size < this.#read) {
        this.#inode = ino
        this.#read = 0
        this.#size = { items: 0, bytes: 0 }
      }
      const bytes = Buffer.alloc(Math.floor((size - this.#read) / recordBytes) * recordBytes)
      const count = readSync(fd, bytes, 0, bytes.length, this.#read)
      for (let at = 0; at + recordBytes <= count; at += recordBytes) {
        const { items, bytes: sum } = this.#size
        this.#size = {
          items: items + bytes.readDoubleLE(at),
          bytes: sum + bytes.readDoubleLE(at + 8),
        }
      }
      this.#read += count
      const isLong = this.#read > mostRecords * recordBytes
      return isLong || size % recordBytes !== 0 || !isSound(this.#size) ? undefined : this.#size
    } finally {
      closeSync(fd)
    }
  }
}

function isSound({ items, bytes }: CacheSize): boolean {
  return Number.isSafeInteger(items) && Number.isSafeInteger(bytes) && items >= 0 && bytes >= 0
}

function pack({ items, bytes }: CacheSize): Buffer {
  const record = Buffer.alloc(recordBytes)
  record.writeDoubleLE(items, 0)
  record.writeDoubleLE(bytes, 8)
  return record
}
