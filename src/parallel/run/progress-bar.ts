/** Shows the progress of a run as a bar or lines. */

import { formatBytes, formatTime } from '../../format.ts'
import type { RunProgress } from './run-progress.ts'
import {
  bar,
  clearedLine,
  isTerminal,
  overwriting,
  type ProgressStream,
} from '../../terminal-line.ts'

/** In a log the first line comes after this time; each further one takes longer, up to `mostLogMs`. */
const firstLogMs = 5000
const mostLogMs = 300_000

/** How often memory is measured. */
const memoryMs = 1000

/** Shows one run. */
export class ProgressBar {
  readonly #stream: ProgressStream
  readonly #isTerminal: boolean
  readonly #memory: MemoryWatch
  #nextLogMs = firstLogMs

  /**
   * @param stream - where to show it, default stderr
   * @param memory - measures the memory of the program and its workers, in bytes
   */
  constructor(
    stream: ProgressStream = process.stderr,
    memory: () => number | undefined = treeMemory,
  ) {
    this.#stream = stream
    this.#isTerminal = isTerminal(stream)
    this.#memory = new MemoryWatch(memory)
  }

  /** Shows it; the last one stays. */
  show(progress: RunProgress): void {
    const { elapsedMs, isOver } = progress
    if (isOver) {
      const cleared = this.#isTerminal ? clearedLine : ''
      this.#stream.write(`${cleared}${describeEnd(progress)}\n`)
    } else if (this.#isTerminal) {
      const line = describeProgress(progress, this.#memory.bytes(elapsedMs))
      this.#stream.write(overwriting(line, this.#stream))
    } else if (elapsedMs >= this.#nextLogMs) {
      this.#nextLogMs = elapsedMs + Math.min(elapsedMs, mostLogMs)
      this.#stream.write(`${describeProgress(progress, this.#memory.bytes(elapsedMs))}\n`)
    }
  }
}

/** Remembers the last figure for a while. */
class MemoryWatch {
  readonly #measure: () => number | undefined
  #bytes: number | undefined
  #nextMs = 0

  constructor(measure: () => number | undefined) {
    this.#measure = measure
  }

  bytes(nowMs: number): number | undefined {
    if (nowMs >= this.#nextMs) {
      this.#nextMs = nowMs + memoryMs
      this.#bytes = this.#measure()
    }
    return this.#bytes
  }
}

let sampleTree: (typeof import('../../monitor/index.ts'))['sampleTree'] | undefined

/** Undefined until the monitor is loaded, which happens on first use. */
function treeMemory(): number | undefined {
  if (sampleTree !== undefined) return sampleTree().hard
  void import('../../monitor/index.ts').then((monitor) => (sampleTree = monitor.sampleTree))
  return undefined
}

/** `evaluate ━━━━━━━━──────────── 40 %  400/1,000  81/s  7 s left  2 failed  1.2 GB`. */
export function describeProgress(progress: RunProgress, memory: number | undefined): string {
  const { name, done, total, rate, remainingMs, failed, retried, running } = progress
  return join([
    name,
    total !== undefined && bar(total === 0 ? 1 : done / total),
    total === undefined ? `${count(done)} done` : `${count(done)}/${count(total)}`,
    rate > 0 ? `${count(rate)}/s` : `${count(running)} running`,
    remainingMs !== undefined && `${formatTime(remainingMs)} left`,
    failed > 0 && `${count(failed)} failed`,
    retried > 0 && `${count(retried)} run again`,
    memory !== undefined && formatBytes(memory),
  ])
}

function describeEnd({ name, done, total, elapsedMs, failed, retried }: RunProgress): string {
  return join([
    name,
    total === undefined || done === total
      ? `${count(done)} done`
      : `${count(done)}/${count(total)}`,
    `in ${formatTime(elapsedMs)}`,
    elapsedMs > 0 && `${count((done / elapsedMs) * 1000)}/s`,
    failed > 0 && `${count(failed)} failed`,
    retried > 0 && `${count(retried)} run again`,
  ])
}

function join(parts: readonly (string | false | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== false).join('  ')
}

function count(value: number): string {
  const digits = value < 10 && !Number.isInteger(value) ? 1 : 0
  return value.toLocaleString('en', { maximumFractionDigits: digits })
}
