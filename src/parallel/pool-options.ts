/** Options of the workers of a Parallel: how many, where, and their life. */

import { OneCopyError, show } from '../errors.ts'
import type { Backend } from './backend.ts'
import { coreBudget, countWorkers, isWorker, shareOfCores } from './cores.ts'
import { optionalCount } from './option-checks.ts'
import { processes } from './processes.ts'
import { serial } from './serial.ts'
import { threads } from './threads.ts'

/** Options of a {@link Parallel} that are about its workers. */
export interface PoolOptions {
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
}

/** {@link PoolOptions} in full: what a pool is made of. */
export interface PoolSettings {
  readonly backend: Backend
  readonly workers: number
  readonly kernelThreads: number
  readonly maxBytes: number | null
}

/** Names of all options of workers. */
export const poolOptionNames = ['workers', 'backend', 'maxBytes', 'kernelThreads'] as const

const backends: Readonly<Record<string, Backend>> = { serial, threads, processes }

/**
 * Checks options and completes them.
 *
 * @throws TypeError for a wrong type
 * @throws OneCopyError `ERR_OPTION` for a number out of its range
 */
export function completePoolOptions(options: PoolOptions): PoolSettings {
  const backend = chooseBackend(options.backend)
  const workers = chooseWorkers(options.workers, backend)
  return {
    backend,
    workers,
    maxBytes:
      options.maxBytes === null
        ? null
        : (optionalCount('maxBytes', options.maxBytes, 0) ?? 2 ** 20),
    kernelThreads:
      optionalCount('kernelThreads', options.kernelThreads, 1) ?? shareOfCores(workers),
  }
}

function chooseBackend(asked: PoolOptions['backend'] = 'threads'): Backend {
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
