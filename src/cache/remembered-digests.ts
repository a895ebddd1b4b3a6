/** Remembers digests of files' elements while the files don't change. */

import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { RecentMap } from '../recent-map.ts'

/** What a file looks like from outside. Equal twice: nobody has written to it between. */
export interface FileState {
  /** Device, inode, bytes, and times of the last change of its content and of its entry, in ns. */
  readonly text: string
  /** Time of its last change, in ms. */
  readonly changedMs: number
  /** Device, inode and bytes, as mappings have them. */
  readonly identity: string
}

/** A file that was changed later than so long ago may be changed again within the same tick of its clock. */
const racyMs = 2000
/** Where the file is larger, it is begun anew: with lines of files that are long gone it would only grow. */
const mostBytes = 4 * 2 ** 20
const kept = 4096

/** The state of a file; undefined when there is none. */
export function readFileState(path: string): FileState | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  if (found === undefined) return undefined
  const { dev, ino, size, mtimeNs, ctimeNs } = found
  const changedMs = Number((mtimeNs > ctimeNs ? mtimeNs : ctimeNs) / 1_000_000n)
  const identity = `${dev}:${ino}:${size}`
  return { text: `${identity}:${mtimeNs}:${ctimeNs}`, changedMs, identity }
}

/**
 * Digests of a cache folder, in memory and in its file `digests`, which all processes read and append to. Each line has a digest of
 * its own, so that what a crash or another program left there counts for nothing.
 */
export class RememberedDigests {
  readonly #path: string
  readonly #known = new RecentMap<string, string>(kept)
  #readBytes = 0
  #inode = 0

  constructor(folder: string) {
    this.#path = join(folder, 'digests')
  }

  /** @param name - state of a file and which elements of it */
  find(name: string): string | undefined {
    const known = this.#known.get(name)
    if (known !== undefined || !this.#readNew()) return known
    return this.#known.get(name)
  }

  /** Notes a digest, unless the file was changed just before: then another change may not show. */
  note(name: string, { changedMs }: FileState, digest: string): void {
    if (Date.now() - changedMs < racyMs) return
    this.#known.set(name, digest)
    try {
      mkdirSync(dirname(this.#path), { recursive: true })
      appendFileSync(this.#path, `${digest} ${name}\n`)
      if (statSync(this.#path).size > mostBytes) this.#beginAnew(`${digest} ${name}\n`)
    } catch {
      // It is only a help: without it the next process hashes the file.
    }
  }

  /** Reads what was appended since the last time. Returns whether there was anything. */
  #readNew(): boolean {
    const found = statSync(this.#path, { throwIfNoEntry: false })
    if (found === undefined) return false
    if (found.ino !== this.#inode || found.size < this.#readBytes) this.#readBytes = 0
    if (found.size === this.#readBytes) return false
    this.#inode = found.ino
    const text = readFileSync(this.#path, 'latin1')
    const last = text.lastIndexOf('\n') + 1
    for (const [, digest, name] of text.slice(this.#readBytes, last).matchAll(line))
      this.#known.set(name!, digest!)
    this.#readBytes = last
    return true
  }

  #beginAnew(text: string): void {
    const path = `${this.#path}.${process.pid}.tmp`
    writeFileSync(path, text)
    renameSync(path, this.#path)
  }
}

const line = /^([0-9a-f]{32}) (\d+:\d+:\d+:-?\d+:-?\d+ [\w ,[\]-]+)$/gm
