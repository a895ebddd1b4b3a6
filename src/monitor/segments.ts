/** Finds the shared memory that a process holds open. */

import type { ProcFiles } from './proc-files.ts'

/** A piece of shared memory: it exists once, however many processes map it. */
export interface Segment {
  /** What names it on this machine: device and inode. */
  readonly id: string
  /** What its maker called it: `onecopy` for our scratch memory, or a path in /dev/shm. */
  readonly name: string
  /** Bytes that really exist, in memory or swapped out; holes count nothing. */
  readonly bytes: number
}

/** Links are read at least at every tenth look, for memory that no mapping shows. */
const looksPerReading = 10

/**
 * Lists the memfds and files of /dev/shm that one process holds open, each once. The kernel keeps
 * their block counts, so the answer is exact, costs one `stat` each, and does not touch the page
 * tables of those who map them. It also sees what nobody maps and no RSS or PSS shows.
 */
export class SegmentFinder {
  readonly #files: ProcFiles
  readonly #folder: string
  /** What the links were read for; while it stays, so do the links. */
  #state = ''
  #looks = 0
  #names: readonly (readonly [path: string, name: string])[] = []

  constructor(files: ProcFiles, pid: number) {
    this.#files = files
    this.#folder = `/proc/${pid}/fd`
  }

  /**
   * @param touched - shared memory that the process has touched now: when it is as before, and so
   *   are the descriptors, their links are too. Reading these is half the cost of a sample.
   * @returns `undefined` when the process is another user's, who keeps that to himself
   */
  find(touched: number | undefined): Segment[] | undefined {
    const descriptors = this.#files.list(this.#folder)
    if (descriptors === undefined) return undefined
    const state = `${touched} ${descriptors.join(' ')}`
    if (state !== this.#state || this.#looks % looksPerReading === 0) {
      this.#state = state
      this.#names = this.#readLinks(descriptors)
    }
    this.#looks++
    return distinct(
      this.#names.flatMap(([path, name]) => {
        const file = this.#files.blocks(path)
        return file ? [{ ...file, name }] : []
      }),
    )
  }

  #readLinks(descriptors: readonly string[]): (readonly [string, string])[] {
    return descriptors.flatMap((descriptor) => {
      const path = `${this.#folder}/${descriptor}`
      const name = segmentName(this.#files.link(path))
      return name === undefined ? [] : [[path, name] as const]
    })
  }
}

/** Every segment once, whoever holds it. */
export function distinct(segments: Iterable<Segment>): Segment[] {
  const byId = new Map<string, Segment>()
  for (const segment of segments) byId.set(segment.id, segment)
  return [...byId.values()]
}

/** `/memfd:onecopy (deleted)` is `onecopy`; `/dev/shm/#12 (deleted)` is `/dev/shm/#12`. */
function segmentName(target: string | undefined): string | undefined {
  if (!target?.startsWith('/memfd:') && !target?.startsWith('/dev/shm/')) return undefined
  return target.replace(/^\/memfd:/, '').replace(/ \(deleted\)$/, '')
}
