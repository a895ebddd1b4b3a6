/** What other modules of onecopy use of `arrays` beyond its public door. */

export { type ByteRange, ByteRanges, bytesOf } from './layout/byte-ranges.ts'
export { float16ToFloat32 } from './layout/float16.ts'
export { isAttached, requireAttached } from './layout/elements.ts'
export { dtypeOf, requireDType, typedArrayMaker } from './layout/dtype.ts'
export { countElements, cStrides, fStrides, isCountable, maxAxes } from './layout/layout.ts'
export { isExclusive, usesExclusive } from './ndarray/exclusive.ts'
export { createPendingArray } from './files/files.ts'
export {
  elementBytes,
  type MappedPart,
  mapPart,
  type MappingViews,
  npyPieces,
  openNpyPart,
} from './files/npy-part.ts'
export { kernelMatrix, kernelRows, requireMatrix, requireVector } from './ndarray/kernel-matrix.ts'
export { formatNpyHeader, parseNpyHeader } from './files/npy.ts'
export { formatDescr, parseDescr } from './files/npy-dtype.ts'
export { type Mapping, mappingOf, mapWhole, requireKept, withFile } from './memory/mapping.ts'
export { holdMapping, holdPages, MappingHold, withPages } from './memory/mapping-hold.ts'
export { requirePath } from './memory/path.ts'
export { openPendingFile, PendingArrayFile } from './memory/pending-array-file.ts'
export { memoryOf, sharesElement, sharesRowByRow } from './ndarray/shares-element.ts'
export { decodePlain, type MappingReference } from './references/references.ts'
export {
  allRows,
  complement,
  listRowNumbers,
  requireRows,
  rowNumbers,
  rowRange,
  takeRows,
} from './ndarray/row-ranges.ts'
export { requireArray } from './ndarray/require-array.ts'
export { PackedScratch, type ScratchPlace } from './ndarray/packed-scratch.ts'
export { createScratch, freeScratch } from './ndarray/scratch.ts'
export { Snapshot } from './references/snapshot.ts'
export { collectAtRest, collectEagerly } from './memory/gc-pressure.ts'
