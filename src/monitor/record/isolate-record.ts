/** The recorded figures of one V8 isolate. */

import type { IsolateHeap } from '../marks/heap-page.ts'
import { LineColumns } from './line-columns.ts'
import { isolateFigures } from './run-data.ts'
import type { IsolateFigure, IsolateLine } from './run-data.ts'

/** The line of one isolate, from the first sample that saw it to the last. */
export class IsolateRecord {
  readonly #pid: number
  readonly #startMs: number
  readonly #columns: LineColumns<IsolateFigure>
  readonly #peak: { [figure in IsolateFigure]: number | undefined }
  #last: IsolateHeap
  #endMs: number

  /**
   * @param pid - its process
   * @param heap - its first figures, which {@link add} takes in
   * @param first - the number of that sample in the run
   * @param ms - when that was, after the start of the run
   */
  constructor(pid: number, heap: IsolateHeap, first: number, ms: number) {
    this.#pid = pid
    this.#startMs = ms
    this.#endMs = ms
    this.#last = heap
    this.#columns = new LineColumns(isolateFigures, first)
    this.#peak = { heapUsed: 0, heapTotal: 0, external: 0, arrayBuffers: 0 }
  }

  /** How many samples it has, gaps included. */
  get length(): number {
    return this.#columns.length
  }

  /** When it was last seen, in milliseconds after the start of the run. */
  get endMs(): number {
    return this.#endMs
  }

  add(heap: IsolateHeap, number: number, ms: number): void {
    this.#columns.add(heap, number)
    this.#last = heap
    this.#endMs = ms
    for (const figure of isolateFigures) {
      this.#peak[figure] = Math.max(this.#peak[figure] ?? 0, heap[figure])
    }
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
  line(from = 0): IsolateLine {
    const { thread, name } = this.#last
    return {
      pid: this.#pid,
      thread,
      name,
      startMs: this.#startMs,
      endMs: this.#endMs,
      peak: { ...this.#peak },
      ...this.#columns.values(from),
    }
  }
}
