/** A worker that could not be started. */

import type { BackendWorker, WorkerEvents } from '../protocol/backend.ts'
import { Claims, claimsBytes } from '../protocol/claims.ts'

/** A worker that ends at once, by `error`. */
export function deadWorker(error: unknown, events: WorkerEvents): BackendWorker {
  setImmediate(() => events.onExit({ error, isUnstarted: true }))
  return {
    label: 'not started',
    claims: new Claims(new Int32Array(claimsBytes() / 4)),
    post: () => {},
    kill: () => {},
  }
}
