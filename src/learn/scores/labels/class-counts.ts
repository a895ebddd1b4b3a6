/** Counts rows of each class: true, predicted, and both. */

import { OneCopyError } from '../../../errors.ts'
import { trueLabels } from '../../features/column-inputs.ts'
import type { Label, LabelInput } from '../../inputs/labels.ts'
import { LabelCodes, readLabels, sortedCodes, type TrueLabels } from './label-codes.ts'
import type { LabelMetricOptions } from '../score-options.ts'
import { eachScored, requireScoredRows } from '../scored-rows.ts'

/** Sums of weights of rows, by class. */
export interface ClassCounts {
  /** The classes that count: those of the option in its order, else all, sorted. */
  readonly labels: readonly Label[]
  /** Rows of the class. */
  readonly truths: Float64Array
  /** Rows for which it is predicted. */
  readonly guesses: Float64Array
  /** Rows of the class for which it is predicted. */
  readonly hits: Float64Array
  /** What to multiply the sums by. */
  readonly unit: number
}

/** What a metric of labels is given. */
export interface LabelInputs {
  readonly y: TrueLabels
  readonly predicted: LabelInput
  readonly options: LabelMetricOptions
}

/**
 * Counts rows in one pass; memory does not grow with their number.
 *
 * @throws OneCopyError `ERR_SHAPE`, `ERR_ROWS` when no row counts, `ERR_VALUE`, `ERR_OPTION`; TypeError for labels of two kinds
 */
export function countClasses(inputs: LabelInputs): ClassCounts {
  const codes = new LabelCodes()
  const truths: number[] = []
  const guesses: number[] = []
  const hits: number[] = []
  const unit = eachLabelPair(inputs, codes, (truth, guess, weight) => {
    while (truths.length < codes.labels.length)
      for (const list of [truths, guesses, hits]) list.push(0)
    truths[truth]! += weight
    guesses[guess]! += weight
    if (truth === guess) hits[truth]! += weight
  })
  const chosen = chosenCodes(codes, inputs.options, (code) => truths[code]! > 0)
  const pick = (list: readonly number[]): Float64Array =>
    Float64Array.from(chosen, (code) => list[code]!)
  return {
    labels: chosen.map((code) => codes.labels[code]!),
    truths: pick(truths),
    guesses: pick(guesses),
    hits: pick(hits),
    unit,
  }
}

/**
 * Calls `visit` with the numbers of the true and the predicted label of each row that counts. The labels of `classes` come first.
 *
 * @returns by what weights were divided
 */
export function eachLabelPair(
  { y, predicted, options }: LabelInputs,
  codes: LabelCodes,
  visit: (truth: number, guess: number, weight: number) => void,
): number {
  const truths = readLabels(trueLabels(y, options.rows), '`y`')
  const guesses = readLabels(predicted, '`predicted`')
  const scored = requireScoredRows(truths.count, guesses.count, y, options)
  if (options.classes !== undefined) codes.addClasses(options.classes)
  eachScored(scored, (row, at, weight) =>
    visit(codes.codeAt(truths, row), codes.codeAt(guesses, at), weight),
  )
  return scored.unit
}

/**
 * The numbers of the classes that count, in their order.
 *
 * @param isTrue - whether a row has this label
 * @throws OneCopyError `ERR_VALUE` when no row has one of the labels of `classes`
 */
export function chosenCodes(
  { labels }: LabelCodes,
  { classes }: LabelMetricOptions,
  isTrue: (code: number) => boolean,
): number[] {
  if (classes === undefined) return sortedCodes(labels)
  const chosen = Array.from({ length: classes.length }, (_, code) => code)
  if (chosen.some(isTrue)) return chosen
  throw new OneCopyError(
    'ERR_VALUE',
    'Expected a row of `y` with one of the labels of `classes`, got none.',
  )
}
