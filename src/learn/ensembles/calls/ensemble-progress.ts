/** Progress of the fit of an ensemble. */

/** Progress of a fit at one moment. */
export interface EnsembleProgress {
  /** What is being fitted: the learners, or the meta learner on their predictions. */
  readonly phase: 'learners' | 'meta'
  /** Parts of the work done so far, in both phases. */
  readonly done: number
  /** All parts of the work, in both phases. */
  readonly total: number
}

/** Counts finished parts of the work and reports them. */
export class FitProgress {
  readonly #tell: ((progress: EnsembleProgress) => void) | undefined
  readonly #parts: Readonly<Record<EnsembleProgress['phase'], number>>
  #done = 0

  constructor(
    { onProgress }: { readonly onProgress?: (progress: EnsembleProgress) => void },
    parts: Readonly<Record<EnsembleProgress['phase'], number>>,
  ) {
    this.#tell = onProgress
    this.#parts = parts
  }

  /** Reports that a part of a phase is done. Parts of failed learners count as done in the next phase. */
  step(phase: EnsembleProgress['phase']): void {
    const before = phase === 'meta' ? this.#parts.learners : 0
    this.#done = Math.max(this.#done, before) + 1
    this.#say(phase)
  }

  /** Reports that everything is done. */
  end(): void {
    if (this.#done === this.#total) return
    this.#done = this.#total
    this.#say(this.#parts.meta === 0 ? 'learners' : 'meta')
  }

  get #total(): number {
    return this.#parts.learners + this.#parts.meta
  }

  #say(phase: EnsembleProgress['phase']): void {
    this.#tell?.({ phase, done: this.#done, total: this.#total })
  }
}
