/** Reads names of learners, as `--learners` and a configuration have them. */

import { nearNames } from '../../nearest-names.ts'
import type { InputTask } from '../input/input.ts'
import { UsageError } from '../output/failure.ts'
import { classifiers, regressors } from './learner-catalog.ts'

/** Learners by the kind of what they predict. */
const catalog = { regression: regressors, classification: classifiers }

/** Kinds of predictions, and what they are called. */
const kinds: Readonly<Record<InputTask, string>> = {
  regression: 'numbers',
  classification: 'classes',
}

/**
 * Refuses names that no learner has, and names that come twice.
 *
 * @throws UsageError
 */
export function requireKnownLearners(names: readonly string[] = []): void {
  for (const name of names) requireKnownLearner(name, '--learners')
  const whole = names.map((name) => name.replace(/-(?:regressor|classifier)$/, ''))
  const twice = names.find((_, i) => whole.indexOf(whole[i]!) !== i)
  if (twice !== undefined)
    throw new UsageError(`Expected --learners to name each learner once, got '${twice}' twice.`)
}

/** Refuses a name that no learner has; one may leave out `-regressor` and `-classifier`. */
function requireKnownLearner(name: string, where: string): void {
  const all = Object.keys({ ...regressors, ...classifiers })
  if (tasksOf(name).length > 0) return
  const short = all.map((one) => one.replace(/-(?:regressor|classifier)$/, ''))
  const known = [...new Set(short)]
  const near = nearNames(name, known).map((one) => `'${one}'`)
  const advice =
    near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `There are ${known.join(', ')}.`
  throw new UsageError(`Expected ${where} to name learners, got '${name}'. ${advice}`)
}

/**
 * The whole name of a learner for what is predicted.
 *
 * @param name - one that is known, perhaps without its ending
 * @throws UsageError for a learner of another kind
 */
export function learnerOf(
  name: string,
  task: InputTask,
  { where, target }: { readonly where: string; readonly target: string },
): string {
  const found = [name, `${name}-${task === 'regression' ? 'regressor' : 'classifier'}`].find(
    (one) => Object.hasOwn(catalog[task], one),
  )
  if (found !== undefined) return found
  const other = task === 'regression' ? 'classification' : 'regression'
  const advice = `To predict ${kinds[other]}, pass --task ${other}.`
  throw new UsageError(
    `Expected ${where} to name learners of ${kinds[task]}, because '${target}' is predicted as ${kinds[task]}, ` +
      `got '${name}', which predicts ${kinds[other]}. ${advice}`,
  )
}

/** What a learner with this name can predict. */
function tasksOf(name: string): InputTask[] {
  const endings = { regression: 'regressor', classification: 'classifier' } as const
  return (['regression', 'classification'] as const).filter((task) =>
    [name, `${name}-${endings[task]}`].some((one) => Object.hasOwn(catalog[task], one)),
  )
}
