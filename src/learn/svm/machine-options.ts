/** Checks and warnings that all support vector machines share. */

import type { SvmStopping } from '../../native/index.ts'
import { requireNumber, requirePositive } from '../contract/base-estimator.ts'
import { reportNotConverged } from '../contract/not-converged.ts'

/** What an error costs, and when a search ends. */
export interface CostAndStopping {
  readonly C: number
  readonly stopping: SvmStopping
}

/** Checks `C`, `tol` and `maxIter`. */
export function requireStopping(machine: {
  readonly C: number
  readonly tol: number
  readonly maxIter: number
}): CostAndStopping {
  const max = Number.MAX_SAFE_INTEGER
  return {
    C: requirePositive(machine, 'C'),
    stopping: {
      tol: requireNumber(machine, 'tol', { min: 0 }),
      maxIter: requireNumber(machine, 'maxIter', { min: 1, max, integer: true }),
    },
  }
}

/** How a search ended. */
export interface SearchEnd {
  readonly iterations: number
  /** Greatest violation of the conditions of the minimum at the end. */
  readonly gap: number
  /** The violation that it should have fallen below. */
  readonly limit: number
}

/** Warns of a machine that did not converge. */
export function warnNotConverged(machine: object, end: SearchEnd): void {
  reportNotConverged(machine.constructor.name, {
    ...end,
    measure: 'a violation',
    advice: 'Scale the columns of `X`, raise maxIter or tol, or lower C.',
  })
}
