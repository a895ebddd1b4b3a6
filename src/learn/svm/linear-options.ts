/** What linear support vector machines share. */

import type { LinearSvmOptions } from '../../native/index.ts'
import type { OptionNames } from '../../options.ts'
import { requireBoolean, requireNumber, requirePositive } from '../contract/base-estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import {
  type CostAndStopping,
  requireStopping,
  type SearchEnd,
  warnNotConverged,
} from './machine-options.ts'

/** Options of every linear machine. */
export interface LinearMachineOptions {
  /** What an error costs, relative to the penalty, above 0; default: 1. */
  readonly C?: number
  /** Whether the model has an intercept; default: true. */
  readonly fitIntercept?: boolean
  /** Value of the column of the intercept, above 0: the greater, the less the intercept is penalized; default: 1. */
  readonly interceptScaling?: number
  /**
   * Coordinate descent stops when no row violates the conditions of the minimum by more, relative to the greatest target; default: 1e-4.
   */
  readonly tol?: number
  /** Most passes of coordinate descent over the rows, or steps of Newton's method; default: 1000. */
  readonly maxIter?: number
  /** Seed of the order in which coordinate descent visits rows, a whole number >= 0; default: 0. */
  readonly seed?: number
}

/** A machine with these options. */
type HasOptions = Required<LinearMachineOptions> & object

/** Names of these options. */
export const linearMachineNames: OptionNames<LinearMachineOptions> = {
  C: true,
  fitIntercept: true,
  interceptScaling: true,
  tol: true,
  maxIter: true,
  seed: true,
}

/** Options of a linear machine, checked. */
export interface LinearSettings extends CostAndStopping {
  readonly options: LinearSvmOptions
}

/**
 * Checks these options.
 *
 * @param squared - whether errors cost their square
 */
export function requireLinearOptions(machine: HasOptions, squared: boolean): LinearSettings {
  const scaling = requirePositive(machine, 'interceptScaling')
  const { C, stopping } = requireStopping(machine)
  const max = Number.MAX_SAFE_INTEGER
  const options = {
    squared,
    intercept: requireBoolean(machine, 'fitIntercept') ? scaling : 0,
    seed: requireNumber(machine, 'seed', { min: 0, max, integer: true }),
  }
  return { C, stopping, options }
}

/** How a linear machine was solved. */
export type LinearSolver = 'newton' | 'descent'

/** A solved linear machine. */
export interface LinearFit extends Omit<SearchEnd, 'limit'> {
  /** Shape (scores, 1 + d), the intercepts first. */
  readonly coefficients: Float64Array
  readonly converged: boolean
  readonly solver: LinearSolver
}

/** What a linear machine learns besides its coefficients. */
interface LearnedEnd {
  iterations_: number
  converged_: boolean
  solver_: LinearSolver
}

/**
 * Keeps how a machine was solved, and warns if that did not converge.
 *
 * @param limit - greatest violation at which it would have converged
 */
export function keepEnd(
  machine: LearnedEnd,
  { iterations, converged, gap, solver }: Omit<LinearFit, 'coefficients'>,
  limit: number,
): void {
  machine.iterations_ = iterations
  machine.converged_ = converged
  machine.solver_ = solver
  if (!converged) warnNotConverged(machine, { iterations, gap, limit })
}

/** Refuses an end that no fit can have had. */
export function checkEnd(values: LearnedValues): void {
  values.number('iterations_', 0)
  values.oneOf('converged_', [true, false])
  values.oneOf('solver_', ['newton', 'descent'])
}
