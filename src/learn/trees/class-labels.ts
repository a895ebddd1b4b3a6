/** Labels of tree classifiers, and the number of each row's class. */

import { array, type NDArray } from '../../arrays/index.ts'
import { requireFitted } from '../contract/base-estimator.ts'
import type { PredictOptions } from '../contract/estimator.ts'
import { predictLabels } from '../contract/predict-labels.ts'
import type { ArrayInput } from '../inputs/as-array.ts'
import { type ClassWeight, classFactors, weighRows } from '../inputs/class-weights.ts'
import { type Classes, encodeLabels, type Label, type LabelInput } from '../inputs/labels.ts'
import type { CheckedInputs } from '../statistics/read-moments.ts'

/** A classifier `M` that was fitted on labels that are texts, or true and false, in place of numbers. */
export type WithLabels<M, L extends Label> = Omit<M, 'predict' | 'classes_'> & {
  /** Labels of the classes, ascending. */
  readonly classes_: readonly L[]
  /** Predicts a label for each row, as a list; there is no `out` for it. */
  predict(X: ArrayInput, options?: PredictOptions): Promise<L[]>
}

/** The classes of the rows that count. */
export interface ClassCodes {
  /** Distinct labels: numbers ascending in a Float64Array, others in a list. */
  readonly classes: Classes
  /** Position of each row's label among them, shape (n); that of any class for rows that don't count. */
  readonly codes: NDArray<'uint16'>
  /** Sum of the weights of each class's rows. */
  readonly weights: Float64Array
  /** What is known of all inputs, with the shape of one label. */
  readonly inputs: CheckedInputs
}

/**
 * Finds the classes of a target.
 *
 * @param n - rows of `X`
 * @throws what `encodeLabels` throws
 */
export function findClasses(y: LabelInput, n: number, inputs: CheckedInputs): ClassCodes {
  const { classes, codes, shape, weights } = encodeLabels(y, n, inputs.groups[0]!, inputs.weights)
  return { classes, codes: array(codes), weights, inputs: { ...inputs, targetShape: shape } }
}

/**
 * Multiplies the weights of rows by those of their classes.
 *
 * @returns the weights as they are when all classes weigh the same
 * @throws as `classFactors`
 */
export function weighClasses(
  learner: { readonly classWeight: ClassWeight },
  { classes, codes, weights, inputs }: ClassCodes,
): Float64Array | null {
  // A tree can't leave out rows by their class.
  const factors = classFactors(learner, classes, weights, false)
  return weighRows(codes.toTypedArray(), inputs.weights, factors)
}

/** The numbers that classes are predicted by: labels that are numbers, or else their positions. */
export function classNumbers(classes: Classes): Float64Array {
  return classes instanceof Float64Array ? classes : Float64Array.from(classes.keys())
}

/**
 * Predicts labels.
 *
 * @param predict - predicts the numbers of classes
 */
export async function predictClasses(
  model: { readonly classes_: Classes },
  options: PredictOptions,
  predict: () => Promise<NDArray>,
): Promise<NDArray> {
  requireFitted(model, 'nodes_')
  return predictLabels<number>(model.classes_, options, predict)
}
