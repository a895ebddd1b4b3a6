/** How members of a layer are fitted, and what they share. */

import { show } from '../../../errors.ts'
import type { Estimator, Transformer } from '../../contract/estimator.ts'
import { type FoldSharing, isSharingEstimator } from '../../contract/fold-sharing.ts'
import {
  type ColumnScaling,
  isAffineTransformer,
  isColumnScaling,
  isMomentsEstimator,
} from '../../contract/moments-estimator.ts'
import { isLinearModel } from '../../linear/linear-model.ts'
import { partsOf } from '../../pipelines/pipeline-parts.ts'
import { chooseOutput, type MemberOutput, widthOf } from '../../outputs/member-output.ts'
import type { EnsembleMember } from './ensemble-member.ts'
import type { LayerData } from '../folds/layer-data.ts'

/** A member, and how its folds are fitted. */
export interface MemberPlan {
  readonly member: EnsembleMember
  /** Its first column of `Z`, that of the first partition. */
  readonly column: number
  /** What its columns hold. */
  readonly output: MemberOutput
  /** All steps before the learner: those of the member, then those of its pipeline. */
  readonly steps: readonly Transformer[]
  /** What learns at the end: the member's learner, or that of its pipeline. */
  readonly learner: Estimator
  /** What its folds share; undefined when each is fitted on its rows alone. */
  readonly sharing: FoldSharing | undefined
  /** The steps when they are applied by maps of columns, without a copy; only with `sharing`. */
  readonly scalers: readonly ColumnScaling[]
  /** A number that members with the same scalers have in common. */
  readonly scalersNumber: number
  /**
   * The steps whose mapped rows its folds are fitted on, the same list for members that were added together; undefined when it
   * needs no mapped rows.
   */
  readonly mappedBy: readonly Transformer[] | undefined
  /** Whether its models are linear functions, so that many predict in one pass over the rows. */
  readonly isLinear: boolean
}

/** The first column of `Z` for the predictions of a partition. */
export function columnOf(
  { column, output }: Pick<MemberPlan, 'column' | 'output'>,
  partition: number,
): number {
  return column + partition * widthOf(output)
}

/** All columns of `Z` for the predictions of a partition. */
export function columnsOfPartition(
  plan: Pick<MemberPlan, 'column' | 'output'>,
  partition: number,
): number[] {
  const first = columnOf(plan, partition)
  return Array.from({ length: widthOf(plan.output) }, (_, k) => first + k)
}

/** How many columns of `Z` all members fill. */
export function countColumns(plans: readonly Pick<MemberPlan, 'output'>[], partitions = 1): number {
  return plans.reduce((sum, { output }) => sum + partitions * widthOf(output), 0)
}

/**
 * Plans the fit of a layer.
 *
 * @throws TypeError or OneCopyError `ERR_OPTION` for a learner that can't predict what is learned
 */
export function planMembers(
  members: readonly EnsembleMember[],
  data: Pick<LayerData, 'y' | 'classes' | 'folds' | 'partitions'>,
): MemberPlan[] {
  const { y, classes = 0, folds, partitions } = data
  const kinds: (readonly ColumnScaling[])[] = []
  let columns = 0
  return members.map((member) => {
    const output = chooseOutput(member, { y, classes })
    const column = columns
    columns += partitions * widthOf(output)
    const parts = partsOf(member.learner)
    const { learner } = parts
    const steps = [...member.preprocess, ...parts.steps]
    const scalers = scalersOf(steps)
    const offered = isSharingEstimator(learner)
      ? requireSharing(member.name, learner.foldSharing(folds.length))
      : undefined
    const canScale = steps.length === 0 || offered?.scaling !== undefined
    const sharing = scalers !== undefined && canScale ? offered : undefined
    const plan = { member, column, output, steps, learner }
    if (scalers === undefined || sharing === undefined) {
      const needsRows = steps.length > 0 && !isMomentsEstimator(learner)
      const mappedBy = needsRows
        ? parts.steps.length === 0
          ? member.preprocess
          : steps
        : undefined
      const alone = { sharing: undefined, scalers: [], scalersNumber: -1, isLinear: false }
      return { ...plan, ...alone, mappedBy }
    }
    const known = kinds.findIndex((kind) => areAlike(kind, scalers))
    const scalersNumber = known === -1 ? kinds.push(scalers) - 1 : known
    const isLinear = sharing.inThread === true && isLinearModel(learner)
    return { ...plan, sharing, scalers, scalersNumber, isLinear, mappedBy: undefined }
  })
}

/**
 * The steps when each is an affine map of the columns, else undefined. The first one may learn from rows, which it reads in
 * place; the others learn from moments.
 */
function scalersOf(steps: readonly Transformer[]): readonly ColumnScaling[] | undefined {
  const isScaler = (step: Transformer, i: number): step is ColumnScaling =>
    isAffineTransformer(step) || (i === 0 && isColumnScaling(step) && !('fitMoments' in step))
  return steps.every(isScaler) ? steps : undefined
}

/** @throws TypeError for a sharing without `kind` or `make` */
function requireSharing(name: string, sharing: FoldSharing | undefined): FoldSharing | undefined {
  if (sharing === undefined) return undefined
  const { kind, make, scaling } = sharing as Partial<Record<keyof FoldSharing, unknown>>
  if (typeof kind !== 'string' || typeof make !== 'function') {
    throw new TypeError(
      `Expected foldSharing() of learner \`${name}\` to return { kind: 'my-package/…', make }, or undefined, got ` +
        `a kind of ${show(kind)} and a make of ${show(make)}.`,
    )
  }
  if (scaling === undefined || scaling === 'raw' || scaling === 'mapped') return sharing
  throw new TypeError(
    `Expected \`scaling\` of what learner \`${name}\` shares to be 'raw' or 'mapped', got ${show(scaling)}.`,
  )
}

/** Whether scalers are of the same classes and have the same options. */
function areAlike(a: readonly ColumnScaling[], b: readonly ColumnScaling[]): boolean {
  return a.length === b.length && a.every((step, i) => isLike(step, b[i]!))
}

function isLike(a: ColumnScaling, b: ColumnScaling): boolean {
  if (a.constructor !== b.constructor) return false
  const [own, other] = [Object.entries(a.getParams()), b.getParams()]
  return own.every(([name, value]) => JSON.stringify(value) === JSON.stringify(other[name]))
}
