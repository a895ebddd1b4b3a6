/** The receiver of a run's results: a list or a stream. */

/** Takes the results of one run. */
export interface Sink {
  /** Results that wait for their reader. */
  readonly buffered: number
  /**
   * How many more tasks may be taken.
   *
   * @param taken - tasks taken so far
   * @param usual - how many results may wait when the user has set no limit: small ones as many as most, and
   *   the largest as few as least
   */
  room(taken: number, usual: { readonly least: number; readonly most: number }): number
  /** Takes a result, which may be in a `LazyResult`; results come in any order, each index once. */
  put(index: number, value: unknown): void
  /** Every result is in. */
  end(): void
  /** The run has failed; nothing more will come. */
  fail(error: unknown): void
}
