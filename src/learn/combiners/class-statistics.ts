/** Statistics of the probabilities of each class, for weights of classifiers. */

import { type NDArray, zeros } from '../../arrays/index.ts'
import { OneCopyError } from '../../errors.ts'
import type { ClassColumns } from '../contract/combiner.ts'
import type { FoldData } from '../contract/fold-sharing.ts'
import { FoldStatistics } from '../contract/moments-of-folds.ts'
import { Moments } from '../statistics/moments.ts'
import type { ReadOptions } from '../statistics/read-moments.ts'

/**
 * How so many columns hold probabilities of so many classes.
 *
 * @throws OneCopyError `ERR_SHAPE`
 */
export function classColumns(columns: number, classes: number): ClassColumns {
  const width = classes === 2 ? 1 : classes
  if (columns > 0 && columns % width === 0) return { learners: columns / width, classes, width }
  throw new OneCopyError(
    'ERR_SHAPE',
    `Expected \`X\` to have ${classes} columns for each classifier, the probabilities of ${classes} classes, got ${columns} columns.`,
    { details: { classes, columns } },
  )
}

/** Probabilities of one class by each classifier, and its indicator. */
interface OneClass {
  readonly X: NDArray
  readonly y: NDArray
}

/** The problem of each class whose probability the columns hold: of two classes only the second. */
function problemsOf(X: NDArray, codes: Uint16Array, { classes, width }: ClassColumns): OneClass[] {
  const counted = width === 1 ? [1] : Array.from({ length: classes }, (_, code) => code)
  return counted.map((code) => {
    const y = zeros([codes.length], 'uint8')
    const { data } = y
    for (let row = 0; row < codes.length; row++) data[row] = Number(codes[row] === code)
    return { X: X.slice(null, [width === 1 ? 0 : code, X.shape[1]!, width]), y }
  })
}

/** Reads the moments of each class; a class's columns are read in place. */
export async function classMoments(
  X: NDArray,
  codes: Uint16Array,
  columns: ClassColumns,
  options: ReadOptions,
): Promise<Moments[]> {
  const found: Moments[] = []
  for (const { X: own, y } of problemsOf(X, codes, columns))
    found.push((await Moments.compute(own, y, options))[0]!)
  return found
}

/** Reads the moments of each class for all folds. */
export async function classStatistics(
  data: FoldData,
  codes: Uint16Array,
  columns: ClassColumns,
): Promise<FoldStatistics[]> {
  const found: FoldStatistics[] = []
  for (const one of problemsOf(data.X, codes, columns)) {
    // Other properties stay those of `data`, some of which are made when they are first asked for.
    const own = Object.assign(Object.create(data) as FoldData, one)
    found.push(await FoldStatistics.read(own))
  }
  return found
}
