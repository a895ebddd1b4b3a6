/** Fits candidates while there is time and memory. */

import { isOneCopyError, type OneCopyError } from '../../errors.ts'
import type { AutoProgress } from './auto-progress.ts'
import { type CostData, estimateCost, Paces } from './candidate-cost.ts'
import type { FittedCandidate } from './candidate-layer.ts'
import type { Candidate } from './portfolio.ts'
import type { ReachedLimit, RunLimits } from './run-limits.ts'

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
  readonly fit: (
    candidate: Candidate,
    signal: AbortSignal | undefined,
    onStep: () => void,
  ) => Promise<FittedCandidate>
  readonly onProgress: (progress: Pick<AutoProgress, 'learner' | 'done' | 'total'>) => void
  /** Whether the first candidate runs to its end whatever the time. */
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
    const next = chooseNext(waiting, run, isFirst)
    waiting = waiting.filter((one) => one !== next)
    const { ms, bytes } = estimateCost(next, costs)
    const expectedMs = paces.correct(next.kind, ms)
    const done = candidates.length - waiting.length - 1
    if (bytes > limits.leftBytes) {
      leave(next.name, 'memory', 'would exceed')
      continue
    }
    if (!isFirst && expectedMs > limits.leftMs - reserveMs()) {
      leave(next.name, 'time', 'would exceed')
      continue
    }
    const start = limits.elapsedMs
    const onStep = (): void =>
      run.onProgress({ learner: next.name, done, total: candidates.length })
    onStep()
    try {
      const reserve = isFirst ? -Infinity : reserveMs()
      const outcome = await limits.run(reserve, (signal) => run.fit(next, signal, onStep))
      if ('reached' in outcome) leave(next.name, outcome.reached, 'was stopped by')
      else fitted.push(outcome.result)
    } catch (error) {
      if (!isOneCopyError(error) || error.code !== 'ERR_LEARNER') throw error
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
