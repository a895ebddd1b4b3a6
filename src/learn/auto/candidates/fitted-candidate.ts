/** How a candidate is fitted, and what comes of it. */

import type { NDArray } from '../../../arrays/index.ts'
import type { FittedEnsembleMember } from '../../ensembles/members/ensemble-member.ts'
import type { MemberOutput } from '../../outputs/member-output.ts'
import type { Candidate } from './portfolio.ts'

/** How one candidate is fitted. */
export interface CandidateFit {
  /** Ends the fit. */
  readonly signal: AbortSignal | undefined
  /** A signal that has a fit of trees end with those that it has; undefined: there is time enough. */
  readonly finish: () => AbortSignal | undefined
  /** Called after each fit of a fold. */
  readonly onStep: () => void
}

/** A candidate with its final models and its predictions of rows that these have not seen. */
export interface FittedCandidate {
  readonly candidate: Candidate
  readonly output: MemberOutput
  /** Its predictions: a view of shape (n, ...rowShape). */
  readonly columns: NDArray<'float64'>
  /** Models whose mean is the prediction; fitted members that predict linear functions are one. */
  readonly member: FittedEnsembleMember
}
