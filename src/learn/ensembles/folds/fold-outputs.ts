/** Where the folds of a layer write their predictions. */

import { countRows, type NDArray, shared, toRowNumbers } from '../../../arrays/index.ts'
import { type LayerFolds, partitionOf } from './layer-folds.ts'

/**
 * The matrix of out-of-fold predictions, shape (n, columns). Where folds hold out the same rows, they predict round by round to
 * a second matrix of this shape, and their mean is kept. Rows without a prediction hold NaN.
 */
export class FoldOutputs {
  /** Out-of-fold predictions; freed by the caller. */
  readonly Z: NDArray<'float64'>
  readonly #folds: LayerFolds
  readonly #round: NDArray<'float64'> | undefined

  constructor(folds: LayerFolds, n: number, columns: number) {
    this.#folds = folds
    this.Z = shared([n, columns], 'float64')
    if (folds.rounds.length > 1) this.#round = shared([n, columns], 'float64')
    else if (countRows(folds.predicted) < n || folds.partitions > 1) this.#fill(Number.NaN)
  }

  /** What folds predict into. Columns of a learner may be written until its round ends. */
  get target(): NDArray<'float64'> {
    return this.#round ?? this.Z
  }

  /**
   * Takes the predictions of a round.
   *
   * @param columnsOf - columns that a fold's predictions are in
   */
  endRound(round: readonly number[], columnsOf: (partition: number) => readonly number[]): void {
    const from = this.#round
    if (from === undefined) return
    for (const k of round) {
      const fold = this.#folds.folds[k]!
      const rows = toRowNumbers(fold.test)
      for (const column of columnsOf(partitionOf(fold)))
        for (const row of rows)
          this.Z.set(this.Z.get(row, column) + from.get(row, column), row, column)
    }
  }

  /** Turns sums of all rounds into means. */
  endRounds(columnsOf: (partition: number) => readonly number[]): void {
    if (this.#round === undefined) return
    const { folds, splits, partitions } = this.#folds
    const [n] = this.Z.shape as [number, number]
    for (let partition = 0; partition < partitions; partition++) {
      const counts = new Uint32Array(n)
      for (const fold of folds.slice(0, splits))
        if (partitionOf(fold) === partition)
          for (const row of toRowNumbers(fold.test)) counts[row]!++
      for (const column of columnsOf(partition))
        for (let row = 0; row < n; row++)
          this.Z.set(this.Z.get(row, column) / counts[row]!, row, column)
    }
  }

  /** Frees what rounds were predicted to. */
  close(): void {
    this.#round?.[Symbol.dispose]()
  }

  #fill(value: number): void {
    const { data, offset, size } = this.Z
    data.fill(value, offset, offset + size)
  }
}
