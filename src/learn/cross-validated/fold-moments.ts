/** Moments of what each fold trains on and holds out. */

import type { NDArray, Rows } from '../../arrays/index.ts'
import { TrainingParts } from '../row-parts/training-parts.ts'
import { differences } from '../statistics/column-maps.ts'
import { hasLostDigits } from '../statistics/lost-digits.ts'
import { PartMerges } from '../statistics/merge-statistics.ts'
import { Moments } from '../statistics/moments.ts'
import type { RowFolds } from './cross-validation-folds.ts'

/** Moments for choosing a penalty. */
export interface FoldMoments {
  readonly all: Moments
  readonly folds: readonly {
    readonly train: Moments
    readonly test: Moments
    /** The rows that `train` describes. */
    readonly rows: Rows
  }[]
}

/**
 * Reads the moments of all folds in one pass, part by part: rows that all folds treat alike are one part. A fold is read again by itself
 * when a column of its training rows lies many of its standard deviations from the other rows; so is each fold when there are too many
 * parts.
 *
 * @param rows - all rows of the folds
 */
export async function readFoldMoments(
  X: NDArray,
  y: NDArray,
  rows: Rows,
  split: RowFolds,
  weights: Float64Array | null,
): Promise<FoldMoments> {
  const read = (groups: readonly Rows[]): Promise<Moments[]> =>
    Moments.compute(X, y, { groups, ...(weights !== null && { weights }) })
  const sure = async (moments: Moments, group: () => Rows): Promise<Moments> =>
    hasLostDigits(moments) ? (await read([group()]))[0]! : moments
  const { all, trains, tests } = split.areParts
    ? await readDivided(split, read)
    : ((await readParts(split, read)) ?? (await readEach(split, rows, read)))
  const folds = []
  for (const [k, fold] of split.folds.entries()) {
    folds.push({
      train: await sure(trains[k]!, () => fold.train),
      test: await sure(tests[k]!, () => fold.test),
      get rows() {
        return fold.train
      },
    })
  }
  return { all: await sure(all, () => rows), folds }
}

/** Moments of all rows, and of what each fold learns from and holds out. */
interface ReadMoments {
  readonly all: Moments
  readonly trains: readonly Moments[]
  readonly tests: readonly Moments[]
}

type Read = (groups: readonly Rows[]) => Promise<Moments[]>

/** Folds of which one holds out each row: what they hold out are the parts. */
async function readDivided({ folds }: RowFolds, read: Read): Promise<ReadMoments> {
  const tests = await read(folds.map(({ test }) => test))
  return { all: Moments.merge(tests), trains: Moments.mergeOthers(tests), tests }
}

/** Any folds, unless there are too many parts. */
async function readParts(
  { positions, at }: RowFolds,
  read: Read,
): Promise<ReadMoments | undefined> {
  const { folds, count } = positions
  const held = folds.map(({ test }) => ({ train: test, test: noRows }))
  const parts = TrainingParts.find([...folds, ...held], count)
  if (parts === undefined) return undefined
  try {
    const moments = await read(parts.rows.map(at))
    const merges = new PartMerges(moments)
    const momentsOf = (side: number): Moments => merges.of(parts.learnedBy(side))
    return {
      all: Moments.merge(moments),
      trains: folds.map((_, k) => momentsOf(k)),
      tests: folds.map((_, k) => momentsOf(folds.length + k)),
    }
  } finally {
    parts[Symbol.dispose]()
  }
}

const noRows: Rows = { ranges: [] }

/** Reads rows once for each fold that they are in. */
async function readEach({ folds }: RowFolds, rows: Rows, read: Read): Promise<ReadMoments> {
  const sides = [...folds.map(({ train }) => train), ...folds.map(({ test }) => test)]
  const [all, ...moments] = await read([rows, ...sides])
  return { all: all!, trains: moments.slice(0, folds.length), tests: moments.slice(folds.length) }
}

/**
 * The mean square error of a linear model on the rows of moments, by which no row is read.
 *
 * @param train - moments whose means the model meets, with an intercept
 * @param coefficients - one of shape (d) for each target
 * @returns the mean over rows and targets
 */
export function heldOutError(
  { train, test }: { readonly train: Moments; readonly test: Moments },
  coefficients: readonly Float64Array[],
  fitIntercept: boolean,
): number {
  const { columns: d, cross, weight, mean } = test
  const p = d + coefficients.length
  const apart = fitIntercept ? differences(train, test) : mean
  const errors = coefficients.map((w, target) => {
    const y = d + target
    let [squares, bias] = [cross[y * p + y]!, apart[y]!]
    for (let i = 0; i < d; i++) {
      if (w[i] === 0) continue
      let product = -2 * cross[i * p + y]!
      for (let j = 0; j < d; j++) product += w[j]! * cross[i * p + j]!
      squares += w[i]! * product
      bias -= w[i]! * apart[i]!
    }
    return Math.max(0, squares) / weight + bias * bias
  })
  return errors.reduce((sum, error) => sum + error, 0) / errors.length
}
