/** Checks the plan of an ensemble that comes from outside. */

import { OneCopyError, show } from '../../../errors.ts'
import { requireKnown } from '../../../options.ts'
import { isEstimator } from '../../contract/estimator.ts'
import { requireEstimator, requireTransformer } from '../members/ensemble-member.ts'
import { type EnsemblePlan, membersOf, requireColumnList, requireLayerSplit } from './layer-spec.ts'

/**
 * Checks a plan.
 *
 * @returns the plan itself
 * @throws TypeError naming what is no plan, layer, group, learner or transformer; OneCopyError `ERR_OPTION` for a name that two learners have
 */
export function requirePlan(value: unknown): EnsemblePlan {
  const { layers = [], metas = {} } = requireRecord('`plan`', value, { layers: true, metas: true })
  for (const [l, layer] of requireList('`layers` of `plan`', layers).entries()) {
    const where = `layer ${l} of \`plan\``
    const known = { groups: true, propagateFeatures: true, folds: true }
    const { groups, propagateFeatures = [], folds } = requireRecord(where, layer, known)
    requireLayerSplit(folds)
    requireColumnList(propagateFeatures)
    const list = requireList(`\`groups\` of ${where}`, groups)
    if (list.length === 0) throw new TypeError(`Expected groups of learners in ${where}, got none.`)
    for (const group of list) requireGroup(where, group)
  }
  requireLearners('`metas` of `plan`', metas)
  const plan = value as EnsemblePlan
  const names = membersOf(plan.layers ?? []).map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice === undefined) return plan
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected learners of different names in \`plan\`, got two called ${show(twice)}.`,
    { details: { name: twice } },
  )
}

function requireGroup(where: string, group: unknown): void {
  const known = { learners: true, preprocess: true, proba: true }
  const { learners, preprocess = [], proba } = requireRecord(`a group of ${where}`, group, known)
  const count = requireLearners(`\`learners\` of a group of ${where}`, learners)
  if (count === 0) throw new TypeError(`Expected learners in each group of ${where}, got none.`)
  for (const step of requireList(`\`preprocess\` of a group of ${where}`, preprocess))
    requireTransformer(step)
  if (proba !== undefined && typeof proba !== 'boolean')
    throw new TypeError(`Expected \`proba\` to be true or false, got ${show(proba)}.`)
}

/** Checks learners by name; returns how many there are. */
function requireLearners(what: string, learners: unknown): number {
  if (
    typeof learners !== 'object' ||
    learners === null ||
    Array.isArray(learners) ||
    isEstimator(learners)
  )
    throw new TypeError(
      `Expected ${what} to be learners by name, such as { ridge: new Ridge() }, got ${show(learners)}.`,
    )
  const list: unknown[] = Object.values(learners)
  for (const learner of list) requireEstimator(learner)
  return list.length
}

function requireRecord<K extends string>(
  what: string,
  value: unknown,
  known: Readonly<Record<K, boolean>>,
): { readonly [Name in K]?: unknown } {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    requireKnown(
      what.replace(/^[`a-z]/, (first) => first.toUpperCase()),
      value,
      known,
    )
    return value
  }
  const names = Object.keys(known).join(', ')
  throw new TypeError(`Expected ${what} to be an object with ${names}, got ${show(value)}.`)
}

function requireList(what: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new TypeError(`Expected ${what} to be a list, got ${show(value)}.`)
}
