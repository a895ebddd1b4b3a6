/** What options of other libraries are called here. */

import { foreignHint } from '../../foreign-options.ts'

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
  return_exceptions: "write `onError: 'collect'`, an option of each run",
  stopOnError: "write `onError: 'collect'`, an option of each run",
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

/** Makes a hint for options that other libraries have, or that stand elsewhere, from those of the called function. */
export const hintFor = foreignHint({ counterparts, instead, places })

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
