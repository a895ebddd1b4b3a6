/** Tasks that have failed while their worker is still in them. */

import type { Job } from '../run/run.ts'

/** What became of such tasks was told to their runs: what their worker says of them counts no more. */
export class FailedTasks {
  /** Tasks that were asked to end, while the worker goes on with others. */
  readonly #asked = new Set<Job>()
  #blamed: Job | undefined

  /** The task for whose sake the worker was ended. */
  get blamed(): Job | undefined {
    return this.#blamed
  }

  /** The worker is ended for the sake of `job`. */
  blame(job: Job): void {
    this.#blamed = job
  }

  /** A task was asked to end. */
  add(job: Job): void {
    this.#asked.add(job)
  }

  /** Whether a task has failed already. */
  has(job: Job): boolean {
    return job === this.#blamed || this.#asked.has(job)
  }

  /** The worker has ended a task. Returns whether it had failed before. */
  end(job: Job): boolean {
    return this.#asked.delete(job) || job === this.#blamed
  }
}
