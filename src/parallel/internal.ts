/** What other modules of onecopy use of `parallel` beyond its public door. */

export type { Backend, BackendWorker, WorkerEvents } from './protocol/backend.ts'
export { describeFunction } from './functions/names/find-importing-module.ts'
export type { FunctionReference } from './functions/contract/reference.ts'
export { isParallel } from './is-parallel.ts'
export { reviveFunction } from './functions/revive/revive.ts'
export type { FromWorker, ToWorker } from './protocol/messages.ts'
