/** What linear support vector machines share. */

import type { OptionNames } from '../../options.ts'
import { requireBoolean, requireNumber, requirePositive } from '../contract/base-estimator.ts'
import { reportNotConverged } from '../contract/not-converged.ts'
import type { LinearSvmOptions, SvmStopping } from '../../native/index.ts'

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

/** An estimator with these options. */
export type LinearMachine = Required<LinearMachineOptions> & object

/** Names of these options. */
export const linearMachineNames: OptionNames<LinearMachineOptions> = {
  C: true,
  fitIntercept: true,
  interceptScaling: true,
  tol: true,
  maxIter: true,
  seed: true,
}

/** Checks these options. */
export function requireLinearOptions(
  machine: LinearMachine,
  squared: boolean,
): { C: number; options: LinearSvmOptions; stopping: SvmStopping } {
  const scaling = requirePositive(machine, 'interceptScaling')
  return {
    C: requirePositive(machine, 'C'),
    options: {
      squared,
      intercept: requireBoolean(machine, 'fitIntercept') ? scaling : 0,
      seed: requireNumber(machine, 'seed', { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true }),
    },
    stopping: {
      tol: requireNumber(machine, 'tol', { min: 0 }),
      maxIter: requireNumber(machine, 'maxIter', { min: 1, integer: true }),
    },
  }
}

/** How a linear machine was solved. */
export type LinearSolver = 'newton' | 'descent'

/** Warns of a machine that did not converge. */
export function warnOfLinear(
  machine: object,
  iterations: number,
  gap: number,
  limit: number,
): void {
  reportNotConverged(machine.constructor.name, {
    iterations,
    gap,
    limit,
    measure: 'a violation',
    advice: 'Scale the columns of `X`, raise maxIter or tol, or lower C.',
  })
}
