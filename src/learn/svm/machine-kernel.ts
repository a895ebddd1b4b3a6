/** Options of kernels, and the kernel that they stand for. */

import type { NDArray } from '../../arrays/index.ts'
import { rowNumbers } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import type { SvmKernel, SvmStopping } from '../../native/index.ts'
import { requireNumber, requireOneOf } from '../contract/base-estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { readBlocks } from '../inputs/row-blocks.ts'
import { sampledMeans } from '../statistics/sampled-means.ts'
import { type CostAndStopping, requireStopping } from './machine-options.ts'
import type { MachineRows } from './machine-rows.ts'

/** Options of every machine with a kernel. */
export interface KernelMachineOptions {
  /** What an error costs, relative to the penalty, above 0; default: 1. */
  readonly C?: number
  /**
   * How alike two rows p and q are: e^(-gamma ‖p - q‖²), p · q, (gamma p · q + coef0)^degree, or tanh(gamma p · q + coef0); default:
   * `'rbf'`.
   */
  readonly kernel?: 'rbf' | 'linear' | 'poly' | 'sigmoid'
  /** Degree of `'poly'`, a whole number >= 0; default: 3. */
  readonly degree?: number
  /** Above 0; `'scale'` (default): 1 / (columns × variance of all values); `'auto'`: 1 / columns. */
  readonly gamma?: 'scale' | 'auto' | number
  /** Constant of `'poly'` and `'sigmoid'`; default: 0. */
  readonly coef0?: number
  /** Stop when no two rows violate the conditions of the minimum by more; default: 1e-3. */
  readonly tol?: number
  /** Most steps of two rows each; default: 10,000,000. */
  readonly maxIter?: number
  /** Bound of the memory for kernels that are kept, in MiB; default: 200. The result doesn't depend on it. */
  readonly cacheMiB?: number
}

/** A machine with these options. */
type HasKernel = Required<KernelMachineOptions> & object

/** Names of these options. */
export const kernelMachineNames: OptionNames<KernelMachineOptions> = {
  C: true,
  kernel: true,
  degree: true,
  gamma: true,
  coef0: true,
  tol: true,
  maxIter: true,
  cacheMiB: true,
}

/** Options of a machine with a kernel, checked. */
export interface KernelSettings extends CostAndStopping {
  readonly stopping: SvmStopping & { readonly cacheBytes: number }
}

/** Checks the options but `gamma`, which `kernelOf` checks. */
export function requireKernelOptions(machine: HasKernel): KernelSettings {
  requireOneOf(machine, 'kernel', ['rbf', 'linear', 'poly', 'sigmoid'], foreignKernels)
  requireNumber(machine, 'degree', { min: 0, max: 1000, integer: true })
  requireNumber(machine, 'coef0')
  requireGamma(machine)
  const { C, stopping } = requireStopping(machine)
  const cacheMiB = requireNumber(machine, 'cacheMiB', { min: 0, max: 2 ** 24 })
  return { C, stopping: { ...stopping, cacheBytes: Math.floor(cacheMiB * 2 ** 20) } }
}

/** What others call the kernels. */
const foreignKernels = { radial: 'rbf', gaussian: 'rbf', polynomial: 'poly', tanh: 'sigmoid' }

function requireGamma(machine: HasKernel): void {
  const gamma: unknown = machine.gamma
  if (gamma === 'scale' || gamma === 'auto') return
  if (typeof gamma === 'number' && gamma > 0 && gamma < Infinity) return
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`gamma\` of ${machine.constructor.name} to be 'scale', 'auto' or a finite number above 0, got ${show(gamma)}.`,
    { details: { name: 'gamma' } },
  )
}

/** The kernel of some rows: what `gamma` is depends on them. */
export async function kernelOf(machine: HasKernel, rows: MachineRows): Promise<SvmKernel> {
  const { kernel: name, degree, coef0, gamma } = machine
  if (typeof gamma === 'number' || name === 'linear')
    return { name, degree, coef0, gamma: typeof gamma === 'number' ? gamma : 1 }
  const spread = gamma === 'scale' ? await varianceOf(rows) : 1
  const found = 1 / (rows.columns * spread)
  return { name, degree, coef0, gamma: spread > 0 && Number.isFinite(found) ? found : 1 }
}

/** The variance of all values, by the weights of their rows. */
async function varianceOf({ X, numbers, weights, columns }: MachineRows): Promise<number> {
  const rows = rowNumbers(numbers)
  const means = sampledMeans(X, null, [rows])
  const origin = means.reduce((sum, mean) => sum + mean / columns, 0)
  let [weight, total, squares] = [0, 0, 0]
  for await (const { values, count, rowAt } of readBlocks(X, rows)) {
    for (let i = 0, at = 0; i < count; i++) {
      const factor = weights === null ? 1 : weights[rowAt(i)]!
      let [sum, square] = [0, 0]
      for (const end = at + columns; at < end; at++) {
        const value = values[at]! - origin
        sum += value
        square += value * value
      }
      weight += factor
      total += factor * sum
      squares += factor * square
    }
  }
  const mean = total / (weight * columns)
  return Math.max(0, squares / (weight * columns) - mean * mean)
}

/** Copies rows of `X`: the vectors of a model. */
export async function copyRows(X: NDArray, numbers: Int32Array): Promise<Float64Array> {
  const columns = X.shape[1]!
  const copy = new Float64Array(numbers.length * columns)
  for await (const { values, count, position } of readBlocks(X, rowNumbers(numbers)))
    copy.set(values.subarray(0, count * columns), position * columns)
  return copy
}

/** Refuses a kernel that no fit can have used. */
export function checkKernel(values: LearnedValues): void {
  const kernel = values.record('kernel_')
  const isNumber = (name: string): boolean => Number.isFinite(kernel[name])
  const fits =
    ['rbf', 'linear', 'poly', 'sigmoid'].includes(kernel['name'] as string) &&
    isNumber('gamma') &&
    (kernel['gamma'] as number) > 0 &&
    isNumber('coef0') &&
    Number.isInteger(kernel['degree']) &&
    (kernel['degree'] as number) >= 0 &&
    (kernel['degree'] as number) <= 1000
  if (!fits) throw values.refuse('kernel_', 'a kernel with its options')
}

/** The numbers of rows whose variables are not 0, and those variables. */
export function supportOf(
  numbers: Int32Array,
  variables: Float64Array,
): { support: Int32Array; coefficients: Float64Array } {
  const places = Array.from(numbers.keys()).filter((i) => variables[i] !== 0)
  return {
    support: Int32Array.from(places, (i) => numbers[i]!),
    coefficients: Float64Array.from(places, (i) => variables[i]!),
  }
}
