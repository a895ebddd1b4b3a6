/** Reads a process's open files for shared memory and marks. */

import { decodeHeapPage, heapPageBytes, isHeapPage } from '../marks/heap-page.ts'
import type { IsolateHeap } from '../marks/heap-page.ts'
import { isMarkFile, isMonitorFile } from '../marks/mark-file.ts'
import { isUnnamed } from '../proc/shared-file.ts'
import type { ProcFiles } from '../proc/proc-files.ts'
import { distinct, segmentName } from '../proc/segments.ts'
import type { Segment } from '../proc/segments.ts'

/** What the open files of a process say. */
export interface Findings {
  /** Shared memory that it holds open, mapped or not, each piece once. */
  readonly segments: readonly Segment[]
  /** The heaps that its isolates publish. */
  readonly isolates: readonly IsolateHeap[]
  /** Paths of files that it writes its marks to. */
  readonly markFiles: readonly string[]
}

/** The files behind the descriptors that matter. */
interface Links {
  readonly segments: readonly (readonly [path: string, name: string])[]
  readonly heapPages: readonly string[]
  readonly markFiles: readonly string[]
}

/** Links are read at least at every tenth look, for memory that no mapping shows. */
const looksPerReading = 10

/**
 * Follows the open files of one process. Of memfds and files of /dev/shm the kernel keeps block
 * counts, so their sizes are exact, cost one `stat` each, and do not touch the page tables of those
 * who map them. Memory that no process maps is seen too; RSS and PSS don't show it.
 */
export class Descriptors {
  readonly #files: ProcFiles
  readonly #pid: number
  readonly #folder: string
  /** What the links were read for; while it stays, so do the links. */
  #state = ''
  #looks = 0
  #links: Links | undefined

  constructor(files: ProcFiles, pid: number) {
    this.#files = files
    this.#pid = pid
    this.#folder = `/proc/${pid}/fd`
  }

  /**
   * @param touched - shared memory that the process has touched now: when it is as before, and so
   *   are the descriptors, their links are too. Reading these is half the cost of a sample.
   * @param options - `lazy`: may miss for some looks that one file was opened and another closed
   * @returns `undefined` when the process belongs to another user, who hides it
   */
  find(
    touched: number | undefined,
    options: { lazy?: boolean | undefined } = {},
  ): Findings | undefined {
    if (!options.lazy) this.#looks = 0
    this.#refresh(touched)
    if (this.#links === undefined) return undefined
    const { segments, heapPages, markFiles } = this.#links
    return {
      segments: distinct(
        segments.flatMap(([path, name]) => {
          const file = this.#files.blocks(path)
          return file ? [{ ...file, name }] : []
        }),
      ),
      isolates: newest(heapPages.flatMap((path) => this.#readHeap(path) ?? [])),
      markFiles,
    }
  }

  /** Reads the links again when they may have changed. */
  #refresh(touched: number | undefined): void {
    const isDue = this.#looks++ % looksPerReading === 0
    // Since Linux 6.2 a folder of descriptors says how many there are; before, all are listed.
    const count = this.#files.size(this.#folder) ?? 0
    if (!isDue && count > 0 && this.#state === `${touched} ${count}`) return
    const names = this.#files.list(this.#folder)
    const state = `${touched} ${count > 0 ? count : names?.join(' ')}`
    if (isDue || names === undefined || state !== this.#state) this.#links = this.#readLinks(names)
    this.#state = state
  }

  #readLinks(names: readonly string[] | undefined): Links | undefined {
    if (names === undefined) return undefined
    const segments: [string, string][] = []
    const heapPages: string[] = []
    const markFiles: string[] = []
    for (const name of names) {
      const path = `${this.#folder}/${name}`
      const target = this.#files.link(path)
      if (target === undefined) continue
      const head = isUnnamed(target) ? this.#files.head(path, 32) : undefined
      // Its owner is about to write its first bytes: look again soon.
      if (head?.length === 0) this.#looks = 0
      const segment = segmentName(target)
      if (head && isHeapPage(head)) heapPages.push(path)
      else if (head && isMarkFile(head)) markFiles.push(path)
      // What a monitor in the process keeps is not the program's memory.
      else if (segment !== undefined && !(head && isMonitorFile(head)))
        segments.push([path, segment])
    }
    return { segments, heapPages, markFiles }
  }

  #readHeap(path: string): IsolateHeap | undefined {
    const page = this.#files.head(path, heapPageBytes)
    return page && decodeHeapPage(page, this.#pid)
  }
}

/** One heap a thread: two copies of the library in one process publish two. */
function newest(heaps: readonly IsolateHeap[]): IsolateHeap[] {
  if (heaps.length < 2) return [...heaps]
  const byThread = new Map<number, IsolateHeap>()
  for (const heap of heaps) {
    if ((byThread.get(heap.thread)?.epochMs ?? -1) < heap.epochMs) byThread.set(heap.thread, heap)
  }
  return [...byThread.values()].sort((a, b) => a.thread - b.thread)
}
