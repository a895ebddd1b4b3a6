/** Labels of tree classifiers, and the number of each row's class. */

import { array, type NDArray, type Rows, shared, toRowNumbers } from '../../arrays/index.ts'
import { rowNumbers } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import { requireFitted } from '../contract/base-estimator.ts'
import type { FloatArray, PredictOptions } from '../contract/estimator.ts'
import { type PredictedLabels, predictLabels } from '../contract/predict-labels.ts'
import type { FeatureInput } from '../inputs/feature-input.ts'
import { type ClassWeight, classFactors, weighRows } from '../inputs/class-weights.ts'
import { type Classes, encodeLabels, type Label, type LabelInput } from '../inputs/labels.ts'
import type { CheckedInputs } from '../statistics/read-moments.ts'

/** A classifier `M` that was fitted on labels that are texts, or true and false, in place of numbers. */
export type WithLabels<M, L extends Label> = Omit<M, 'predict' | 'classes_'> & {
  /** Labels of the classes, ascending. */
  readonly classes_: number extends L ? Classes : readonly L[]
  /** Predicts a label for each row, as a list, for which there is no `out`; labels that may be numbers as an array, too. */
  predict(X: FeatureInput, options?: PredictOptions): Promise<PredictedLabels<L>>
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
  /** Rows to validate on, those of other classes left out; undefined: none. */
  readonly heldOut: Rows | undefined
}

/** Further rows and classes. */
interface MoreClasses {
  /** Rows to validate on that are not learned from. */
  readonly heldOut?: Rows | undefined
  /** Classes of the model that boosting continues. */
  readonly first?: Classes | undefined
  /** Zeros for the codes, shape (n); default: private memory. */
  readonly room?: NDArray<'uint16'> | undefined
}

/**
 * Finds the classes of a target.
 *
 * @param n - rows of `X`
 * @throws what `encodeLabels` throws; OneCopyError `ERR_VALUE` for a label that the model to continue doesn't know
 */
export function findClasses(
  y: LabelInput | undefined,
  n: number,
  inputs: CheckedInputs,
  { heldOut, first, room }: MoreClasses = {},
): ClassCodes {
  const found = encodeLabels(y, n, inputs.groups[0]!, inputs.weights, room?.toTypedArray())
  const classes = first ?? found.classes
  const places = placesIn(classes, found.classes)
  const unknown = places.indexOf(-1)
  if (unknown !== -1) throw refuseLabel(found.classes[unknown], classes)
  const { codes } = found
  if (places.some((place, code) => place !== code))
    for (let row = 0; row < n; row++) codes[row] = places[codes[row]!]!
  const weights = new Float64Array(classes.length)
  for (const [k, weight] of found.weights.entries()) weights[places[k]!] = weight
  const known = heldOut && encodeKnown(y, heldOut, classes, codes)
  return {
    classes,
    codes: room ?? array(codes),
    weights,
    inputs: { ...inputs, targetShape: found.shape },
    heldOut: known,
  }
}

/**
 * Finds the classes of a target for `use`, and frees the codes afterwards.
 *
 * @throws what `findClasses` and `use` throw
 */
export async function withClasses<T>(
  y: LabelInput | undefined,
  n: number,
  inputs: CheckedInputs,
  more: Omit<MoreClasses, 'room'>,
  use: (found: ClassCodes) => Promise<T>,
): Promise<T> {
  const room = shared([n], 'uint16')
  try {
    return await use(findClasses(y, n, inputs, { ...more, room }))
  } finally {
    room[Symbol.dispose]()
  }
}

/** Writes the codes of rows whose labels are known; returns these rows, or undefined when there are none. */
function encodeKnown(
  y: LabelInput | undefined,
  rows: Rows,
  classes: Classes,
  codes: Uint16Array,
): Rows | undefined {
  const others = encodeLabels(y, codes.length, rows, null)
  const places = placesIn(classes, others.classes)
  const known = toRowNumbers(rows).filter((row) => places[others.codes[row]!] !== -1)
  for (const row of known) codes[row] = places[others.codes[row]!]!
  return known.length === 0 ? undefined : rowNumbers(known)
}

/** The position of each label among classes, or -1. */
function placesIn(classes: Classes, labels: Classes): number[] {
  const list: readonly unknown[] = [...classes]
  return Array.from<unknown, number>(labels, (label) => list.indexOf(label))
}

function refuseLabel(label: unknown, classes: Classes): OneCopyError {
  return new OneCopyError(
    'ERR_VALUE',
    `Expected labels of \`continueFrom\` in \`y\`, which are ${[...classes].slice(0, 10).map(show).join(', ')}, got ${show(label)}.`,
    { details: { label } },
  )
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
  predict: () => Promise<FloatArray>,
): Promise<FloatArray> {
  requireFitted(model, 'nodes_')
  return predictLabels<number>(model.classes_, options, predict)
}
