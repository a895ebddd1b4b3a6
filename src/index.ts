/** The front door: arrays that exist once, parallel runs, memory. */

// Errors
export { type ErrorDetails, isOneCopyError, OneCopyError } from './errors.ts'

// Arrays: made, computed with, mapped, saved, shared, written to by many. Rows, dtypes and references: onecopy/arrays.
export {
  add,
  arange,
  array,
  atomicAdd,
  atomicMax,
  atomicMin,
  compareExchange,
  concatenate,
  createArray,
  divide,
  type DType,
  exclusive,
  full,
  linspace,
  multiply,
  NDArray,
  ones,
  openArray,
  saveArray,
  shared,
  subtract,
  where,
  zeros,
} from './arrays/index.ts'

// Parallel: functions called on workers that share memory. The rest: onecopy/parallel.
export {
  delayed,
  Parallel,
  type ParallelOptions,
  type RunOptions,
  type Settled,
  type StreamOptions,
  Task,
  task,
  taskSignal,
} from './parallel/index.ts'

// Classes of your own whose instances are saved in model files and sent to workers.
export { type ClassRegistration, registerClass } from './objects/index.ts'

// Memory of a process tree. The rest: onecopy/monitor.
export { mark, type MemoryMonitor, type MemoryReport, startMonitor } from './monitor/index.ts'
