/** Arrays whose data exists once: NDArray, files, scratch memory, references, rows. */

export {
  atomicAdd,
  type AtomicDType,
  atomicMax,
  atomicMin,
  compareExchange,
} from './ndarray/atomics.ts'
export { array, type ArrayOptions, full, type Nested, ones, zeros } from './ndarray/create.ts'
export { arange, linspace } from './ndarray/number-ranges.ts'
export { concatenate } from './ndarray/concatenate.ts'
export { add, divide, multiply, subtract, where } from './ndarray/elementwise.ts'
export { type DType, dtypes, itemSize, type ScalarOf, type TypedArrayOf } from './layout/dtype.ts'
export { exclusive } from './ndarray/exclusive.ts'
export { createArray, openArray, type OpenOptions } from './files/files.ts'
export { saveArray } from './files/save.ts'
export { ForeignArray, openForeignArray } from './files/open-converted.ts'
export { NDArray } from './ndarray/ndarray.ts'
export {
  type ArrayReference,
  decodeReference,
  encodeReference,
  isSenderGone,
  receiveReference,
  type ReferenceOptions,
} from './references/references.ts'
export { countRows, rowRanges, splitRows, toRowNumbers } from './ndarray/row-ranges.ts'
export type { RowRange, Rows, RowSelection } from './ndarray/row-selection.ts'
export { shared, type ScratchOptions } from './ndarray/scratch.ts'
export type { AxisRange } from './layout/slices.ts'
