/** Candidates of a search: learners, steps before them, values of options. */

import { isDeepStrictEqual } from 'node:util'
import { OneCopyError, show } from '../../errors.ts'
import { clone, isTransformer, type Params, type Transformer } from '../contract/estimator.ts'
import {
  type EnsembleMember,
  type Learners,
  makeMembers,
} from '../ensembles/members/ensemble-member.ts'
import { RandomKey } from '../statistics/counter-random.ts'
import { drawParams, gridOf, type ParameterSpace } from './parameter-space.ts'

/** Steps before learners: one case, or several by name. */
export type PreprocessingCases =
  | Transformer
  | readonly Transformer[]
  | Readonly<Record<string, Transformer | readonly Transformer[]>>

/** A learner with values of its options and steps before it. */
export interface Candidate {
  readonly member: EnsembleMember
  /** Name of the learner. */
  readonly learner: string
  /** Name of the steps before it; empty for a single case. */
  readonly preprocessing: string
  /** Values of options that were tried. */
  readonly params: Params
}

/** Learners with the steps before them in one case. */
export interface LearnerCases {
  readonly members: readonly EnsembleMember[]
  readonly preprocessing: string
  readonly space: ParameterSpace
}

/**
 * Makes a list of members for each case; members of a case have the same list of steps, which are fitted once for all of them.
 *
 * @param names - names of learners so far; new names are added
 * @throws TypeError for what is no learner, no transformer or no case
 */
export function makeCases(
  learners: Learners,
  preprocess: PreprocessingCases,
  space: ParameterSpace,
  names: EnsembleMember[],
): LearnerCases[] {
  const fresh = makeMembers(learners, {}, names)
  names.push(...fresh)
  return casesOf(preprocess).map(([preprocessing, steps]) => {
    // The steps, checked and copied once.
    const [{ preprocess: own }] = makeMembers(fresh[0]!.learner, { preprocess: steps }, []) as [
      EnsembleMember,
    ]
    return { preprocessing, space, members: fresh.map((one) => ({ ...one, preprocess: own })) }
  })
}

function casesOf(
  preprocess: PreprocessingCases,
): (readonly [string, Transformer | readonly Transformer[]])[] {
  if (Array.isArray(preprocess) || isTransformer(preprocess))
    return [['', preprocess as Transformer | readonly Transformer[]]]
  const isRecord = typeof preprocess === 'object' && preprocess !== null
  const cases = isRecord ? Object.entries(preprocess) : []
  const isCase = (steps: unknown): boolean => Array.isArray(steps) || isTransformer(steps)
  const wrong = cases.find(([, steps]) => !isCase(steps))
  if (cases.length > 0 && wrong === undefined) return cases
  throw new TypeError(
    'Expected `preprocess` to be transformers, or lists of them by name, such as { raw: [], scaled: new StandardScaler() }, ' +
      `got ${show(wrong === undefined ? preprocess : wrong[1])}.`,
  )
}

/** How values of options are chosen. */
export interface CandidateChoice {
  readonly search: 'random' | 'grid' | 'halving'
  /** How many values are drawn for each learner in each case. */
  readonly draws: number
  readonly seed: number
}

/**
 * The candidates of all cases.
 *
 * @throws OneCopyError `ERR_OPTION` for an option that a learner doesn't have, and for a distribution in a grid
 */
export function listCandidates(
  cases: readonly LearnerCases[],
  { search, draws, seed }: CandidateChoice,
): Candidate[] {
  const key = new RandomKey(seed)
  return cases.flatMap(({ members, preprocessing, space }, c) =>
    members.flatMap((member, l) => {
      const own = key.part(c).part(l)
      const points =
        search === 'grid' ? gridOf(space) : drawn(space, Array.from({ length: draws }), own)
      return points.map((params, i): Candidate => {
        const parts = [preprocessing, member.name, ...(points.length > 1 ? [i] : [])]
        const name = parts.filter((part) => part !== '').join('/')
        const learner = clone(member.learner).setParams(params)
        return {
          member: { ...member, name, learner },
          learner: member.name,
          preprocessing,
          params,
        }
      })
    }),
  )
}

/** Different points among draws; one without options. */
function drawn(space: ParameterSpace, draws: readonly unknown[], key: RandomKey): Params[] {
  const points: Params[] = []
  for (const draw of draws.keys()) {
    const point = drawParams(space, key, draw)
    if (!points.some((known) => isDeepStrictEqual(known, point))) points.push(point)
  }
  return points
}

/** Refuses a search without learners. @throws OneCopyError `ERR_ROWS` */
export function requireCandidates(candidates: readonly Candidate[]): void {
  if (candidates.length > 0) return
  throw new OneCopyError(
    'ERR_ROWS',
    'Expected learners to search among, got none. Call add() first.',
  )
}
