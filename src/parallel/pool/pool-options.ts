/** Options of a Parallel's workers: how many, where, how long. */

import { OneCopyError, show } from '../../errors.ts'
import { foreignValueAdvice } from '../../foreign-options.ts'
import {
  boolean,
  byteCount,
  isStringList,
  milliseconds,
  type OptionTypes,
  requireNumber,
  wholeNumber,
  refuseChoice,
} from '../../options.ts'
import type { Backend, WorkerLaunch } from '../protocol/backend.ts'
import { coreBudget, countWorkers, isWorker, shareOfCores } from '../machine/cores.ts'
import { threadVariables } from '../backends/exec-arguments.ts'
import { backendCounterparts } from '../run/foreign-options.ts'
import type { OutputOption } from './printer.ts'
import { processes } from '../backends/processes.ts'
import { serial } from '../backends/serial.ts'
import { delayed, Task } from '../tasks/task.ts'
import { threads } from '../backends/threads.ts'

/** Options for the workers of a {@link Parallel}. */
export interface PoolOptions {
  /**
   * Maximum number of workers. Default: the number of cores that CPU affinity and the cgroup quota allow.
   * Negative numbers count down from it: -1 is all cores, -2 all but one.
   */
  readonly workers?: number
  /**
   * Start this many workers with the pool, and keep them when idle. A worker that ends is replaced. Default 0: workers
   * start with the first task.
   */
  readonly minWorkers?: number
  /**
   * Where tasks run. `'threads'` (default) start fastest. `'processes'` isolate crashes of native code and return all
   * their memory to the system. `'serial'` runs tasks in the calling thread under the same rules, for debugging. Inside a
   * worker the pool always runs on threads, or serially if the worker's share is one core.
   */
  readonly backend?: 'threads' | 'processes' | 'serial' | Backend
  /**
   * Copy private arrays of at least this many bytes into shared memory once, instead of cloning them for
   * each task. Results of this size travel through shared memory too. Default 1 MB (2 ** 20). With null, no
   * private array is shared: each task and each caller gets a clone of its own in private memory, whatever its size.
   * A clone of 1 MB or more can't be transferred with a transfer list.
   */
  readonly shareFromBytes?: number | null
  /**
   * Number of native threads that one kernel may use in a worker. Default: the worker's share of the cores. For other
   * native libraries, `OMP_NUM_THREADS` and similar variables are set to this number. Variables that are already set in
   * this process's environment are kept unless you pass this option.
   */
  readonly kernelThreads?: number
  /**
   * Call this in each worker before its first task: a function, or `delayed(fn)(…args)`. Tasks start after it has
   * finished. Its arguments are read once, at the first run. If it fails, the run fails with `ERR_WORKER_START`.
   */
  readonly initializer?: (() => unknown) | Task<unknown>
  /** Replace a worker after this many tasks. Default: no limit. */
  readonly maxTasksPerWorker?: number
  /**
   * Replace a worker whose private memory exceeds this many bytes after a task: for a process its anonymous memory, for
   * a thread its JavaScript heap and array buffers. Shared and mapped arrays don't count. Default: no limit.
   */
  readonly maxMemoryPerWorker?: number
  /** Stop a worker that has been idle this long. Default 60 000; with Infinity, idle workers are kept. */
  readonly idleTimeoutMs?: number
  /**
   * Milliseconds that a worker may take to start, and as many again for its initializer. A worker that takes longer, or
   * that does not begin its next task within this time, is killed, and its tasks run on another worker. The run fails
   * with `ERR_WORKER_START` if no other worker is ready, or if the initializer takes too long. Default 60 000.
   */
  readonly startTimeoutMs?: number
  /**
   * Maximum number of tasks that wait for a worker. When this many wait, no other run begins (see `whenFull`). All tasks
   * of a list count; of a lazy input, those that have been read. A single run may have more tasks than this. Tasks of a
   * stream that wait until results are read don't count. Default: no limit.
   */
  readonly maxQueue?: number
  /**
   * Number of tasks that a worker may run at the same time. Use it for async tasks that wait, such as for a request or a
   * file; it does not speed up computations. Default 1. When a task exceeds `timeoutMs` or its run is over, its
   * `taskSignal()` aborts. If the task does not end, its worker is killed when its other tasks have ended, or after ten
   * times `graceMs`. Tasks that have not ended by then are lost (`ERR_WORKER_LOST`).
   */
  readonly concurrency?: number
  /** Variables to add to the environment of workers; `undefined` removes one. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /**
   * Node options for workers, instead of those of this process. Threads accept only a few; `--max-old-space-size` limits
   * each worker.
   */
  readonly execArgv?: readonly string[]
  /**
   * Collect dropped arrays early, in this thread and in workers. Default false: V8 knows their size and collects them like
   * other garbage, so up to 24 results of 16 MB are in memory at a time. With true it is about 10. This costs about 0.3 ms
   * for every 8 MB of results and an occasional full collection, and briefly changes V8 flags of this process
   * (`--expose-gc`). Disposing of each result (`using`) needs even less memory, without this cost.
   */
  readonly eagerGc?: boolean
  /**
   * What to do with text that tasks print on stdout and stderr. `'inherit'` (default) prints it in the main process, in
   * whole lines, before the task's result arrives. `'prefix'` adds the worker and task before each line. `'ignore'` drops
   * the text. A function is called with each line; if it throws, the run whose task printed the line fails, or all runs
   * if no task printed it. With backend `'serial'`, tasks print directly.
   */
  readonly output?: OutputOption
}

/** The completed {@link PoolOptions}. */
export interface PoolSettings {
  readonly backend: Backend
  readonly workers: number
  readonly minWorkers: number
  readonly kernelThreads: number
  readonly shareFromBytes: number | null
  readonly initializer: Task<unknown> | undefined
  readonly maxTasksPerWorker: number
  readonly maxMemoryPerWorker: number
  readonly idleTimeoutMs: number
  readonly eagerGc: boolean
  readonly startTimeoutMs: number
  readonly maxQueue: number
  readonly concurrency: number
  readonly launch: WorkerLaunch
  readonly output: OutputOption
}

/** Task numbers of a worker wrap: it holds fewer at a time. */
const mostConcurrent = 1000

const outputs: readonly string[] = ['inherit', 'prefix', 'ignore']

/** All options of workers, and how each is checked. */
export const poolOptionTypes: OptionTypes<PoolOptions> = {
  workers: requireWorkers,
  minWorkers: wholeNumber(0, 100_000),
  backend: true,
  shareFromBytes: (name, value) => value === null || byteCount(0)(name, value),
  kernelThreads: wholeNumber(1),
  initializer: [
    (value) => value instanceof Task || typeof value === 'function',
    'a function or delayed(fn)(…args)',
  ],
  maxTasksPerWorker: wholeNumber(1),
  maxMemoryPerWorker: byteCount(1),
  idleTimeoutMs: milliseconds(0),
  eagerGc: boolean,
  startTimeoutMs: milliseconds(1),
  maxQueue: wholeNumber(0),
  concurrency: wholeNumber(1, mostConcurrent),
  env: requireEnv,
  execArgv: [isStringList, "a list of Node's options such as ['--max-old-space-size=2000']"],
  output: [
    (value) => typeof value === 'function' || outputs.includes(value as string),
    "'inherit', 'prefix', 'ignore' or a function",
  ],
}

const usualIdleTimeoutMs = 60_000
const usualStartTimeoutMs = 60_000

const backends: Readonly<Record<string, Backend>> = { serial, threads, processes }

/** Completes options that were checked. */
export function completePoolOptions(options: PoolOptions): PoolSettings {
  const backend = chooseBackend(options.backend)
  const workers = backend.sameThread ? 1 : countWorkers(options.workers ?? -1)
  const { kernelThreads = shareOfCores(workers), shareFromBytes = 2 ** 20, initializer } = options
  return {
    backend,
    workers,
    minWorkers: chooseMinWorkers(options, workers),
    shareFromBytes,
    kernelThreads,
    initializer: typeof initializer === 'function' ? delayed(initializer)() : initializer,
    maxTasksPerWorker: options.maxTasksPerWorker ?? Infinity,
    maxMemoryPerWorker: options.maxMemoryPerWorker ?? Infinity,
    idleTimeoutMs: options.idleTimeoutMs ?? usualIdleTimeoutMs,
    eagerGc: options.eagerGc ?? false,
    startTimeoutMs: options.startTimeoutMs ?? usualStartTimeoutMs,
    maxQueue: options.maxQueue ?? Infinity,
    concurrency: options.concurrency ?? 1,
    launch: {
      env: {
        ...threadVariables(kernelThreads, options.kernelThreads !== undefined),
        ...options.env,
      },
      execArgv: options.execArgv && [...options.execArgv],
    },
    output: options.output ?? 'inherit',
  }
}

function chooseBackend(asked: PoolOptions['backend'] = 'threads'): Backend {
  const backend =
    typeof asked === 'string' && Object.hasOwn(backends, asked) ? backends[asked] : asked
  if (typeof backend !== 'object' || backend === null || typeof backend.start !== 'function') {
    const advice = foreignValueAdvice(backendCounterparts, asked)
    throw refuseChoice('`backend`', asked, "'threads', 'processes', 'serial' or a backend", advice)
  }
  if (!isWorker()) return backend
  return coreBudget() > 1 && backend !== serial ? threads : serial
}

function requireWorkers(name: string, value: unknown): void {
  const asked = requireNumber(name, value)
  if (Number.isInteger(asked) && asked !== 0) return
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`workers\` to be a whole number other than 0, got ${asked}. Use -1 for all cores, and backend 'serial' to run without workers.`,
    { details: { workers: asked } },
  )
}

/** Where `workers` follows from the machine, so does the least number. */
function chooseMinWorkers(
  { minWorkers = 0, workers: asked }: PoolOptions,
  workers: number,
): number {
  if (asked === undefined || asked < 0 || minWorkers <= asked) return Math.min(minWorkers, workers)
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`minWorkers\` to be at most \`workers\` (${asked}), got ${minWorkers}.`,
    { details: { minWorkers, workers: asked } },
  )
}

function requireEnv(_: string, asked: unknown): void {
  if (typeof asked !== 'object' || asked === null) {
    throw new TypeError(`Expected \`env\` to be an object of strings, got ${show(asked)}.`)
  }
  for (const [name, value] of Object.entries(asked) as [string, unknown][]) {
    if (value === undefined || typeof value === 'string') continue
    throw new TypeError(
      `Expected \`env.${name}\` to be a string, or undefined to remove it, got ${show(value)}.`,
    )
  }
}
