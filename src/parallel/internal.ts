/** What other modules of onecopy use of `parallel` beyond its public door. */

export type { Backend, BackendWorker, WorkerEvents } from './protocol/backend.ts'
export { describeFunction } from './functions/names/find-importing-module.ts'
export type { FunctionReference } from './functions/contract/reference.ts'
export { isParallel } from './is-parallel.ts'
export { reviveFunction } from './functions/revive/revive.ts'
export type { FromWorker, ToWorker } from './protocol/messages.ts'
export { makerOf, rememberMaker } from './functions/contract/makers.ts'
export { refuse as refuseFunction, type Traveller } from './functions/contract/refusals.ts'
export {
  type FunctionParts,
  readFunctionParts,
  type UsedValue,
} from './functions/identity/function-parts.ts'
export { requireDataClass } from './functions/classes/data-class.ts'
export { explainOwn } from './payload/explain-unsendable.ts'
export { placeOf, Unsendable } from './payload/unsendable.ts'
export { type ParameterName, readParameters } from './functions/identity/parameters.ts'
