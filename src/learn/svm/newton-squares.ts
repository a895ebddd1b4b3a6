/** Newton's method for linear support vector machines with squared losses. */

import { rowNumbers } from '../../arrays/internal.ts'
import { solve } from '../linear/cholesky.ts'
import { factorizeSafely } from '../logistic/safe-factor.ts'
import { LinearSums } from '../robust/linear-sums.ts'
import { notFinite } from '../statistics/not-finite-sums.ts'
import { sampledMeans } from '../statistics/sampled-means.ts'
import type { MachineRows } from './machine-rows.ts'
import { RowScratch } from '../inputs/row-scratch.ts'

/** More columns are left to coordinate descent: products of all pairs would take longer. */
export const mostNewtonColumns = 256

/** A step that would lower the objective by less than this part of it is rounding. */
const rounding = 1e-14

/** A machine with squared losses. */
export interface SquaredMachine {
  readonly rows: MachineRows
  /** What an error costs, times the factor of its row. */
  readonly C: number
  /** 1 or -1 for classes, or a number. */
  targetOf(row: number): number
  /** Whether scores beyond the target, seen from 0, cost nothing, as for classes. */
  readonly isSided: boolean
  /** Errors up to here cost nothing. */
  readonly epsilon: number
  /** Value of the column of the intercept; 0: none. */
  readonly intercept: number
}

/** A solved machine. */
export interface SquaredFit {
  /** Intercept and coefficients, shape (1 + d). */
  readonly coefficients: Float64Array
  readonly iterations: number
  readonly converged: boolean
  /** Root of what the last step promised. */
  readonly gap: number
}

/**
 * Minimizes ½ ‖w‖² + Σ cost × error², where w includes the intercept. The objective is quadratic as long as the same rows have errors: each step
 * solves least squares on these rows and goes along it to the minimum. It ends at the minimum itself, after some ten steps.
 *
 * @see Keerthi, DeCoste: A modified finite Newton method for fast solution of large scale linear SVMs, JMLR 6 (2005)
 */
export async function fitSquares(machine: SquaredMachine, maxIter: number): Promise<SquaredFit> {
  const scratch = new RowScratch()
  try {
    return await solveSquares(machine, maxIter, scratch)
  } finally {
    scratch[Symbol.dispose]()
  }
}

async function solveSquares(
  machine: SquaredMachine,
  maxIter: number,
  scratch: RowScratch,
): Promise<SquaredFit> {
  const sums = sumsOf(machine)
  const n = machine.rows.X.shape[0]!
  const [scores, change] = [scratch.float64(n), scratch.float64(n)]
  const [weights, goals] = [scratch.float64(n), scratch.float64(n)]
  let theta: Float64Array = new Float64Array(sums.columns + 1)
  markErrors(machine, scores, { weights, goals })
  for (let iterations = 1; ; iterations++) {
    const { gram, products } = await sums.normalSums(weights, goals)
    addPenalty(gram, sums, machine.intercept)
    const goal = solve(factorizeSafely(gram, theta.length).factor, products)
    const step = goal.map((value, j) => value - theta[j]!)
    await sums.scores(step, change)
    const promised = step.reduce((sum, by, j) => sum + by * dotRow(gram, j, step), 0)
    if (!Number.isFinite(promised)) throw notFinite()
    const part = search(machine, sums, { theta, step, scores, change })
    theta = part === 1 ? goal : theta.map((value, j) => value + part * step[j]!)
    await sums.scores(theta, scores)
    const { changed, loss } = markErrors(machine, scores, { weights, goals })
    const value = loss + penaltyOf(sums, machine.intercept, theta)
    const converged = (changed === 0 && part === 1) || promised <= rounding * value
    if (!converged && iterations < maxIter) continue
    const coefficients = theta.slice()
    coefficients[0] = machine.intercept === 0 ? 0 : sums.intercept(theta)
    return { coefficients, iterations, converged, gap: Math.sqrt(Math.max(0, promised)) }
  }
}

function sumsOf({ rows, intercept }: SquaredMachine): LinearSums {
  const { X, columns, numbers } = rows
  const chosen = rowNumbers(numbers)
  const hasIntercept = intercept > 0
  const shift = hasIntercept ? sampledMeans(X, null, [chosen]) : new Float64Array(columns)
  const isFree = new Uint8Array(columns + 1).fill(1)
  isFree[0] = hasIntercept ? 1 : 0
  return new LinearSums(X, chosen, shift, isFree)
}

/** Weights and goals of least squares on the rows with errors; tells how many rows have or lose one, and their loss. */
function markErrors(
  machine: SquaredMachine,
  scores: Float64Array,
  { weights, goals }: { readonly weights: Float64Array; readonly goals: Float64Array },
): { changed: number; loss: number } {
  const { rows, isSided, epsilon } = machine
  const { numbers } = rows
  let changed = 0
  let loss = 0
  for (let i = 0; i < numbers.length; i++) {
    const row = numbers[i]!
    const target = machine.targetOf(row)
    const error = errorOf(target, scores[row]!, isSided, epsilon)
    const cost = costOf(machine, row)
    const weight = error === 0 ? 0 : 2 * cost
    const goal = isSided ? target : target - Math.sign(error) * epsilon
    if (weight !== weights[row] || (weight > 0 && goal !== goals[row])) changed++
    weights[row] = weight
    goals[row] = goal
    loss += cost * error * error
  }
  return { changed, loss }
}

function costOf({ C, rows: { factors } }: SquaredMachine, row: number): number {
  return factors === null ? C : C * factors[row]!
}

/** What the target exceeds the score by, as far as it costs. */
function errorOf(target: number, score: number, isSided: boolean, epsilon: number): number {
  const error = target - score
  if (isSided) return target * error > 0 ? error : 0
  return error > epsilon ? error - epsilon : error < -epsilon ? error + epsilon : 0
}

/** The intercept is that about the shift; the penalty is on that of raw columns, relative to the value of its column. */
function addPenalty(gram: Float64Array, { shift }: LinearSums, intercept: number): void {
  const p = shift.length + 1
  for (let j = 1; j < p; j++) gram[j * p + j]! += 1
  if (intercept === 0) return
  const part = (j: number): number => (j === 0 ? 1 : -shift[j - 1]!) / intercept
  for (let i = 0; i < p; i++) for (let j = 0; j < p; j++) gram[i * p + j]! += part(i) * part(j)
}

function penaltyOf(sums: LinearSums, intercept: number, theta: Float64Array): number {
  const bias = intercept === 0 ? 0 : sums.intercept(theta) / intercept
  return theta.reduce(
    (sum, value, j) => (j === 0 ? sum : sum + (value * value) / 2),
    (bias * bias) / 2,
  )
}

function dotRow(gram: Float64Array, row: number, x: Float64Array): number {
  const start = row * x.length
  let sum = 0
  for (let j = 0; j < x.length; j++) sum += gram[start + j]! * x[j]!
  return sum
}

/** The part of a step at which the objective is least, in (0, 1]. */
function search(
  machine: SquaredMachine,
  sums: LinearSums,
  {
    theta,
    step,
    scores,
    change,
  }: {
    readonly theta: Float64Array
    readonly step: Float64Array
    readonly scores: Float64Array
    readonly change: Float64Array
  },
): number {
  const { rows, isSided, epsilon, intercept } = machine
  const scale = intercept === 0 ? 0 : 1 / (intercept * intercept)
  let [fixed, growing] = [0, 0]
  for (let j = 1; j < step.length; j++) {
    fixed += theta[j]! * step[j]!
    growing += step[j]! * step[j]!
  }
  const bias = sums.intercept(step)
  fixed += scale * sums.intercept(theta) * bias
  growing += scale * bias * bias
  const slopeAt = (part: number): number => {
    const { numbers } = rows
    let slope = fixed + part * growing
    for (let i = 0; i < numbers.length; i++) {
      const row = numbers[i]!
      const by = change[row]!
      const error = errorOf(machine.targetOf(row), scores[row]! + part * by, isSided, epsilon)
      slope -= 2 * costOf(machine, row) * error * by
    }
    return slope
  }
  let [low, high] = [0, 1]
  const first = slopeAt(0)
  if (slopeAt(1) <= -rounding * first) return 1
  // A few halvings: the next steps find the minimum itself.
  for (let turn = 0; turn < 12; turn++) {
    const middle = (low + high) / 2
    if (slopeAt(middle) > 0) high = middle
    else low = middle
  }
  return low > 0 ? low : high
}
