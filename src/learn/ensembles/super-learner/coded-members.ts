/** Members as they are fitted: copies, of classes on codes. */

import { CombinedClassifier } from '../../combiners/combined-classifier.ts'
import { isCombiner } from '../../contract/combiner.ts'
import { clone, type Estimator, type Transformer } from '../../contract/estimator.ts'
import type { Classes } from '../../inputs/labels.ts'
import { codedClone } from '../../outputs/coded-learners.ts'
import type { LayerData } from '../folds/layer-data.ts'
import type { EnsembleMember } from '../members/ensemble-member.ts'
import { planMembers } from '../members/member-plan.ts'

/**
 * Copies of members, which nobody changes while they are fitted. Steps that members have in common stay in one list.
 *
 * @param labels - of the classes, which they learn by their codes; undefined: numbers are learned
 */
export function codedMembers(
  members: readonly EnsembleMember[],
  labels: Classes | undefined,
): EnsembleMember[] {
  const lists = new Map<readonly Transformer[], readonly Transformer[]>()
  return members.map((member) => {
    const steps = lists.get(member.preprocess) ?? member.preprocess.map(clone)
    lists.set(member.preprocess, steps)
    return { ...codedMember(member, labels), preprocess: steps }
  })
}

/** A copy of a member that learns from codes of classes, or from numbers. */
export function codedMember(member: EnsembleMember, labels: Classes | undefined): EnsembleMember {
  if (labels === undefined) return { ...member, learner: clone(member.learner) }
  // Steps that members have in common stay the same list; here they are only checked.
  for (const step of member.preprocess) codedClone(step, labels)
  return { ...member, learner: codedClone(member.learner, labels) }
}

/** What combines the learners: of classes, a combiner weighs their probabilities. */
export function combinerOf(combiner: Estimator, classes: number | undefined): Estimator {
  if (classes === undefined || !isCombiner(combiner)) return combiner
  return new CombinedClassifier({ combiner, classes })
}

/**
 * Checks that a combiner gets probabilities of classes.
 *
 * @throws TypeError for a learner without probabilities or labels
 */
export function requireCombinable(
  combiner: Estimator,
  members: readonly EnsembleMember[],
  data: LayerData,
): void {
  if (data.classes === undefined || !isCombiner(combiner)) return
  const wrong = planMembers(members, data).find(
    ({ output }) => output.method === 'decisionFunction' || output.classes === 0,
  )
  if (wrong === undefined) return
  throw new TypeError(
    `Expected probabilities of every learner for ${combiner.constructor.name}, got ${wrong.output.classes === 0 ? 'numbers' : 'decision values'} of \`${wrong.member.name}\`. ` +
      'Leave it out, or choose a meta learner such as new LogisticRegression().',
  )
}
