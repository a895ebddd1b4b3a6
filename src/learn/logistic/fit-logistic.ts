/** Fits logistic models: chooses the method, makes the passes over the rows. */

import type { Rows } from '../../arrays/index.ts'
import { kernelThreads, native } from '../../native/index.ts'
import { limitedMemory } from './limited-memory.ts'
import { kernelRowsOf, type LogisticData } from './logistic-data.ts'
import { newton } from './newton.ts'
import type { Minimizer, Minimum, Objective, PointSums, Stopping } from './penalty-terms.ts'
import { sampleBlocks } from './sample-blocks.ts'

/** Which model is fitted, and how exactly. */
export interface LogisticSettings extends Stopping {
  /** Weight of the sum of absolute coefficients, >= 0. */
  readonly l1: number
  /** Weight of half the sum of squared coefficients, >= 0. */
  readonly l2: number
  /** Factor of the weights of each class, shape (classes). */
  readonly classFactors: Float64Array
}

/** A fitted model. */
export interface LogisticFit extends Omit<Minimum, 'coefficients'> {
  /** Shape (scores, 1 + d), the intercept first, of raw columns. */
  readonly coefficients: Float64Array
  readonly solver: LogisticSolver
}

/** `'newton'` by second derivatives, `'lbfgs'` where there are too many coefficients for them. */
export type LogisticSolver = 'newton' | 'lbfgs'

/** Most coefficients that Newton's method is used for: it takes the square of their number in memory, and their cube in time. */
const mostForNewton = 512

/** Exact enough for a first guess from a sample. */
const roughly: Stopping = { tol: 1e-3, maxIter: 8 }

/** Fits one model on the rows of `data`. */
export async function fitLogistic(
  data: LogisticData,
  settings: LogisticSettings,
): Promise<LogisticFit> {
  const objective = objectiveOf(data, settings)
  const { scores, width } = objective
  if (data.classes.length === 1) {
    const coefficients = new Float64Array(width)
    return { coefficients, iterations: 0, converged: true, lastStep: 0, solver: 'newton' }
  }
  let start: Float64Array = new Float64Array(scores * width)
  const sample = sampleBlocks(data.rows)
  const usesNewton = start.length <= mostForNewton
  if (usesNewton && sample !== undefined) {
    const [l1, l2] = [settings.l1 * sample.share, settings.l2 * sample.share]
    // Of a sample, classes may well be told apart without error: so some penalty in any case.
    const smaller = { ...objective, l1, l2: Math.max(l2, l1 === 0 ? 1 : 0) }
    const guess = newton(smaller, start, roughly)
    start = (await run(guess, data, settings, sample.rows)).coefficients
  }
  const search = usesNewton
    ? newton(objective, start, settings)
    : limitedMemory(objective, start, deviationsOf(data), settings)
  const minimum = await run(search, data, settings, data.rows)
  return {
    ...minimum,
    solver: usesNewton ? 'newton' : 'lbfgs',
    coefficients: onRawColumns(data, objective, minimum.coefficients),
  }
}

function objectiveOf(data: LogisticData, { l1, l2 }: LogisticSettings): Objective {
  const scores = scoresOf(data)
  return { scores, width: data.columns + 1, l1, l2, isFree: data.isFree, spread: data.spread }
}

/** One score tells two classes apart; more classes have one each. */
function scoresOf({ classes }: LogisticData): number {
  return classes.length <= 2 ? 1 : classes.length
}

/** Makes the passes that a search asks for. */
async function run(
  search: Minimizer,
  data: LogisticData,
  { classFactors }: LogisticSettings,
  rows: Rows,
): Promise<Minimum> {
  const given = kernelRowsOf(data, [rows])
  const scores = scoresOf(data)
  for (let next = search.next(); ;) {
    if (next.done === true) return next.value
    const { coefficients, withHessian } = next.value
    const sums = await native.logisticSums(
      given,
      { count: 1, scores, coefficients, classWeights: classFactors, withHessians: withHessian },
      kernelThreads(),
    )
    const point: PointSums = {
      weight: sums.weight[0]!,
      loss: sums.loss[0]!,
      gradient: sums.gradient,
      hessian: withHessian ? sums.hessian : undefined,
      margin: sums.margin[0]!,
    }
    next = search.next(point)
  }
}

/** About the standard deviations of the columns, for a first idea of second derivatives. */
function deviationsOf({ spread }: LogisticData): Float64Array {
  return spread.map((value, i) => (i === 0 || value === 0 ? 1 : value / 4))
}

/** Coefficients of columns about the shift as those of raw columns; those of several classes sum to 0. */
function onRawColumns(
  { shift }: LogisticData,
  { scores, width, isFree, l1 }: Objective,
  theta: Float64Array,
): Float64Array {
  const raw = theta.slice()
  for (let s = 0; s < scores; s++) {
    for (let j = 1; j < width; j++) raw[s * width]! -= raw[s * width + j]! * shift[j - 1]!
    if (isFree[0] === 0) raw[s * width] = 0
  }
  if (scores === 1) return raw
  // A constant added to all classes changes nothing but the penalty on absolute values.
  for (let j = 0; j < (l1 > 0 ? 1 : width); j++) {
    let mean = 0
    for (let s = 0; s < scores; s++) mean += raw[s * width + j]! / scores
    for (let s = 0; s < scores; s++) raw[s * width + j]! -= mean
  }
  return raw
}
