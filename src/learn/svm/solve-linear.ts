/** Solves linear support vector machines by the method that suits them. */

import { kernelThreads, native, type SvmRows } from '../../native/index.ts'
import type { LinearFit, LinearSettings } from './linear-options.ts'
import type { ClassRows, TargetRows } from './machine-rows.ts'
import { fitSquares, mostNewtonColumns, type SquaredFit } from './newton-squares.ts'

/** Whether Newton's method is used. */
export function useNewton(isSquared: boolean, columns: number): boolean {
  return isSquared && columns <= mostNewtonColumns
}

/** Solves a machine by coordinate descent. */
export async function descend(
  rows: SvmRows,
  { options, stopping }: Omit<LinearSettings, 'C'>,
): Promise<LinearFit> {
  const found = await native.trainLinearSvm(rows, options, stopping, kernelThreads())
  return {
    coefficients: found.coefficients,
    iterations: Math.max(...found.iterations),
    converged: found.converged,
    gap: Math.max(...found.gaps),
    solver: 'descent',
  }
}

/** Tells each class from the others by Newton's method; of two classes the second one from the first. */
export async function fitClasses(
  rows: ClassRows,
  { C, options: { intercept }, stopping }: LinearSettings,
): Promise<LinearFit> {
  const { codes, classes } = rows.labels
  const fits: SquaredFit[] = []
  for (let own = classes.length === 2 ? 1 : 0; own < classes.length; own++) {
    const targetOf = (row: number): number => (codes[row] === own ? 1 : -1)
    const machine = { rows, C, targetOf, isSided: true, epsilon: 0, intercept }
    fits.push(await fitSquares(machine, stopping.maxIter))
  }
  return join(fits)
}

/** Solves regression by Newton's method. */
export async function fitTargets(
  rows: TargetRows,
  epsilon: number,
  { C, options: { intercept }, stopping }: LinearSettings,
): Promise<LinearFit> {
  const targetOf = (row: number): number => rows.targets[row]!
  const machine = { rows, C, targetOf, isSided: false, epsilon, intercept }
  return join([await fitSquares(machine, stopping.maxIter)])
}

function join(fits: readonly SquaredFit[]): LinearFit {
  const width = fits[0]!.coefficients.length
  const coefficients = new Float64Array(fits.length * width)
  for (const [k, fit] of fits.entries()) coefficients.set(fit.coefficients, k * width)
  return {
    coefficients,
    iterations: Math.max(...fits.map(({ iterations }) => iterations)),
    converged: fits.every(({ converged }) => converged),
    gap: Math.max(...fits.map(({ gap }) => gap)),
    solver: 'newton',
  }
}
