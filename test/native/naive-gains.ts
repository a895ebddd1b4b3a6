/** Gains of splits computed anew from the rows of a node, to judge the splits of grown trees by. */

import { goesLeftBy, type PlainTree } from './naive-trees.ts'

/** Rows with targets and weights, as bins. */
export interface GainProblem {
  /** The bin of each column in each row; 255: missing. */
  readonly bins: readonly (readonly number[])[]
  readonly y: readonly number[]
  readonly weights: readonly number[] | null
  readonly leastCount: number
  /** Whether `y` are classes, whose Gini impurity is lowered; default: numbers, whose squared errors are. */
  readonly hasClasses?: boolean
  /** Columns with categories, of numbers or of two classes; default: none. */
  readonly categorical?: readonly number[]
}

/**
 * Walks a tree that was grown without a limit, and throws where a split gains less than another one
 * would by more than a share of `tolerance`, or where a leaf could be split. Each node's errors are taken about its own mean, so that no digits are lost to other rows.
 */
export function requireBestSplits(problem: GainProblem, tree: PlainTree, tolerance = 1e-6): void {
  const check = (node: PlainTree, rows: readonly number[]): void => {
    const error = errorOf(problem, rows)
    const best = bestGain(problem, rows, error)
    if (typeof node === 'number') {
      const rounding = problem.hasClasses === true ? 1e-12 * rows.length : 0
      if (best > 1e-9 * error + rounding)
        throw new Error(`A leaf of ${rows.length} rows could gain ${best} of ${error}.`)
      return
    }
    const [column, last, missingLeft, left, right] = node
    const goesLeft = (row: number): boolean =>
      goesLeftBy(last, missingLeft, problem.bins[row]![column]!)
    const parts = [rows.filter(goesLeft), rows.filter((row) => !goesLeft(row))] as const
    const gain = gainOf(problem, rows, parts)
    if (!(gain >= best * (1 - tolerance) - 1e-12 * Math.abs(error)))
      throw new Error(`A split of ${rows.length} rows gains ${gain}, another one would ${best}.`)
    check(left, parts[0])
    check(right, parts[1])
  }
  check(
    tree,
    problem.y.map((_, i) => i),
  )
}

/** Weights as shares of the greatest one. */
function weightOf({ weights }: GainProblem, row: number): number {
  return weights === null ? 1 : weights[row]! / Math.max(...weights)
}

function meanOf(problem: GainProblem, rows: readonly number[], about: number): number {
  let [sum, total] = [0, 0]
  for (const row of rows) {
    sum += weightOf(problem, row) * (problem.y[row]! - about)
    total += weightOf(problem, row)
  }
  return about + sum / total
}

/** The sum of squared errors about the mean, which is found in two steps, or of Gini impurities. */
function errorOf(problem: GainProblem, rows: readonly number[]): number {
  if (problem.hasClasses === true) return giniOf(problem, rows)
  const mean = meanOf(problem, rows, meanOf(problem, rows, 0))
  return rows.reduce((sum, row) => sum + weightOf(problem, row) * (problem.y[row]! - mean) ** 2, 0)
}

/** What a split lowers the sum of squared errors by: the weights' harmonic mean times the squared distance of the means. */
function gainOf(
  problem: GainProblem,
  rows: readonly number[],
  parts: readonly (readonly number[])[],
): number {
  if (problem.hasClasses === true) {
    const [left, right] = parts.map((part) => giniOf(problem, part))
    return giniOf(problem, rows) - left! - right!
  }
  const about = meanOf(problem, rows, meanOf(problem, rows, 0))
  const [a, b] = parts.map((part) => part.reduce((sum, row) => sum + weightOf(problem, row), 0))
  const [left, right] = parts.map((part) => meanOf(problem, part, about) - about)
  return a! * (b! / (a! + b!)) * (left! - right!) ** 2
}

/** Weight times Gini impurity. */
function giniOf(problem: GainProblem, rows: readonly number[]): number {
  const weights = new Map<number, number>()
  let total = 0
  for (const row of rows) {
    const label = problem.y[row]!
    weights.set(label, (weights.get(label) ?? 0) + weightOf(problem, row))
    total += weightOf(problem, row)
  }
  return [...weights.values()].reduce((rest, weight) => rest - weight ** 2 / total, total)
}

function bestGain(problem: GainProblem, rows: readonly number[], error: number): number {
  let best = 0
  if (rows.length < 2 * problem.leastCount || error === 0) return best
  for (const column of problem.bins[0]!.keys()) {
    const binOf = (row: number): number => problem.bins[row]![column]!
    if (problem.categorical?.includes(column) === true) {
      // The best way to part categories in two cuts them in the order of their means (Fisher 1958).
      const about = meanOf(problem, rows, 0)
      const meanOfBin = (bin: number): number =>
        meanOf(
          problem,
          rows.filter((row) => binOf(row) === bin),
          about,
        )
      const order = [...new Set(rows.map(binOf))].toSorted((a, b) => meanOfBin(a) - meanOfBin(b))
      const means = order.map(meanOfBin)
      const width = means.at(-1)! - means[0]!
      for (let size = 1; size < order.length; size++) {
        // Categories of one mean may stand in any order, and a least count may forbid a cut in one of these only.
        if (means[size]! - means[size - 1]! <= 1e-9 * width) continue
        const isLeft = (row: number): boolean => order.indexOf(binOf(row)) < size
        const parts = [rows.filter(isLeft), rows.filter((row) => !isLeft(row))] as const
        if (parts.some((part) => part.length < problem.leastCount)) continue
        best = Math.max(best, gainOf(problem, rows, parts))
      }
      continue
    }
    for (const cut of new Set(rows.map(binOf))) {
      for (const missingLeft of [false, true]) {
        const goesLeft = (row: number): boolean =>
          binOf(row) === 255 ? missingLeft : binOf(row) <= cut
        const parts = [rows.filter(goesLeft), rows.filter((row) => !goesLeft(row))] as const
        if (parts.some((part) => part.length < problem.leastCount)) continue
        best = Math.max(best, gainOf(problem, rows, parts))
      }
    }
  }
  return best
}
