/** Tasks that have failed while their worker is still in them. */

import type { Job } from '../run/job.ts'

/** Tasks whose failure their runs already know: later results of these tasks are ignored. */
export class FailedTasks {
  /** Tasks whose signal was aborted, while the worker continues with others. */
  readonly #asked = new Set<Job>()
  #killedFor: Job | undefined

  /** The task because of which the worker was killed. */
  get killedFor(): Job | undefined {
    return this.#killedFor
  }

  /** Notes that the worker is killed because of `job`. */
  killFor(job: Job): void {
    this.#killedFor = job
  }

  /** Notes that the signal of `job` was aborted. */
  add(job: Job): void {
    this.#asked.add(job)
  }

  /** Whether a task has failed already. */
  has(job: Job): boolean {
    return job === this.#killedFor || this.#asked.has(job)
  }

  /** Notes that a task has ended on its worker. @returns whether it had failed before */
  end(job: Job): boolean {
    return this.#asked.delete(job) || job === this.#killedFor
  }
}
