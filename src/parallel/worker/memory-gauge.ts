/** Measures the private memory of a worker from inside it. */

import { readFileSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { getHeapStatistics } from 'node:v8'
import { isMainThread } from 'node:worker_threads'
import { collectGarbage } from '../../collect-garbage.ts'
import { native } from '../../native/index.ts'

/** Measuring takes about 30 µs; this is the least time between two measurements. */
const pauseMs = 2

/** Tells when the private memory of a worker exceeds its limit. */
export class MemoryGauge {
  readonly #limit: number
  #measuredAt = 0

  /** @param limit - bytes of private memory; shared mappings don't count */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** The private bytes of a worker that is too large before its first task, else undefined. */
  atStart(): number | undefined {
    if (privateBytes() <= this.#limit) return undefined
    collectGarbage('major')
    const bytes = privateBytes()
    return bytes > this.#limit ? bytes : undefined
  }

  /**
   * Whether the worker looks too large, garbage included; false as long as the last look is not a little
   * while ago.
   */
  looksFull(): boolean {
    const now = performance.now()
    if (now - this.#measuredAt < pauseMs) return false
    this.#measuredAt = now
    return privateBytes() > this.#limit
  }

  /** The private bytes of a worker that is too large even without its garbage, else undefined. */
  async confirm(): Promise<number | undefined> {
    collectGarbage('major')
    await nextTurn() // array buffers are let go after the collection
    const bytes = privateBytes()
    this.#measuredAt = performance.now()
    return bytes > this.#limit ? bytes : undefined
  }
}

/**
 * Memory that ends with this worker: of a process its anonymous memory, of a thread the JavaScript heap and
 * what V8 knows that it holds outside, such as array buffers, without the scratch memory that V8 counts too.
 */
export function privateBytes(): number {
  if (isMainThread) return anonymousBytes() ?? process.memoryUsage.rss()
  const { used_heap_size, malloced_memory, external_memory } = getHeapStatistics()
  return used_heap_size + malloced_memory + external_memory - native.scratchBytes()
}

/** Undefined where no /proc says it (macOS). */
function anonymousBytes(): number | undefined {
  try {
    const [, kiB] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? []
    return kiB === undefined ? undefined : Number(kiB) * 1024
  } catch {
    return undefined
  }
}
