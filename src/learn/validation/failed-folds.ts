/** Measures an estimator on each fold alone where it fails on some. */

import type { Fold } from '../contract/fold-sharing.ts'
import {
  type MeasuredMember,
  type MeasuredMembers,
  measureMembers,
  type Validation,
} from './validate-members.ts'
import { planValidation } from './validation-folds.ts'

/**
 * Fits members on all folds and scores each fold. With `onError: 'skip'`, one that fails is fitted again on each fold alone, so that the
 * folds on which it works have their scores.
 *
 * @throws as {@link measureMembers} does
 */
export async function measureFolds(
  validation: Omit<Validation, 'probaFor' | 'check'>,
): Promise<MeasuredMembers> {
  const found = await measureMembers(validation)
  if (validation.settled.onError === 'stop') return found
  const members: MeasuredMember[] = []
  for (const [i, one] of found.members.entries()) {
    const member = validation.members[i]!
    const folds = found.folds.slice(0, one.fitSeconds.length)
    const isWorth = one.failure !== undefined && folds.length > 1
    members.push(
      isWorth ? await measureAlone({ ...validation, members: [member] }, one, folds) : one,
    )
  }
  return { ...found, members }
}

/** Measures each fold by itself; a failure is told as that of the first one. */
async function measureAlone(
  validation: Omit<Validation, 'probaFor' | 'check'>,
  failed: MeasuredMember,
  folds: readonly Fold[],
): Promise<MeasuredMember> {
  const scores = failed.scores.map((list) => [...list])
  const [fitSeconds, predictSeconds] = [[...failed.fitSeconds], [...failed.predictSeconds]]
  for (const [k, { train, test }] of folds.entries()) {
    const settled = {
      ...validation.settled,
      folds: { split: () => [{ train, test }] },
      onProgress: undefined,
    }
    const { members } = await measureMembers({
      ...validation,
      settled,
      keepsModels: false,
      plan: (splits, n) => planValidation(splits, n, false),
    })
    const [own] = members as [MeasuredMember]
    for (const [s, [score]] of own.scores.entries()) scores[s]![k] = score!
    fitSeconds[k] = own.fitSeconds[0]!
    predictSeconds[k] = own.predictSeconds[0]!
  }
  return { ...failed, scores, fitSeconds, predictSeconds }
}
