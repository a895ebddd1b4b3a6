/** Figures of something that exists during part of a run. */

import { GrowingColumn } from './growing-column.ts'
import type { Columns } from './run-data.ts'

/** Columns that begin at some sample of a run and all have one length. */
export class LineColumns<F extends string> {
  readonly #columns = new Map<F, GrowingColumn>()
  readonly #figures: readonly F[]
  #first: number
  #length = 0

  /**
   * @param figures - what is kept; the first one has a column in any case, each other one when it
   *   is first known
   * @param first - the number of the first sample in the run
   */
  constructor(figures: readonly F[], first: number) {
    this.#figures = figures
    this.#first = first
  }

  /** How many samples it has, gaps included. */
  get length(): number {
    return this.#length
  }

  /**
   * Takes the figures of a sample in; samples since the last one become gaps.
   *
   * @param number - of the sample in the run
   */
  add(values: { readonly [figure in F]?: number | undefined }, number: number): void {
    const gap = number - this.#first - this.#length
    for (const figure of this.#figures) {
      const column = this.#columns.get(figure) ?? this.#newColumn(figure, values[figure])
      for (let missing = 0; missing < gap; missing++) column?.push(undefined)
      column?.push(values[figure])
    }
    this.#length += gap + 1
  }

  /** Changes a figure at a sample of the run. */
  scale(figure: F, number: number, factor: number): void {
    this.#columns.get(figure)?.scale(number - this.#first, factor)
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
   * The columns, and the sample that they begin at.
   *
   * @param from - the sample of the run that counts as its first
   */
  values(from: number): { readonly first: number; readonly columns: Columns<F> } {
    const skipped = Math.max(0, from - this.#first)
    return {
      first: Math.max(0, this.#first - from),
      columns: Object.fromEntries(
        [...this.#columns].map(([figure, column]) => [figure, column.values(skipped)]),
      ) as unknown as Columns<F>,
    }
  }

  #newColumn(figure: F, value: number | undefined): GrowingColumn | undefined {
    if (value === undefined && figure !== this.#figures[0]) return undefined
    const column = new GrowingColumn(Float32Array)
    for (let missing = 0; missing < this.#length; missing++) column.push(undefined)
    this.#columns.set(figure, column)
    return column
  }
}
