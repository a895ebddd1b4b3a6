/** Learners that are fitted one by one on the same folds. */

import type { NDArray } from '../../../arrays/index.ts'
import type { Parallel } from '../../../parallel/index.ts'
import { hasPrediction, isClassifier } from '../../contract/classifier.ts'
import type { Estimator } from '../../contract/estimator.ts'
import type { FittedEnsembleMember } from '../../ensembles/members/ensemble-member.ts'
import { type CallRoom, roomFor } from '../../ensembles/calls/call-room.ts'
import { MemberAttempts } from '../../ensembles/layer/failed-members.ts'
import { fitLinear, fitOther } from '../../ensembles/layer/fit-layer.ts'
import { type LayerObjects, MemberFit } from '../../ensembles/fits/member-fit.ts'
import { FoldOutputs } from '../../ensembles/folds/fold-outputs.ts'
import type { LayerData } from '../../ensembles/folds/layer-data.ts'
import { columnOf, countColumns, planMembers } from '../../ensembles/members/member-plan.ts'
import { outputColumns } from '../../outputs/member-output.ts'
import { ownOrder } from '../../ensembles/folds/split-layer.ts'
import { codedClone } from '../../outputs/coded-learners.ts'
import type { StackTarget } from '../../outputs/stack-target.ts'
import { MappedFolds } from '../../ensembles/shared/mapped-folds.ts'
import { ScaledFolds } from '../../ensembles/shared/scaled-folds.ts'
import { SharedObjects } from '../../ensembles/shared/shared-objects.ts'
import { partsOf } from '../../pipelines/pipeline-parts.ts'
import { stopJobsOn } from '../../../native/index.ts'
import type { CandidateFit, FittedCandidate } from './fitted-candidate.ts'
import { fitOutOfBag } from './fit-out-of-bag.ts'
import type { RowPlan } from '../plan-rows.ts'
import type { Candidate } from './portfolio.ts'

/** What candidates learn from. */
export interface CandidateInput {
  readonly X: NDArray
  readonly target: StackTarget
  readonly weights: Float64Array | undefined
  readonly plan: RowPlan
  readonly parallel: Parallel | undefined
}

/** How often a call whose worker was lost is made again: it writes the same bytes as the first one would have. */
const mostRetries = 2

/** Labels of other classifiers are weighed, as 0 and 1: decision values are no probabilities. */
function hasProbabilities(learner: Estimator): boolean {
  return !isClassifier(learner) || hasPrediction(learner, 'predictProba')
}

/**
 * Candidates that learn from the same matrix. What they can share over folds is made once, for the first of them that needs it, and freed
 * after the last one; predictions of all of them are columns of one matrix.
 */
export class CandidateLayer {
  readonly #input: CandidateInput
  readonly #refit: LayerData
  readonly #bag: LayerData
  readonly #outputs: FoldOutputs
  readonly #objects: SharedObjects
  readonly #mapped: MappedFolds
  readonly #fits: ReadonlyMap<string, MemberFit>
  readonly #together: LayerObjects
  readonly #room: CallRoom | undefined

  /** @throws TypeError or OneCopyError `ERR_OPTION` for a learner that can't predict what is learned */
  constructor(candidates: readonly Candidate[], input: CandidateInput) {
    const { X, target, weights, plan, parallel } = input
    const { y, labels } = target
    this.#input = input
    const order = ownOrder(plan.rows)
    const data = { X, y, weights, order, ...(labels !== undefined && { classes: labels.length }) }
    this.#refit = { ...data, ...plan.refit }
    this.#bag = { ...data, ...plan.bag }
    const members = candidates.map(({ name, learner, preprocess }) => ({
      name,
      learner: labels === undefined ? learner : codedClone(learner, labels),
      preprocess,
      proba: hasProbabilities(learner) ? undefined : false,
    }))
    const plans = planMembers(members, this.#refit)
    this.#outputs = new FoldOutputs(this.#refit, X.shape[0]!, countColumns(plans))
    this.#objects = new SharedObjects(this.#refit)
    this.#room = roomFor(parallel, X.shape[0]!)
    this.#mapped = new MappedFolds(this.#refit, this.#room?.calls ?? parallel?.workers ?? 1)
    this.#together = {
      objects: this.#objects,
      scaled: new ScaledFolds(this.#refit),
      mappedFolds: this.#mapped,
    }
    this.#fits = new Map(plans.map((one) => [one.member.name, new MemberFit(one, this.#together)]))
  }

  /** Predictions of all candidates side by side; those of candidates that were not fitted hold anything. */
  get Z(): NDArray<'float64'> {
    return this.#outputs.Z
  }

  /**
   * Fits one of the candidates, once.
   *
   * @param candidate - with its learner, or a smaller one of the same class
   * @throws OneCopyError `ERR_LEARNER`; the signal's reason
   */
  async fit(
    candidate: Candidate,
    { signal, finish, onStep }: CandidateFit,
  ): Promise<FittedCandidate> {
    const fit = this.#fitOf(candidate)
    const data = candidate.mode === 'bag' ? this.#bag : this.#refit
    const { parallel } = this.#input
    const calls = { parallel, signal, retries: mostRetries, step: onStep, room: this.#room }
    const attempts = new MemberAttempts('skip')
    const parts = {
      context: { data, objects: this.#objects, work: calls },
      outputs: this.#outputs,
      attempts,
    }
    try {
      const work = async (): Promise<FittedEnsembleMember[]> => {
        if (candidate.mode !== 'outOfBag')
          return fit.plan.isLinear ? fitLinear([fit], parts) : fitOther(fit, parts)
        const one = await attempts.run(fit.plan.member, () =>
          fitOutOfBag(fit, data, this.#outputs.Z),
        )
        return one === undefined ? [] : [one]
      }
      const made = await stopJobsOn(signal, work, finish)
      signal?.throwIfAborted()
      const [member] = made
      if (member === undefined) throw attempts.failed[0]!.error
      const { output } = fit.plan
      const columns = outputColumns(this.#outputs.Z, columnOf(fit.plan, 0), output)
      return { candidate, output, columns, member }
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    } finally {
      fit.release()
    }
  }

  /** The fit of a candidate, in place of the one that keeps what it shares until then. */
  #fitOf({ name, learner }: Candidate): MemberFit {
    const { labels } = this.#input.target
    const known = this.#fits.get(name)!
    const coded = labels === undefined ? learner : codedClone(learner, labels)
    const member = { ...known.plan.member, learner: coded }
    const fit = new MemberFit(
      { ...known.plan, member, learner: partsOf(coded).learner },
      this.#together,
    )
    known.release()
    return fit
  }

  /** Frees what candidates share. Predictions stay until `Z` is disposed of. */
  async close(): Promise<void> {
    for (const fit of this.#fits.values()) fit.release()
    this.#outputs.close()
    await this.#objects.close()
    await this.#mapped.close()
  }
}
