/** Stops the tasks in progress when a run ends early. */

import { OneCopyError } from '../../errors.ts'
import { longestMs } from '../machine/keep-alive.ts'
import type { PoolWorker } from '../pool-worker/pool-worker.ts'
import type { Job } from '../run/job.ts'
import type { Run } from '../run/run.ts'

/** How many times the grace the tasks of other runs, which a kill would lose, are waited for. */
const mostGraces = 10

/**
 * Tells the tasks of `run` that workers are in to let go (`taskSignal()`), and kills the workers of those that don't
 * within the run's `graceMs`. Tasks of other runs that wait there run elsewhere.
 */
export function abandon(run: Run, workers: Iterable<PoolWorker>): void {
  for (const worker of workers) {
    for (const { job } of worker.running) {
      if (job.run !== run) continue
      worker.abort(job)
      killLater(worker, job)
    }
  }
}

/** Kills a worker that is still in `job` after the grace of its run; it is given some time to finish its other tasks. */
export function killLater(worker: PoolWorker, job: Job, graces = 1): void {
  const { graceMs } = job.run.settings
  if (graceMs > longestMs) return
  setTimeout(() => {
    if (!worker.isIn(job)) return
    if (graces >= mostGraces || !worker.holdsOthers(job))
      worker.evict(job, new OneCopyError('ERR_CLOSED', 'Its run is over.'))
    else {
      worker.stopGiving()
      killLater(worker, job, graces + 1)
    }
  }, graceMs).unref()
}
