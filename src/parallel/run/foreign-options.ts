/** What options of other libraries are called here. */

import type { Hint } from '../../options.ts'

/** What options are called in joblib, Pool, concurrent.futures, piscina, tinypool, workerpool and p-map. */
const counterparts: Readonly<Record<string, string>> = {
  n_jobs: 'workers',
  njobs: 'workers',
  jobs: 'workers',
  processes: 'workers',
  threads: 'workers',
  cores: 'workers',
  size: 'workers',
  max_workers: 'workers',
  maxWorkers: 'workers',
  maxThreads: 'workers',
  numWorkers: 'workers',
  poolSize: 'workers',
  minThreads: 'minWorkers',
  prefer: 'backend',
  require: 'backend',
  context: 'backend',
  mp_context: 'backend',
  runtime: 'backend',
  workerType: 'backend',
  verbose: 'progress',
  max_nbytes: 'shareFromBytes',
  inner_max_num_threads: 'kernelThreads',
  pre_dispatch: 'preDispatch',
  batch_size: 'chunkSize',
  chunksize: 'chunkSize',
  timeout: 'timeoutMs',
  idle_worker_timeout: 'idleTimeoutMs',
  idleTimeout: 'idleTimeoutMs',
  maxtasksperchild: 'maxTasksPerWorker',
  max_tasks_per_child: 'maxTasksPerWorker',
  maxMemoryLimitBeforeRecycle: 'maxMemoryPerWorker',
  terminateTimeout: 'graceMs',
  workerTerminateTimeout: 'graceMs',
  forkOpts: 'env',
  error_callback: 'onError',
  stopOnError: 'onError',
  concurrentTasksPerWorker: 'concurrency',
  maxQueueSize: 'maxQueue',
  taskQueue: 'priority',
  queueStrategy: 'priority',
  stdout: 'output',
  stderr: 'output',
}

/** What other libraries need an option for, and what is done here instead. */
const instead: Readonly<Record<string, string>> = {
  initargs: 'write `initializer: delayed(fn)(…args)`',
  workerData: 'write `initializer: delayed(fn)(data)`',
  return_as: 'call `parallel.stream(tasks)` for a generator',
  callback: 'await `parallel.run(tasks)`, or read `parallel.stream(tasks)`',
  temp_folder:
    'arrays are shared in memory without files. For arrays larger than memory use `shared(shape, dtype, { scratch: folder })`',
  mmap_mode: 'open files by `openArray(path, { mode })`',
  filename: 'make tasks of the function itself, by `delayed(fn)(…args)`',
  transferList: 'arrays are shared, and need not be transferred',
  isolateWorkers: 'set `maxTasksPerWorker: 1`',
  recordTiming: '`parallel.stats()` always has the times',
  workerHistogram: '`parallel.stats()` always has the times',
  resourceLimits: "give each worker a limit by `execArgv: ['--max-old-space-size=…']`",
  closeTimeout: '`parallel.close()` kills tasks in progress after a moment',
}

const parallel = '`new Parallel()`'
const everyRun = 'each run'
const streams = '`stream`, `map` and `starmap`'

/** Where options stand that not all of `Parallel`, runs and streams have. */
const places: Readonly<Record<string, string>> = {
  workers: parallel,
  minWorkers: parallel,
  maxQueue: parallel,
  concurrency: parallel,
  backend: parallel,
  shareFromBytes: parallel,
  kernelThreads: parallel,
  initializer: parallel,
  maxTasksPerWorker: parallel,
  maxMemoryPerWorker: parallel,
  idleTimeoutMs: parallel,
  eagerGc: parallel,
  startTimeoutMs: parallel,
  env: parallel,
  execArgv: parallel,
  output: parallel,
  captures: parallel,
  monitor: parallel,
  onError: everyRun,
  signal: everyRun,
  onProgress: everyRun,
  name: everyRun,
  priority: everyRun,
  order: streams,
  maxAhead: streams,
  maxBufferedBytes: streams,
}

/**
 * Makes a hint for options that other libraries have, or that stand elsewhere.
 *
 * @param known - those of the function that was called
 */
export function hintFor(known: object): Hint {
  return (name) => {
    if (Object.hasOwn(places, name)) return { elsewhere: `it is an option of ${places[name]}` }
    const spelt = plain(name)
    const advice = insteadByName.get(spelt)
    if (advice !== undefined) return advice
    const ours = counterpartsByName.get(spelt)
    if (ours === undefined) return undefined
    const clause = `onecopy calls it \`${ours}\``
    if (Object.hasOwn(known, ours)) return clause
    return { elsewhere: `${clause}, an option of ${places[ours]}` }
  }
}

/** A name without its spelling: `n_jobs`, `nJobs` and `njobs` are one. */
function plain(name: string): string {
  return name.replaceAll('_', '').toLowerCase()
}

function byPlainName(texts: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(texts).map(([name, text]) => [plain(name), text]))
}

const counterpartsByName = byPlainName(counterparts)
const insteadByName = byPlainName(instead)

/** The counterparts of backends of other libraries. */
export const backendCounterparts: Readonly<Record<string, string>> = {
  loky: 'processes',
  multiprocessing: 'processes',
  process: 'processes',
  fork: 'processes',
  spawn: 'processes',
  forkserver: 'processes',
  child_process: 'processes',
  threading: 'threads',
  thread: 'threads',
  worker_threads: 'threads',
  sequential: 'serial',
}
