/** How members of a layer are fitted, and what they share. */

import { show } from '../../errors.ts'
import { type FoldSharing, isSharingEstimator } from '../contract/fold-sharing.ts'
import type { AffineTransformer } from '../contract/moments-estimator.ts'
import { isLinearModel } from '../linear/linear-model.ts'
import { affineSteps, type EnsembleMember } from './ensemble-member.ts'

/** A member, and how its folds are fitted. */
export interface MemberPlan {
  readonly member: EnsembleMember
  /** Its column of `Z`. */
  readonly column: number
  /** What its folds share; undefined when each is fitted on its rows alone. */
  readonly sharing: FoldSharing | undefined
  /** Scalers that are applied by maps of columns, without a copy; only with `sharing`. */
  readonly scalers: readonly AffineTransformer[]
  /** A number that members with the same scalers have in common. */
  readonly scalersNumber: number
  /** Whether its models are linear functions, so that many predict in one pass over the rows. */
  readonly isLinear: boolean
}

/** Plans the fit of a layer. */
export function planMembers(members: readonly EnsembleMember[], folds: number): MemberPlan[] {
  const kinds: (readonly AffineTransformer[])[] = []
  return members.map((member, column) => {
    const { learner } = member
    const scalers = affineSteps(member)
    const offered = isSharingEstimator(learner)
      ? requireSharing(member.name, learner.foldSharing(folds))
      : undefined
    const canScale = scalers?.length === 0 || offered?.scaling !== undefined
    const sharing = scalers !== undefined && canScale ? offered : undefined
    if (scalers === undefined || sharing === undefined)
      return { member, column, sharing: undefined, scalers: [], scalersNumber: -1, isLinear: false }
    const known = kinds.findIndex((kind) => areAlike(kind, scalers))
    const scalersNumber = known === -1 ? kinds.push(scalers) - 1 : known
    const isLinear = sharing.inThread === true && isLinearModel(learner)
    return { member, column, sharing, scalers, scalersNumber, isLinear }
  })
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
function areAlike(a: readonly AffineTransformer[], b: readonly AffineTransformer[]): boolean {
  return a.length === b.length && a.every((step, i) => isLike(step, b[i]!))
}

function isLike(a: AffineTransformer, b: AffineTransformer): boolean {
  if (a.constructor !== b.constructor) return false
  const [own, other] = [Object.entries(a.getParams()), b.getParams()]
  return own.every(([name, value]) => JSON.stringify(value) === JSON.stringify(other[name]))
}
