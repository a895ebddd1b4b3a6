/** What an ensemble has learned, as its methods use it. */

import type { NDArray } from '../../../arrays/index.ts'
import type { StackTarget } from '../../outputs/stack-target.ts'
import type { ScoreTable } from '../../selection/score-table.ts'
import type { FittedEnsembleMember } from '../members/ensemble-member.ts'
import type { FittedStage } from '../plan/fitted-layer.ts'
import type { FitRecord } from './fit-record.ts'

/** What an ensemble has learned. */
export interface FittedEnsemble {
  /** Columns of `X`. */
  readonly columns: number
  readonly target: Omit<StackTarget, 'y'>
  readonly stages: readonly FittedStage[]
  readonly meta: FittedEnsembleMember | undefined
  /** Out-of-fold predictions of the meta learner; undefined without one, and when learned values were restored. */
  readonly combined: NDArray<'float64'> | undefined
  readonly scores: ScoreTable
  /** What the fit was given; undefined when learned values were restored. */
  readonly record: FitRecord | undefined
}
