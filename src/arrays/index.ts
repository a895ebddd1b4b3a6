/** Arrays whose data exists once: NDArray, files, scratch memory, references, rows. */

export { atomicAdd, type AtomicDType, atomicMax, atomicMin, compareExchange } from './atomics.ts'
export { type ByteRange, ByteRanges, bytesOf } from './byte-ranges.ts'
export { arange, array, type ArrayOptions, type Nested, zeros } from './create.ts'
export {
  type DType,
  dtypeOf,
  dtypes,
  itemSize,
  requireDType,
  type ScalarOf,
  typedArrayMaker,
  type TypedArrayOf,
} from './dtype.ts'
export { exclusive, isExclusive, usesExclusive } from './exclusive.ts'
export { createArray, createPendingArray, openArray, type OpenOptions, saveArray } from './files.ts'
export { ForeignArray, openForeignArray } from './foreign.ts'
export { kernelMatrix, kernelRows, requireMatrix, requireVector } from './kernel-matrix.ts'
export { type Mapping, type MappingMode, mappingOf } from './mapping.ts'
export { holdMapping, MappingHold } from './mapping-hold.ts'
export { NamelessFile } from './nameless-file.ts'
export { type ArrayPlace, NDArray } from './ndarray.ts'
export { hasCommonElement } from './overlap.ts'
export {
  type ArrayReference,
  decodeReference,
  encodeReference,
  holdsBytesOf,
  isSenderGone,
  type MappingReference,
  receiveReference,
  type ReferenceOptions,
} from './references.ts'
export {
  allRows,
  complement,
  countRows,
  requireRows,
  rowNumbers,
  type RowRange,
  rowRange,
  rowRanges,
  type Rows,
  splitRows,
  toRowNumbers,
} from './row-ranges.ts'
export { requireArray } from './require-array.ts'
export { shared, type ScratchOptions } from './scratch.ts'
export { share, SharedCopies } from './share.ts'
export type { AxisRange } from './slices.ts'
export { Snapshot } from './snapshot.ts'
export { collectAtRest } from './young-memory.ts'
