/** What other modules of onecopy use to read and write zip archives. */

export { type ArchiveWriter, mostNameBytes, writeArchive } from './archive-writer.ts'
export { requireStart } from './archive-start.ts'
export { type ByteSource, ByteWindow, fileSource, memorySource } from './byte-source.ts'
export { damaged } from './damage.ts'
export { mostMembers, readEnd } from './end-record.ts'
export { type PackedMember, readForeignDirectory } from './foreign-directory.ts'
export { writeGathered } from './gathering-file.ts'
export { readLong } from './long-number.ts'
export { requireCrc, requireSameCrc } from './member-crc.ts'
export { decodeName } from './member-name.ts'
export {
  crcInCentralEntry,
  crcInLocalHeader,
  formatCentralEntry,
  formatEnd,
  formatLocalHeader,
  most32,
  numberBytes,
  placeMember,
  type ZipMember,
} from './zip-format.ts'
export { formatMark } from './zip-marks.ts'
