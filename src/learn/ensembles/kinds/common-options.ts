/** Options that all ensembles have in common. */

import type { OptionNames } from '../../../options.ts'
import type { SuperLearnerOptions } from '../super-learner/super-learner-options.ts'

/** Their names. */
export const commonNames: OptionNames<Omit<SuperLearnerOptions, 'folds'>> = {
  scorer: true,
  task: true,
  seed: true,
  parallel: true,
  onError: true,
  plan: true,
}

/** What to do in place of a number of folds. */
export function insteadOfFolds(option: string): Readonly<Record<string, string>> {
  return { folds: `rows are split by \`${option}\`; for folds make a SuperLearner` }
}

/** Options that are given, without those that are undefined. */
export function givenOptions<T extends object>(options: T): GivenOptions<T> {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as GivenOptions<T>
}

/** Options none of which is undefined. */
type GivenOptions<T> = { [K in keyof T]?: Exclude<T[K], undefined> }
