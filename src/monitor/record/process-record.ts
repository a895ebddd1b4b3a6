/** The recorded figures of one process. */

import { constants } from 'node:os'
import { LineColumns } from './line-columns.ts'
import { larger, rssOf } from '../proc/totals.ts'
import { processFigures } from './run-data.ts'
import type { ProcessFigure, ProcessLine } from './run-data.ts'
import type { ProcessSample } from '../sampling/sample.ts'

/** The line of one process, from the first sample that saw it to the last. */
export class ProcessRecord {
  readonly #start: ProcessSample
  readonly #startMs: number
  readonly #columns: LineColumns<ProcessFigure>
  readonly #peak: { anonymous: number | undefined; rss: number | undefined }
  #last: ProcessSample
  #lastKnown: ProcessSample
  #endMs: number
  #name: string

  /**
   * @param process - its first sample, which {@link add} takes in
   * @param first - the number of that sample in the run
   * @param ms - when that was, after the start of the run
   */
  constructor(process: ProcessSample, first: number, ms: number) {
    this.#start = process
    this.#last = process
    this.#lastKnown = process
    this.#startMs = ms
    this.#endMs = ms
    this.#columns = new LineColumns(processFigures, first)
    this.#name = process.title ?? process.name
    this.#peak = { anonymous: undefined, rss: undefined }
  }

  /** How many samples it has, gaps included. */
  get length(): number {
    return this.#columns.length
  }

  /** When it was last seen, in milliseconds after the start of the run. */
  get endMs(): number {
    return this.#endMs
  }

  /** What it is called. */
  get name(): string {
    return this.#name
  }

  /** What it was when it was last seen. */
  get last(): ProcessSample {
    return this.#last
  }

  /** The last sample that saw its memory, which it gives back before it ends. */
  get lastKnown(): ProcessSample {
    return this.#lastKnown
  }

  /** What it counts when only the largest are kept. */
  get size(): number {
    return this.#peak.anonymous ?? 0
  }

  /** Takes the next sample in; samples that did not see the process become gaps. */
  add(process: ProcessSample, number: number, ms: number): void {
    const { rollup, counted } = process
    this.#name = process.title ?? this.#name
    this.#columns.add(
      {
        ...process,
        // The sum of the three kinds is RSS, so it has a column only where a part of it counts.
        ...(counted === undefined ? {} : { anonymous: counted, rss: rssOf(process) }),
        ...(rollup ? { pss: rollup.pss, uss: rollup.uss } : {}),
        ...(this.#hasGivenBack(process) ? nothing : {}),
      },
      number,
    )
    this.#last = process
    if (process.anonymous !== undefined) this.#lastKnown = process
    this.#endMs = ms
    this.#peak.anonymous = larger(this.#peak.anonymous, counted ?? process.anonymous)
    this.#peak.rss = larger(this.#peak.rss, process.peakRss)
  }

  /** Whether its memory was seen and has been freed: it has ended, or is about to. */
  #hasGivenBack({ state, isEnding = false, anonymous }: ProcessSample): boolean {
    return (state === 'Z' || isEnding) && anonymous === undefined && this.size > 0
  }

  /** Changes what counted for it at a sample of the run. */
  scale(number: number, factor: number): void {
    this.#columns.scale('anonymous', number, factor)
  }

  /** Keeps some samples of the run. */
  keep(samples: Int32Array): void {
    this.#columns.keep(samples)
  }

  /**
   * The line until now.
   *
   * @param from - the sample of the run that the times of the line begin with
   */
  line(from = 0): ProcessLine {
    const { pid, cpuMs, waitStatus } = this.#last
    return {
      pid,
      name: this.#name,
      // It may have lost its parent since it was first seen.
      parent: this.#start.parent,
      startMs: this.#startMs,
      endMs: this.#endMs,
      peak: { ...this.#peak },
      cpuMs,
      ...(waitStatus === undefined ? {} : { ending: endingOf(waitStatus) }),
      ...this.#columns.values(from),
    }
  }
}

const nothing = { anonymous: 0, shmem: 0, fileBacked: 0, pageTables: 0, swap: 0 }

/** What wait(2) tells: a signal in the low 7 bits, else an exit code in the byte above. */
function endingOf(waitStatus: number): NonNullable<ProcessLine['ending']> {
  const number = waitStatus & 0x7f
  if (number === 0) return { exitCode: waitStatus >> 8 }
  const found = Object.entries(constants.signals).find(([, value]) => value === number)
  return { signal: found?.[0] ?? `signal ${number}` }
}
