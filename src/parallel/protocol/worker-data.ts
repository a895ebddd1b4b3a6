/** What a worker of each backend is given when it starts. */

import type { MessagePort } from 'node:worker_threads'
import type { ArrayReference } from '../../arrays/index.ts'
import type { WorkerSetup } from './messages.ts'

/** What a thread of ours finds in its `workerData`. */
export interface ThreadData {
  readonly onecopy: {
    readonly setup: WorkerSetup
    readonly port: MessagePort
    /** The words of its claims. */
    readonly words: Int32Array
  }
}

/** The first message to a worker process. */
export interface ProcessData {
  readonly setup: WorkerSetup
  /** The words of its claims. */
  readonly words: ArrayReference
}
