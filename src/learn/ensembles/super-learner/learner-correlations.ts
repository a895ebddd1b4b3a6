/** Correlations of predictions with those of the best learner. */

import type { NDArray } from '../../../arrays/index.ts'
import { isOneCopyError } from '../../../errors.ts'
import { outputColumns, widthOf } from '../../outputs/member-output.ts'
import type { LearnerRow, ScoreRow } from '../../selection/score-table.ts'
import { Moments } from '../../statistics/moments.ts'
import type { LayerData } from '../folds/layer-data.ts'
import type { FittedLayer } from '../layer/fit-layer.ts'

/** Columns of a learner in `Z`. */
interface Columns {
  readonly first: number
  readonly width: number
}

/** Products of more columns are summed in several passes over `Z`. */
const mostColumns = 128

/**
 * Adds to scores of the learners of a layer the correlation with the best of them. Products of columns are summed where `Z` lies.
 *
 * @param scores - of the members, in their order
 */
export async function addCorrelations(
  scores: readonly ScoreRow[],
  { members, outOfFold }: FittedLayer,
  { predicted, weights }: LayerData,
  greaterIsBetter: boolean,
): Promise<LearnerRow[]> {
  const best = bestOf(scores, greaterIsBetter)
  if (best === -1) return scores.map((row) => ({ ...row, correlation: Number.NaN }))
  let first = 0
  const places = members.map(({ output }): Columns => {
    const width = widthOf(output)
    first += width
    return { first: first - width, width }
  })
  const { output } = members[best]!
  const target = outputColumns(outOfFold, places[best]!.first, output)
  const options = { groups: [predicted], ...(weights && { weights }) }

  async function correlate(columns: readonly Columns[]): Promise<number[]> {
    const [start, end] = [columns[0]!, columns.at(-1)!]
    const block = outOfFold.slice(null, [start.first, end.first + end.width])
    const moments = await momentsOf(block, target, options)
    if (moments !== undefined)
      return columns.map((own) =>
        correlationOf(moments, { ...own, first: own.first - start.first }),
      )
    // The others have squares that float64 can hold.
    if (columns.length === 1) return [Number.NaN]
    return (await Promise.all(columns.map((own) => correlate([own])))).flat()
  }

  const correlations: number[] = []
  for (const block of blocksOf(places)) correlations.push(...(await correlate(block)))
  // Rounding leaves the best one a little below 1.
  if (!Number.isNaN(correlations[best])) correlations[best] = 1
  return scores.map((row, i) => ({ ...row, correlation: correlations[i]! }))
}

/** The number of the best score, the first of equal ones; -1 when none is a number. */
function bestOf(scores: readonly ScoreRow[], greaterIsBetter: boolean): number {
  let best = -1
  for (const [i, { score }] of scores.entries()) {
    if (Number.isNaN(score)) continue
    const most = best === -1 ? undefined : scores[best]!.score
    if (most === undefined || (greaterIsBetter ? score > most : score < most)) best = i
  }
  return best
}

/** Undefined where squares of values are beyond float64. */
async function momentsOf(
  X: NDArray,
  y: NDArray,
  options: Parameters<typeof Moments.compute>[2],
): Promise<Moments | undefined> {
  try {
    return (await Moments.compute(X, y, options))[0]!
  } catch (error) {
    if (isOneCopyError(error) && error.code === 'ERR_VALUE') return undefined
    throw error
  }
}

/** The correlation of columns of `X` with as many targets, over all of them. */
function correlationOf({ columns: d, targets, cross }: Moments, { first, width }: Columns): number {
  if (width !== targets) return Number.NaN
  const p = d + targets
  const sum = (at: (k: number) => readonly [number, number]): number => {
    let total = 0
    for (let k = 0; k < width; k++) {
      const [i, j] = at(k)
      total += cross[i * p + j]!
    }
    return total
  }
  const own = sum((k) => [first + k, first + k])
  const others = sum((k) => [d + k, d + k])
  const both = sum((k) => [first + k, d + k])
  return Math.min(1, Math.max(-1, both / Math.sqrt(own) / Math.sqrt(others)))
}

/** Neighbouring columns, not many at a time. */
function blocksOf(places: readonly Columns[]): Columns[][] {
  const blocks: Columns[][] = []
  let width = Infinity
  for (const place of places) {
    if (width + place.width > mostColumns) {
      blocks.push([])
      width = 0
    }
    blocks.at(-1)!.push(place)
    width += place.width
  }
  return blocks
}
