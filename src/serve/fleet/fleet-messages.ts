/** What the processes of a server say to one another. */

import type { ArrayReference } from '../../arrays/index.ts'
import type { MetricsJson } from '../observe/metrics.ts'
import type { ServeOptions } from '../server/serve-options.ts'
import type { ModelFile } from './model-files.ts'

/** Options of a server that travel to its workers. */
export type WorkerOptions = Omit<ServeOptions, 'onError'>

/** To a worker. */
export type ToWorker =
  | {
      readonly kind: 'start'
      readonly files: readonly ModelFile[]
      readonly options: WorkerOptions
      readonly states: ArrayReference
      readonly threads: number
    }
  /** With a socket; `isAdopted`: another worker had it, and may have read of it. */
  | { readonly kind: 'connection'; readonly slot: number; readonly isAdopted: boolean }
  | { readonly kind: 'reload'; readonly files: readonly ModelFile[] }
  | { readonly kind: 'report'; readonly id: number }
  | { readonly kind: 'gathered'; readonly id: number; readonly all: readonly MetricsJson[] }
  | { readonly kind: 'close' }

/** From a worker. */
export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly text: string }
  | { readonly kind: 'closed'; readonly slots: readonly number[] }
  | { readonly kind: 'reloaded'; readonly failures: readonly string[] }
  | { readonly kind: 'reported'; readonly id: number; readonly metrics: MetricsJson }
  /** Asks for the metrics of all workers. */
  | { readonly kind: 'gather'; readonly id: number; readonly own: MetricsJson }
  | { readonly kind: 'fault'; readonly text: string }

/** What a connection is doing: a number of shared memory, which outlives its worker. */
export const connectionState = {
  /** No request, as far as the worker has read. */
  idle: 0,
  /** A request has arrived, nothing of its answer was sent. */
  waiting: 1,
  /** An answer is being sent. */
  answering: 2,
} as const

/** Most connections at a time. */
export const mostConnections = 16_384
