/** How far the fit of an ensemble is. */

/** One look at a fit. */
export interface EnsembleProgress {
  /** What was worked on: the learners, or the meta learner on their predictions. */
  readonly phase: 'learners' | 'meta'
  /** Parts of the work that are done, of both phases. */
  readonly done: number
  /** Parts of the work that there are. */
  readonly total: number
}

/** Counts parts of the work and tells about them. */
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

  /** One more part of a phase is done. Parts of learners that failed count as done in the next phase. */
  step(phase: EnsembleProgress['phase']): void {
    const before = phase === 'meta' ? this.#parts.learners : 0
    this.#done = Math.max(this.#done, before) + 1
    this.#say(phase)
  }

  /** All is done. */
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
