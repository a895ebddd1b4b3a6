/** Progress of the fit of an ensemble. */

import { tellProgress } from './watched-fit.ts'

/** Progress of a fit at one moment. */
export interface EnsembleProgress {
  /** What is being fitted: the learners, the meta learner on their predictions, or the whole ensemble on each of `nestedFolds`. */
  readonly phase: 'learners' | 'meta' | 'nested'
  /** Parts of the work done so far, in all phases. */
  readonly done: number
  /** All parts of the work, in all phases. */
  readonly total: number
}

/** Parts of the work in each phase; phases that are left out have none. */
type PhaseParts = Readonly<Partial<Record<EnsembleProgress['phase'], number>>>

const phases = ['learners', 'meta', 'nested'] as const

/** Counts finished parts of the work and reports them. */
export class FitProgress {
  readonly #tell: ((progress: EnsembleProgress) => void) | undefined
  readonly #parts: PhaseParts
  readonly #total: number
  #done = 0

  constructor(
    { onProgress }: { readonly onProgress?: (progress: EnsembleProgress) => void },
    parts: PhaseParts,
  ) {
    this.#tell = onProgress
    this.#parts = parts
    this.#total = this.#before(phases.length)
  }

  /** Reports that a part of a phase is done. Parts of failed learners count as done in the next phase. */
  step(phase: EnsembleProgress['phase']): void {
    this.#done = Math.max(this.#done, this.#before(phases.indexOf(phase))) + 1
    this.#say(phase)
  }

  /** Reports that everything is done. */
  end(): void {
    if (this.#done === this.#total) return
    this.#done = this.#total
    this.#say(phases.findLast((phase) => this.#partsOf(phase) > 0) ?? 'learners')
  }

  /** Parts of the first phases. */
  #before(count: number): number {
    return phases.slice(0, count).reduce((sum, phase) => sum + this.#partsOf(phase), 0)
  }

  #partsOf(phase: EnsembleProgress['phase']): number {
    return this.#parts[phase] ?? 0
  }

  #say(phase: EnsembleProgress['phase']): void {
    tellProgress(this.#tell, { phase, done: this.#done, total: this.#total })
  }
}
