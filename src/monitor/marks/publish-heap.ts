/** Publishes the heap of this isolate for monitors. */

import { closeSync, writeSync } from 'node:fs'
import { getHeapStatistics } from 'node:v8'
import { isMainThread, threadId } from 'node:worker_threads'
import { show } from '../../errors.ts'
import { requireKnown } from '../../options.ts'
import { encodeHeapPage } from './heap-page.ts'
import { openSharedFile } from '../proc/shared-file.ts'
import { hasProc } from '../proc/proc-files.ts'

/** Publishes a heap until it is disposed. */
export interface HeapPublisher {
  /** Writes the current figures. They are also written regularly while the event loop is free. */
  update(): void
  [Symbol.dispose](): void
}

/**
 * Publishes the heap, external memory and ArrayBuffers of this isolate (the main thread or a
 * worker thread) for all monitors that watch this process. Workers of a watched `Parallel` and the
 * thread that starts a monitor do so automatically; call it in other threads and programs.
 *
 * The figures are 256 bytes in a file without a name, which disappears with the thread. They are
 * written every 100 ms while they change and every second otherwise. This does not keep the program
 * running. A busy event loop writes nothing: call `update()` during long work.
 * Without /proc (macOS) nothing is published.
 *
 * @param options - `name`: the name in the report, default `main` or `thread 3`; the first name of
 *   an isolate is kept. `tasks`: returns how many tasks it has finished, for the throughput on the
 *   live page
 * @throws TypeError when the name is not a string
 */
export function publishHeap(
  options: { readonly name?: string; readonly tasks?: () => number } = {},
): HeapPublisher {
  requireKnown('publishHeap', options, { name: true, tasks: true })
  const { name = isMainThread ? 'main' : `thread ${threadId}`, tasks = () => 0 } = options
  if (typeof name !== 'string') {
    throw new TypeError(`Expected \`name\` to be a string, got ${show(name)}.`)
  }
  current ??= new Publisher(name, tasks)
  const publisher = current
  publisher.users++
  let isOpen = true
  return {
    update: () => {
      if (isOpen) publisher.write()
    },
    [Symbol.dispose]: () => {
      if (!isOpen) return
      isOpen = false
      publisher.leave()
    },
  }
}

/** All callers in an isolate share one page. */
let current: Publisher | undefined

const quickMs = 100
const slowMs = 1000

class Publisher {
  users = 0
  readonly #name: string
  readonly #tasksSoFar: () => number
  readonly #isSeen = hasProc()
  #file: number | undefined
  #count = 0
  #last = 0
  #tasks = 0
  #timer: NodeJS.Timeout | undefined

  constructor(name: string, tasksSoFar: () => number) {
    this.#name = name
    this.#tasksSoFar = tasksSoFar
    this.write()
    this.#plan(quickMs)
  }

  /** @returns whether the figures differ by more than a hundredth from those before */
  write(): boolean {
    if (!this.#isSeen) return false
    const { used_heap_size, total_heap_size, external_memory } = getHeapStatistics()
    const { arrayBuffers } = process.memoryUsage()
    const tasks = this.#tasksSoFar()
    const page = encodeHeapPage(process.pid, ++this.#count, {
      thread: threadId,
      name: this.#name,
      epochMs: performance.timeOrigin + performance.now(),
      heapUsed: used_heap_size,
      heapTotal: total_heap_size,
      external: external_memory,
      arrayBuffers,
      tasks,
    })
    this.#file ??= openSharedFile(page)
    if (this.#file === undefined) return false
    try {
      writeSync(this.#file, page, 0, page.length, 0)
    } catch {
      return false // a full disk is no reason to end the program that is watched
    }
    const sum = used_heap_size + external_memory
    const hasChanged = Math.abs(sum - this.#last) > 0.01 * sum || tasks > this.#tasks
    if (hasChanged) this.#last = sum
    this.#tasks = tasks
    return hasChanged
  }

  leave(): void {
    if (--this.users > 0) return
    clearTimeout(this.#timer)
    if (this.#file !== undefined) closeSync(this.#file)
    if (current === this) current = undefined
  }

  #plan(ms: number): void {
    if (this.#file === undefined) return
    this.#timer = setTimeout(() => {
      this.#plan(this.write() ? quickMs : Math.min(slowMs, 2 * ms))
    }, ms).unref()
  }
}
