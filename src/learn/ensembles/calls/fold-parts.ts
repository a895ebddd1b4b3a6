/** Parts of held-out rows, each for one call to predict. */

import { countRows, type Rows } from '../../../arrays/index.ts'
import { takeRows } from '../../../arrays/internal.ts'
import type { Fold } from '../../contract/fold-sharing.ts'

/** Some of the rows that a fold holds out. */
export interface FoldPart {
  readonly fold: number
  readonly rows: Rows
}

/** How large parts are. */
export interface PartSizes {
  /** Rows of a unit; progress is counted in units. */
  readonly unitRows: number
  /** Most units in a part. */
  readonly mostUnits: number
}

/** How long a call should take at most: so long that it costs little to make, so short that aborting is quick. */
const callSeconds = 0.5

/** Units in what some folds hold out. */
export function countUnits(
  folds: readonly Fold[],
  { unitRows }: PartSizes,
  numbers: Iterable<number> = folds.keys(),
): number {
  let units = 0
  for (const fold of numbers) units += Math.ceil(countRows(folds[fold]!.test) / unitRows)
  return units
}

/**
 * Splits what some folds hold out, in the order of the folds, while calls predict the first parts. The first one has one unit.
 * Those after it are as large as the finished calls have been fast: a model that looks for neighbours is several times faster
 * when many of its rows come together.
 */
export class TimedParts {
  /** The parts that have been asked for. */
  readonly made: FoldPart[] = []
  readonly #folds: readonly Fold[]
  readonly #numbers: readonly number[]
  readonly #sizes: PartSizes
  #ended = 0
  #unitSeconds = Infinity

  /** @param numbers - of the folds */
  constructor(folds: readonly Fold[], numbers: readonly number[], sizes: PartSizes) {
    this.#folds = folds
    this.#numbers = numbers
    this.#sizes = sizes
  }

  *[Symbol.iterator](): Generator<FoldPart> {
    const { unitRows } = this.#sizes
    for (const fold of this.#numbers) {
      const { test } = this.#folds[fold]!
      const units = Math.ceil(countRows(test) / unitRows)
      for (let unit = 0; unit < units;) {
        const next = Math.min(units, unit + this.#unitsNow())
        const part = { fold, rows: takeRows(test, unit * unitRows, next * unitRows) }
        this.made.push(part)
        yield part
        unit = next
      }
    }
  }

  /**
   * Notes that the next call has ended; calls end in the order of the parts.
   *
   * @returns the units of its part
   */
  ended(seconds: number): number {
    const units = Math.ceil(countRows(this.made[this.#ended++]!.rows) / this.#sizes.unitRows)
    this.#unitSeconds = seconds / units
    return units
  }

  #unitsNow(): number {
    const units = Math.floor(callSeconds / Math.max(this.#unitSeconds, Number.MIN_VALUE))
    return Math.max(1, Math.min(units, this.#sizes.mostUnits))
  }
}
