/** The options of a Parallel: what they mean, and what is refused. */

import { OneCopyError, show } from '../errors.ts'
import type { Backend } from './backend.ts'
import { coreBudget, countWorkers, isWorker, shareOfCores } from './cores.ts'
import type { PoolSettings } from './pool.ts'
import { processes } from './processes.ts'
import type { Order, StreamOptions } from './result-stream.ts'
import { serial } from './serial.ts'
import { threads } from './threads.ts'

/** Options of {@link Parallel}. */
export interface ParallelOptions {
  /**
   * Number of workers. Default: all cores that affinity and the cgroup's quota leave to this process.
   * Negative numbers count from there: -1 is all cores, -2 all but one.
   */
  readonly workers?: number
  /**
   * Where tasks run: `'threads'` (default) start fastest, `'processes'` survive crashes of native code and
   * give all their memory back, `'serial'` is this thread, with the same rules, for debugging. Inside a
   * worker it is threads, or serial when the worker's share of the cores is one, whatever is asked.
   */
  readonly backend?: 'threads' | 'processes' | 'serial' | Backend
  /**
   * From this size on an array in private memory is put into scratch memory once and not cloned for each
   * task; results of this size are moved. Default 1 MB; null: always clone.
   */
  readonly maxBytes?: number | null
  /** Native threads that one kernel may use in a worker. Default: the worker's share of the cores. */
  readonly kernelThreads?: number
  /**
   * Tasks that may be taken from the input and not finished. Default: as many as keep every worker supplied,
   * two messages of about 4 ms each.
   */
  readonly preDispatch?: number
  /**
   * Results of a stream that may wait for their reader; a full window stops the run. Default: 2 × workers + 2,
   * or what all workers finish in about 8 ms, if that is more.
   */
  readonly maxAhead?: number
}

/** Options in full. */
export interface ParallelSettings extends PoolSettings {
  readonly maxAhead: number | undefined
}

const backends: Readonly<Record<string, Backend>> = { serial, threads, processes }
const known = ['workers', 'backend', 'maxBytes', 'kernelThreads', 'preDispatch', 'maxAhead']

/**
 * Checks options and completes them.
 *
 * @throws TypeError for a wrong type or an unknown option
 * @throws OneCopyError `ERR_OPTION` for a number out of its range
 */
export function completeOptions(options: ParallelOptions): ParallelSettings {
  requireKnown('Parallel', options, known)
  const backend = chooseBackend(options.backend)
  const workers = chooseWorkers(options.workers, backend)
  return {
    backend,
    workers,
    maxBytes:
      options.maxBytes === null ? null : (optional('maxBytes', options.maxBytes, 0) ?? 2 ** 20),
    kernelThreads: optional('kernelThreads', options.kernelThreads, 1) ?? shareOfCores(workers),
    preDispatch: optional('preDispatch', options.preDispatch, 1),
    maxAhead: optional('maxAhead', options.maxAhead, 1),
  }
}

/**
 * Checks the options of a stream.
 *
 * @throws as {@link completeOptions}
 */
export function completeStreamOptions(options: StreamOptions): {
  order: Order
  maxAhead: number | undefined
} {
  requireKnown('A stream', options, ['order', 'maxAhead'])
  const { order = 'input' } = options
  if (order !== 'input' && order !== 'completion') {
    throw new TypeError(`Expected \`order\` to be 'input' or 'completion', got ${show(order)}.`)
  }
  return { order, maxAhead: optional('maxAhead', options.maxAhead, 1) }
}

function requireKnown(what: string, options: object, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`Expected an object with options, got ${show(options)}.`)
  }
  const strange = Object.keys(options).find((key) => !names.includes(key))
  if (strange === undefined) return
  throw new TypeError(`${what} has no option \`${strange}\`. It has: ${names.join(', ')}.`)
}

function chooseBackend(asked: ParallelOptions['backend'] = 'threads'): Backend {
  const backend =
    typeof asked === 'string' && Object.hasOwn(backends, asked) ? backends[asked] : asked
  if (typeof backend !== 'object' || backend === null || typeof backend.start !== 'function') {
    throw new TypeError(
      `Expected \`backend\` to be 'threads', 'processes', 'serial' or a backend, got ${show(asked)}.`,
    )
  }
  if (!isWorker()) return backend
  return coreBudget() > 1 && backend !== serial ? threads : serial
}

function chooseWorkers(asked: number | undefined, backend: Backend): number {
  if (asked !== undefined && (typeof asked !== 'number' || Number.isNaN(asked))) {
    throw new TypeError(`Expected \`workers\` to be a number, got ${show(asked)}.`)
  }
  if (asked !== undefined && (!Number.isInteger(asked) || asked === 0)) {
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected \`workers\` to be a whole number other than 0, got ${asked}. Use -1 for all cores, and backend 'serial' to run without workers.`,
      { details: { workers: asked } },
    )
  }
  return backend.sameThread ? 1 : countWorkers(asked ?? -1)
}

function optional(name: string, value: number | undefined, least: number): number | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'number' || Number.isNaN(value)) {
    throw new TypeError(`Expected \`${name}\` to be a number, got ${show(value)}.`)
  }
  if (value >= least && (Number.isInteger(value) || value === Infinity)) return value
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`${name}\` to be a whole number of at least ${least}, got ${value}.`,
    { details: { [name]: value } },
  )
}
