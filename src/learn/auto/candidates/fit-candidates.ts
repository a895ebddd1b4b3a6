/** Fits candidates while there is time and memory. */

import { isOneCopyError, type OneCopyError } from '../../../errors.ts'
import type { AutoProgress } from '../auto-progress.ts'
import { type CostData, estimateCost, Paces } from './candidate-cost.ts'
import type { CandidateFit, FittedCandidate } from './fitted-candidate.ts'
import type { Candidate } from './portfolio.ts'
import { withFewerTrees } from './fewer-trees.ts'
import type { ReachedLimit, RunLimits } from '../run-limits.ts'

/** A candidate that is not part of the ensemble, and why. */
export interface LeftOut {
  readonly name: string
  readonly reason: string
}

/** How candidates are fitted. */
export interface CandidateRun {
  readonly limits: RunLimits
  readonly paces: Paces
  readonly costs: CostData
  /** Milliseconds that are needed after the last candidate. */
  readonly reserveMs: () => number
  /** Fits a candidate. */
  readonly fit: (candidate: Candidate, how: CandidateFit) => Promise<FittedCandidate>
  readonly onProgress: (progress: Pick<AutoProgress, 'learner' | 'done' | 'total'>) => void
  /** Whether the first candidate is not stopped whatever the time; one of trees ends with fewer of them. */
  readonly needsOne: boolean
}

/** What became of candidates. */
export interface CandidateResults {
  readonly fitted: readonly FittedCandidate[]
  readonly leftOut: readonly LeftOut[]
  /** Whether a limit has left some out. */
  readonly isCut: boolean
}

/**
 * Fits candidates, those first that are worth most for their time. A candidate that would not end in time, or that would need more memory
 * than is left, is left out before it starts; one that takes longer or more than estimated is stopped.
 *
 * @throws OneCopyError of the first candidate when all fail; the reason of the caller's signal
 */
export async function fitCandidates(
  candidates: readonly Candidate[],
  run: CandidateRun,
): Promise<CandidateResults> {
  const { limits, paces, costs, reserveMs } = run
  const fitted: FittedCandidate[] = []
  const leftOut: LeftOut[] = []
  let waiting = [...candidates]
  let failure: OneCopyError | undefined
  let isCut = false
  const leave = (name: string, limit: ReachedLimit, how: string): void => {
    isCut = true
    leftOut.push({ name, reason: `${how} the ${limit} limit` })
  }
  while (waiting.length > 0) {
    const isFirst = run.needsOne && fitted.length === 0
    const chosen = chooseNext(waiting, run, isFirst)
    waiting = waiting.filter((one) => one !== chosen)
    const next = fitToTime(chosen, run, isFirst)
    const { ms, bytes } = estimateCost(next, costs)
    const expectedMs = paces.correct(next.kind, ms)
    const done = candidates.length - waiting.length - 1
    if (bytes > limits.leftBytes) {
      leave(next.name, 'memory', 'would exceed')
      continue
    }
    const leftMs = limits.leftMs - reserveMs()
    if (
      !isFirst &&
      (leftMs <= 0 || (expectedMs > leftMs && !canFinish(next, leftMs / expectedMs)))
    ) {
      leave(next.name, 'time', 'would exceed')
      continue
    }
    const start = limits.elapsedMs
    let fits = next.mode === 'outOfBag' ? 1 : costs.folds
    const tell = (): void => run.onProgress({ learner: next.name, done, total: candidates.length })
    const onStep = (): void => {
      fits = Math.max(1, fits - 1)
      tell()
    }
    // Each fit gets an equal part of the time that is left. The first candidate is not stopped, but it has fewer trees on a busy machine.
    const finish = (): AbortSignal | undefined => {
      const ms = (fitShare * (limits.leftMs - reserveMs())) / fits
      return ms > longestMs ? undefined : AbortSignal.timeout(Math.max(1, Math.floor(ms)))
    }
    tell()
    try {
      const reserve = isFirst ? -Infinity : reserveMs()
      const outcome = await limits.run(reserve, (signal) =>
        run.fit(next, { signal, finish, onStep }),
      )
      if ('reached' in outcome) leave(next.name, outcome.reached, 'was stopped by')
      else fitted.push(outcome.result)
    } catch (error) {
      // Without this learner the workers may live.
      const isOfLearner =
        isOneCopyError(error) && ['ERR_LEARNER', 'ERR_WORKER_LOST'].includes(error.code)
      if (!isOfLearner) throw error
      failure ??= error
      leftOut.push({ name: next.name, reason: error.message })
    }
    paces.learn(next.kind, ms, limits.elapsedMs - start)
  }
  if (fitted.length === 0 && failure !== undefined) throw failure
  return { fitted, leftOut, isCut }
}

/** The candidate that is worth most for its time; without a limit the most valuable one. The first one is a quick one. */
function chooseNext(
  waiting: readonly Candidate[],
  { limits, paces, costs }: CandidateRun,
  isFirst: boolean,
): Candidate {
  const { timeLimitMs } = limits
  const base = timeLimitMs === Infinity ? Infinity : timeLimitMs / (isFirst ? 100 : 4)
  const worth = (candidate: Candidate): number => {
    const ms = paces.correct(candidate.kind, estimateCost(candidate, costs).ms)
    return base === Infinity ? candidate.value : candidate.value / (base + ms)
  }
  return waiting.toSorted((a, b) => worth(b) - worth(a))[0]!
}

/** The share of the time of a fit after which trees are as many as there are: the rest is for predictions. */
const fitShare = 0.75

/** Most milliseconds of a timer. */
const longestMs = 2 ** 31 - 1

/** Whether a fit that takes longer than there is time can end with fewer trees that are worth something. */
function canFinish({ kind }: Candidate, share: number): boolean {
  return share > 0.1 && ['boosting', 'randomForest', 'extraTrees'].includes(kind)
}

/** The share of the time that is left which estimates may fill: they are not exact. */
const safeShare = 0.8

/** A candidate with as many trees as there is time for; itself when there is time enough, or too little for a useful number. */
function fitToTime(
  candidate: Candidate,
  { limits, paces, costs, reserveMs }: CandidateRun,
  isFirst: boolean,
): Candidate {
  const leftMs = safeShare * (limits.leftMs - reserveMs())
  const ms = paces.correct(candidate.kind, estimateCost(candidate, costs).ms)
  if (isFirst || leftMs === Infinity || ms <= leftMs) return candidate
  return withFewerTrees(candidate, leftMs / ms) ?? candidate
}
