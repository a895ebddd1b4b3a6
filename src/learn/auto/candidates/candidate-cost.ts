/** Estimates what it takes to fit a candidate. */

import type { Candidate } from './portfolio.ts'

/** What a candidate is fitted on. */
export interface CostData {
  readonly rows: number
  readonly columns: number
  /** 1 for numbers and two classes. */
  readonly scores: number
  readonly folds: number
  /** Rows that all folds hold out. */
  readonly tested: number
}

/** Time and memory. */
export interface Cost {
  readonly ms: number
  readonly bytes: number
}

/** Options of learners that costs depend on. */
interface Sizes {
  readonly trees?: number
  readonly maxIter?: number
  readonly learningRate?: number
  readonly maxLeafNodes?: number | null
  readonly maxFeatures?: unknown
}

/** Milliseconds of one step of the innermost loop on two threads, and fixed ones of a fit; measured by `bench/trees.ts` and others. */
const paces = {
  moments: 5e-7,
  logistic: 4e-6,
  neighbor: 6e-8,
  forest: 2.6e-6,
  boosting: 1.6e-6,
  network: 4e-5,
} as const

/** Bytes of a node of a tree. */
const nodeBytes = 8

/**
 * Estimates a candidate by the loops that its fits run. Those of the machine's pace and of other candidates' fits correct it, see {@link Paces}.
 */
export function estimateCost({ kind, mode, learner }: Candidate, data: CostData): Cost {
  const { rows: n, columns: d, scores, folds, tested } = data
  const { trees = 100, maxLeafNodes = null, maxFeatures = 1 } = learner as Sizes
  const fits = mode === 'outOfBag' ? 1 : folds + (mode === 'refit' ? 1 : 0)
  const share = typeof maxFeatures === 'number' ? maxFeatures : 1 / Math.sqrt(d)
  const levels = Math.log2(Math.max(2, n))
  const results = 8 * n * scores
  if (kind === 'linear') {
    const pace =
      scores === 1 && mode === 'refit' && !('C' in learner) ? paces.moments : paces.logistic
    return {
      ms: 2 + n * d * (d + 4) * scores ** 2 * pace,
      bytes: results + 8 * d * d * scores * fits,
    }
  }
  if (kind === 'neighbors') {
    const visited = d <= 8 ? Math.min(n, 2000 * levels) : n
    return { ms: 2 + tested * visited * (d + 2) * paces.neighbor, bytes: 8 * n * d + results }
  }
  if (kind === 'randomForest' || kind === 'extraTrees') {
    const leaves = Math.min(n / 1.5, maxLeafNodes ?? Infinity)
    const cuts = kind === 'extraTrees' ? 0.4 : 1
    const depth = Math.min(levels, Math.log2(leaves + 1) + 4)
    return {
      ms: 2 + fits * trees * n * depth * Math.max(1, d * share) * cuts * paces.forest,
      bytes: fits * trees * 2 * leaves * nodeBytes * (scores > 1 ? 1.5 : 1) + 32 * n + results,
    }
  }
  if (kind === 'boosting') {
    const rounds = boostedRounds(learner)
    const leaves = maxLeafNodes ?? n / 20
    return {
      ms:
        2 +
        fits *
          rounds *
          scores *
          (n * d * Math.max(0.5, share) * paces.boosting + leaves * d * 256 * 1e-6),
      bytes: fits * rounds * scores * 2 * leaves * nodeBytes + 24 * n * scores + results,
    }
  }
  if (kind === 'network')
    return { ms: 2 + fits * 30 * n * (d + 20) * paces.network, bytes: 16 * n + results }
  return { ms: 0, bytes: results }
}

/** Rounds of boosting that are expected: early stopping mostly ends it before many, and the sooner the larger its steps are. */
export function boostedRounds(learner: object): number {
  const { maxIter = 100, learningRate = 0.1 } = learner as Sizes
  return Math.min(maxIter, Math.ceil(30 / learningRate))
}

/** Of a shorter fit the first calls of functions take the most time. */
const leastSureMs = 100

/** How much slower or faster fits are than estimated, by kind of learner. */
export class Paces {
  readonly #factors = new Map<string, number>()
  /** Factors of kinds that were measured by a fit long enough to tell the pace of the machine. */
  readonly #sure = new Map<string, number>()

  /** How many times as long as estimated the slowest kind has taken; at least 1. */
  get slowdown(): number {
    return Math.max(1, ...this.#factors.values())
  }

  /** The estimated milliseconds of a candidate. One of a new kind is slowed as the least slowed of others: by a busy machine. */
  correct(kind: string, ms: number): number {
    const least = this.#sure.size === 0 ? 1 : Math.max(1, Math.min(...this.#sure.values()))
    return ms * (this.#factors.get(kind) ?? least)
  }

  /** Learns from a finished fit. */
  learn(kind: string, estimatedMs: number, tookMs: number): void {
    if (estimatedMs === 0) return
    const factor = Math.max(0.05, Math.min(20, tookMs / estimatedMs))
    this.#factors.set(kind, factor)
    if (estimatedMs >= leastSureMs) this.#sure.set(kind, factor)
  }
}
