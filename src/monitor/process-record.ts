/** What a recorder keeps of one process. */

import { GrowingColumn } from './growing-column.ts'
import type { ProcessFigure, ProcessLine } from './run-data.ts'
import type { ProcessSample } from './sample.ts'

/** Finds a name for people; by default it is the kernel's. */
export type NameOf = (process: ProcessSample) => string

/** The line of one process, from the first sample that saw it to the last. */
export class ProcessRecord {
  readonly #start: ProcessSample
  readonly #startMs: number
  #first: number
  #last: ProcessSample
  #endMs: number
  readonly #peak: { anonymous: number | undefined; rss: number | undefined }
  readonly #columns = new Map<ProcessFigure, GrowingColumn>()
  #length = 0
  readonly #nameOf: NameOf
  #name: string

  /**
   * @param process - its first sample, which {@link add} takes in
   * @param first - the number of that sample in the run
   * @param ms - when that was, after the start of the run
   * @param nameOf - what to call it
   */
  constructor(process: ProcessSample, first: number, ms: number, nameOf: NameOf) {
    this.#start = process
    this.#last = process
    this.#startMs = ms
    this.#endMs = ms
    this.#first = first
    this.#nameOf = nameOf
    this.#name = process.name
    this.#peak = { anonymous: undefined, rss: undefined }
  }

  /** When it was last seen, in milliseconds after the start of the run. */
  get endMs(): number {
    return this.#endMs
  }

  /** What it is called. */
  get name(): string {
    return this.#name
  }

  /** What it counts when only the largest are kept. */
  get size(): number {
    return this.#peak.anonymous ?? 0
  }

  /** Takes the next sample in; samples that did not see the process become gaps. */
  add(process: ProcessSample, number: number, ms: number): void {
    const gap = number - this.#first - this.#length
    const { rollup } = process
    const figures: { [figure in ProcessFigure]?: number | undefined } = {
      ...process,
      ...(rollup ? { pss: rollup.pss, uss: rollup.uss } : {}),
    }
    for (const figure of recorded) {
      const column = this.#columns.get(figure) ?? this.#newColumn(figure, figures[figure])
      for (let missing = 0; missing < gap; missing++) column?.push(undefined)
      column?.push(figures[figure])
    }
    // A new process has the arguments of its parent for a moment, and may take another program.
    if (this.#length < 2 || process.name !== this.#last.name) this.#name = this.#nameOf(process)
    this.#length += gap + 1
    this.#last = process
    this.#endMs = ms
    this.#peak.anonymous = larger(this.#peak.anonymous, process.anonymous)
    this.#peak.rss = larger(this.#peak.rss, process.peakRss)
  }

  /** Keeps some samples of the run. */
  keep(samples: Int32Array): void {
    const first = this.#first
    const mine = samples.filter((sample) => sample >= first && sample < first + this.#length)
    for (const column of this.#columns.values()) column.keep(mine.map((sample) => sample - first))
    this.#length = mine.length
    this.#first = samples.findIndex((sample) => sample >= first)
    if (this.#first < 0) this.#first = samples.length
  }

  /**
   * The line until now.
   *
   * @param from - the sample of the run that the times of the line begin with
   */
  line(from = 0): ProcessLine {
    const { pid, cpuMs } = this.#last
    return {
      pid,
      name: this.#name,
      // It may have lost its parent since it was first seen.
      parent: this.#start.parent,
      startMs: this.#startMs,
      endMs: this.#endMs,
      peak: { ...this.#peak },
      cpuMs,
      first: Math.max(0, this.#first - from),
      columns: Object.fromEntries(
        [...this.#columns].map(([figure, column]) => [
          figure,
          column.values(Math.max(0, from - this.#first)),
        ]),
      ),
    }
  }

  /** A figure gets its column when it is first known, but one that is always there at once. */
  #newColumn(figure: ProcessFigure, value: number | undefined): GrowingColumn | undefined {
    if (value === undefined && figure !== 'anonymous') return undefined
    const column = new GrowingColumn(Float32Array)
    for (let missing = 0; missing < this.#length; missing++) column.push(undefined)
    this.#columns.set(figure, column)
    return column
  }
}

/** The sum of the three kinds is RSS, so it needs no column of its own. */
const recorded = [
  'anonymous',
  'shmem',
  'fileBacked',
  'pageTables',
  'swap',
  'pss',
  'uss',
  'cpuMs',
  'threads',
] as const satisfies readonly ProcessFigure[]

function larger(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a
}
