/** The C++ core's interface for genotype tables. */

import type { KernelRows } from './kernel-core.ts'

/** Texts as UTF-8, one after the other. */
export interface KernelTexts {
  readonly bytes: Uint8Array
  /** Where each text starts, then where the last one ends; shape (texts + 1). */
  readonly starts: Float64Array
}

/** Codes of a column: a negative one is no value. */
export type KernelCodes = Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array

/** A column of texts. */
export interface KernelTextColumn {
  /** Shape (n). */
  readonly codes: KernelCodes
  readonly texts: KernelTexts
}

/** Where the n rows of a genotype table lie, and what stands there. */
export interface GenotypeSites {
  readonly rows: number
  readonly chromosome: KernelTextColumn
  /** Counted from 1, shape (n). */
  readonly position: Int32Array | Float64Array
  readonly id: KernelTextColumn | null
  readonly reference: KernelTextColumn
  /** Alternate alleles with commas between them, or a point for none. */
  readonly alternate: KernelTextColumn | null
  /** Why each row can't be written, from 7 on, or 0; shape (n). */
  readonly defects: Uint8Array | null
  /** Which allele of each row is the reference: 0 for REF, 1 for the first of ALT; only where calls are numbers; shape (n). */
  readonly swaps: Uint8Array | null
}

/** Calls of individuals. */
export interface GenotypeCalls {
  /**
   * Each different call: `first | second << 7 | isPhased << 14 | isBad << 15`. An allele is a base (A 0, C 1, G 2, T 3) or an
   * allele number up to 99; 126 when it is missing; `second` is 127 in a haploid call.
   */
  readonly distinct: Uint16Array
  readonly individuals: readonly IndividualCalls[]
}

/** Calls of one individual. */
export interface IndividualCalls {
  /** Shape (n). */
  readonly codes: KernelCodes
  /** Which of the different calls each code stands for; the last one is that of negative codes. */
  readonly calls: Uint16Array
}

/** How rows become lines. */
export interface LineForm {
  /** Whether calls hold bases; otherwise they hold allele numbers. */
  readonly isLetters: boolean
  /** Whether rows without an alternate allele are left out. */
  readonly isVariantOnly: boolean
  /** The column INFO of all rows. */
  readonly info: string
  /** Level of the compression of BGZF, 0 to 9; -1 for plain text. */
  readonly level: number
  /** Whether `runs` and `windows` are wanted; only with BGZF. */
  readonly withIndex: boolean
  /** Bits of a position within the smallest bins, and levels of larger ones. */
  readonly minShift: number
  readonly depth: number
}

/** What became of rows, and where they are. */
export interface WrittenGenotypes {
  /** The system's error number when writing failed, or 0. */
  readonly error: number
  /** Rows with an alternate allele, with reference alleles only, and with no call; and rows that were left out. */
  readonly variant: number
  readonly homozygous: number
  readonly missing: number
  readonly leftOut: number
  /** Rows that can't be written, by reason; shape (16). */
  readonly defects: Float64Array
  /** The first of them, or -1; shape (16, 5). */
  readonly defectRows: Float64Array
  readonly bytes: number
  /** Neighbouring lines in one bin: contig, bin, start, end, rows; shape (runs, 5). Places are virtual offsets. */
  readonly runs: BigUint64Array
  /** The first line over each window: contig, window, start; shape (windows, 3). */
  readonly windows: BigUint64Array
}

/** Writing genotypes; contract: `native/genotypes/genotypes.h`. */
export interface GenotypeCore {
  /**
   * Writes a head and then rows as lines of VCF to an open file, plain or in BGZF blocks. Up to `threads` threads format and compress
   * pieces of about 1 MB, which are written in order: the bytes are the same for any number.
   *
   * @param fd - stays open
   * @param rows - in the order of the file
   * @throws OneCopyError as the promise's rejection: `ERR_FORMAT` for a code that stands for nothing, `ERR_PLATFORM` when Node.js
   *   exports no zlib
   */
  writeGenotypes(
    fd: number,
    head: Uint8Array,
    sites: GenotypeSites,
    calls: GenotypeCalls,
    rows: KernelRows,
    form: LineForm,
    threads: number,
  ): Promise<WrittenGenotypes>
}
