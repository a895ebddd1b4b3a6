/** Options of readers of boosted models. */

import { OneCopyError, show } from '../../errors.ts'
import { type OptionNames, requireKnown } from '../../options.ts'

/** Options of `openLightGBM` and `openXGBoost`. */
export interface BoostedFileOptions {
  /**
   * Labels of the classes, in the order of the numbers that the model was trained on: numbers, texts or booleans that ascend.
   * Default: 0, 1 and so on. For classifiers only.
   */
  readonly classes?: readonly (number | string | boolean)[]
  /** How many rounds of trees to keep, from the first one on; default: see the function. */
  readonly rounds?: number
}

const names: OptionNames<BoostedFileOptions> = { classes: true, rounds: true }

/** Checks options. @throws TypeError, OneCopyError `ERR_OPTION` */
export function requireBoostedOptions(what: string, options: BoostedFileOptions): void {
  requireKnown(what, options, names)
  const { classes, rounds } = options
  if (classes !== undefined && !Array.isArray(classes)) {
    throw new TypeError(
      `Expected \`classes\` of ${what} to be a list of labels, got ${show(classes)}.`,
    )
  }
  if (rounds === undefined || (Number.isInteger(rounds) && rounds >= 1)) return
  const text = `Expected \`rounds\` of ${what} to be a whole number of at least 1, got ${show(rounds)}.`
  if (typeof rounds !== 'number') throw new TypeError(text)
  throw new OneCopyError('ERR_OPTION', text, { details: { name: 'rounds', rounds } })
}

/**
 * The number of rounds to keep of those that a file has.
 *
 * @throws OneCopyError `ERR_OPTION` when there are fewer
 */
export function chooseRounds(
  { rounds }: BoostedFileOptions,
  path: string,
  all: number,
  standard = all,
): number {
  if (rounds === undefined) return standard
  if (rounds <= all) return rounds
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`rounds\` to be at most ${all}, the rounds in ${path}, got ${rounds}.`,
    { details: { name: 'rounds', rounds, all } },
  )
}
