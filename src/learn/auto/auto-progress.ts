/** Progress of the fit of an automatic ensemble. */

/** Progress of a fit at one moment. */
export interface AutoProgress {
  /** What is done: learners of the first or second layer are fitted, or their weights are found. */
  readonly phase: 'layer1' | 'layer2' | 'weights'
  /** Name of the learner that is fitted; empty while weights are found. */
  readonly learner: string
  /** Learners that have been fitted or left out. */
  readonly done: number
  /** All learners. */
  readonly total: number
  /** Milliseconds since the start. */
  readonly elapsedMs: number
}
