/** Measures predictions of learners beside their scores. */

import { isOneCopyError } from '../../errors.ts'
import type { NDArray } from '../../arrays/index.ts'
import type { Fold } from '../../learn/index.ts'
import { FoldScores, type MemberOutput, requireScorer } from '../../learn/internal.ts'
import type { StackTarget } from '../../learn/internal.ts'
import type { ClassScores, NumberScores } from './fit-report.ts'

/** Predictions, and the rows and folds that they are of. */
export interface Predicted {
  readonly columns: NDArray
  readonly output: MemberOutput
  readonly rows: Fold['test']
  readonly folds: readonly Pick<Fold, 'test'>[]
}

/** Measures predictions of one target. */
export class Measure {
  readonly #target: StackTarget
  readonly #weights: Float64Array | undefined
  readonly #scores = new Map<string, FoldScores>()

  constructor(target: StackTarget, weights: NDArray<'float64'> | undefined) {
    this.#target = target
    this.#weights = weights?.toTypedArray()
  }

  /** What a report says of predictions of numbers or of classes. */
  describe({ columns, output, rows, folds }: Predicted): NumberScores | ClassScores {
    const all = [{ test: rows }]
    const mean = (scorer: string): number => {
      const found = this.of(scorer, columns, output, folds)
      return found.reduce((sum, value) => sum + value, 0) / found.length
    }
    const whole = (scorer: string): number => this.of(scorer, columns, output, all)[0]!
    return this.#target.labels === undefined
      ? { rmse: mean('rmse'), r2: orNull(whole('r2')) }
      : { accuracy: mean('accuracy'), logLoss: orNull(whole('logLoss')) }
  }

  /** Scores of folds; NaN where the predictions are not what the scorer needs. */
  of(
    scorer: string,
    columns: NDArray,
    output: MemberOutput,
    folds: Predicted['folds'],
  ): readonly number[] {
    let scores = this.#scores.get(scorer)
    if (scores === undefined) {
      scores = new FoldScores(requireScorer(scorer), this.#target, this.#weights)
      this.#scores.set(scorer, scores)
    }
    const numbered = new Map(folds.map((fold, i) => [i, fold as Fold]))
    const stacked = asStacked(columns, output)
    return scores.of(stacked.columns, stacked.output, numbered)
  }
}

/** Measures predictions of a test, of which some scores need more rows or classes than there are: these are NaN. */
export class TestMeasure extends Measure {
  readonly #refused = new Map<string, string>()

  /** Scorers that refused the rows, and what they expected. */
  get refused(): readonly (readonly [scorer: string, reason: string])[] {
    return [...this.#refused]
  }

  override of(scorer: string, ...given: FoldsGiven): readonly number[] {
    try {
      return super.of(scorer, ...given)
    } catch (error) {
      if (!isOneCopyError(error) || !['ERR_ROWS', 'ERR_VALUE'].includes(error.code)) throw error
      const [first] = error.message.split('. ') as [string]
      const reason = error.code === 'ERR_ROWS' ? 'a single row has none' : first.replace(/\.$/, '')
      this.#refused.set(scorer, `${reason}.`)
      return given[2].map(() => Number.NaN)
    }
  }
}

type FoldsGiven = [columns: NDArray, output: MemberOutput, folds: Predicted['folds']]

/** A number, or null in place of one that is none: JSON has no NaN. */
export function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value
}

/** Probabilities of two classes have two columns in an ensemble's predictions, and one where they are stacked. */
function asStacked(
  columns: NDArray,
  output: MemberOutput,
): { readonly columns: NDArray; readonly output: MemberOutput } {
  const isPair = output.rowShape[0] === 2 && output.classes === 2
  return isPair
    ? { columns: columns.slice(null, [1, 2]), output: { ...output, rowShape: [1] } }
    : { columns, output }
}
