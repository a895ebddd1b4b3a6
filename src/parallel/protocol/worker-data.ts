/** The data that a worker receives when it starts. */

import type { MessagePort } from 'node:worker_threads'
import type { ArrayReference } from '../../arrays/index.ts'
import type { FrameKey } from './frames.ts'
import type { WorkerSetup } from './messages.ts'

/** What a thread of ours finds in its `workerData`. */
export interface ThreadData {
  /** Taken out before the first task, so that no task posts to the port. */
  onecopy?: {
    readonly setup: WorkerSetup
    readonly port: MessagePort
    /** How many messages each side has posted to the port. */
    readonly posted: Int32Array
    /** The words of its claims. */
    readonly words: Int32Array
  }
}

/** The first message to a worker process. */
export interface ProcessData {
  readonly setup: WorkerSetup
  /** The words of its claims. */
  readonly words: ArrayReference
  /** What its messages begin with. */
  readonly key: FrameKey
}

/** The descriptor that a worker process writes messages to; what it writes is read at once, or waits. */
export const fromWorker = 3

/** The descriptor that a worker process reads messages from. */
export const toWorker = 4
