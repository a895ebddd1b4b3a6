/** Fits one logistic model: chooses the method, reads the rows. */

import type { Rows } from '../../arrays/index.ts'
import { kernelThreads, native } from '../../native/index.ts'
import { limitedMemory } from './limited-memory.ts'
import { kernelRowsOf, type LogisticData } from './logistic-data.ts'
import { newton } from './newton.ts'
import type { Minimizer, Minimum, Objective, PointSums, Stopping } from './penalty-terms.ts'
import { sampleBlocks } from './sample-blocks.ts'
import { inScaledColumns, scalesOf } from './scaled-search.ts'

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
  /** Shape (scores, 1 + d), the intercept first: of raw columns, or of columns scaled by the `map` of the data. */
  readonly coefficients: Float64Array
  /** The same for raw columns about `shift`, from where another search can start. */
  readonly theta: Float64Array
  readonly solver: LogisticSolver
}

/** `'newton'` by second derivatives, `'lbfgs'` where there are too many coefficients for them. */
export type LogisticSolver = 'newton' | 'lbfgs'

/** Most coefficients that Newton's method is used for: it takes the square of their number in memory, and their cube in time. */
const mostForNewton = 512

/** Exact enough for a first guess from a sample. */
const roughly: Stopping = { tol: 1e-3, maxIter: 8 }

/**
 * Fits one model on the rows of `data`.
 *
 * @param near - coefficients of a similar model, from where the search starts; default: a guess from a sample of many rows,
 *   zeros for few
 */
export async function fitLogistic(
  data: LogisticData,
  settings: LogisticSettings,
  near?: Float64Array,
): Promise<LogisticFit> {
  const objective = objectiveOf(data, settings)
  const zeros = new Float64Array(objective.scores * objective.width)
  if (data.classes.length === 1) return fittedModel(data, objective, oneClass(zeros))
  const start = near ?? (await guess(data, settings, objective)) ?? zeros
  const search = searchOf(data, objective, start, settings)
  return fittedModel(data, objective, await run(search, data, settings, data.rows))
}

/**
 * The search that suits a model. It asks for sums at coefficients of raw columns about `shift`, whatever the `map` of the data.
 */
export function searchOf(
  data: LogisticData,
  objective: Objective,
  start: Float64Array,
  stopping: Stopping,
): Minimizer {
  const search = (from: Float64Array): Minimizer =>
    solverOf(objective) === 'newton'
      ? newton(objective, from, stopping)
      : limitedMemory(objective, from, deviationsOf(objective), stopping)
  return data.map === undefined
    ? search(start)
    : inScaledColumns(search, start, scalesOf(data.map, objective))
}

/** What is minimized on the rows of `data`. */
export function objectiveOf(data: LogisticData, { l1, l2 }: LogisticSettings): Objective {
  const { columns, isFree, map } = data
  const spread = data.spread.map((value, i) =>
    i === 0 || map === undefined ? value : value / Math.abs(map.scale[i - 1]!),
  )
  return { scores: scoresOf(data), width: columns + 1, l1, l2, isFree, spread }
}

/** What a search has found, as a model of raw columns, or of those that the `map` of the data scales. */
export function fittedModel(
  data: Pick<LogisticData, 'shift' | 'map'>,
  objective: Objective,
  { coefficients: theta, ...minimum }: Minimum,
): LogisticFit {
  const coefficients = onGivenColumns(data, objective, theta)
  return { ...minimum, theta, coefficients, solver: solverOf(objective) }
}

function oneClass(coefficients: Float64Array): Minimum {
  return { coefficients, iterations: 0, converged: true, lastStep: 0 }
}

function solverOf({ scores, width }: Objective): LogisticSolver {
  return scores * width <= mostForNewton ? 'newton' : 'lbfgs'
}

/** A model of a sample of the rows; undefined when there are too few. */
async function guess(
  data: LogisticData,
  settings: LogisticSettings,
  objective: Objective,
): Promise<Float64Array | undefined> {
  const sample = sampleBlocks(data.rows)
  if (sample === undefined || solverOf(objective) !== 'newton') return undefined
  const [l1, l2] = [settings.l1 * sample.share, settings.l2 * sample.share]
  // Of a sample, classes may well be told apart without error: so some penalty in any case.
  const smaller = { ...objective, l1, l2: Math.max(l2, l1 === 0 ? 1 : 0) }
  const zeros = new Float64Array(objective.scores * objective.width)
  const search = searchOf(data, smaller, zeros, roughly)
  return (await run(search, data, settings, sample.rows)).coefficients
}

/** One score tells two classes apart; more classes have one each. */
export function scoresOf({ classes }: LogisticData): number {
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
function deviationsOf({ spread }: Objective): Float64Array {
  return spread.map((value, i) => (i === 0 || value === 0 ? 1 : value / 4))
}

/** Coefficients of raw columns about the shift as those of raw or scaled columns; those of several classes sum to 0. */
function onGivenColumns(
  { shift, map }: Pick<LogisticData, 'shift' | 'map'>,
  { scores, width, isFree, l1 }: Objective,
  theta: Float64Array,
): Float64Array {
  const raw = theta.slice()
  for (let s = 0; s < scores; s++) {
    for (let j = 1; j < width; j++) {
      const from = map?.shift[j - 1] ?? 0
      raw[s * width]! -= raw[s * width + j]! * (shift[j - 1]! - from)
      raw[s * width + j]! *= map?.scale[j - 1] ?? 1
    }
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
