/** How many threads a kernel may use in this worker or thread. */

import { availableParallelism } from 'node:os'

let threads = 0

/**
 * How many native threads one kernel may use in this thread or process: all cores by default,
 * the worker's share of them inside a worker.
 */
export function kernelThreads(): number {
  // Asking the system takes longer than predicting a row does.
  return (threads ||= availableParallelism())
}

/** Sets the result of {@link kernelThreads} here; a worker calls it once when it starts. */
export function setKernelThreads(count: number): void {
  threads = count
}
