/** Options and report of writeVcf. */

import { OneCopyError } from '../../errors.ts'
import {
  boolean,
  callback,
  isString,
  isStringList,
  oneOf,
  type OptionTypes,
  requireOptions,
  signal,
  wholeNumber,
} from '../../options.ts'
import type { GenotypeNotation } from './calls.ts'
import type { GenotypeColumnNames } from './genotype-table.ts'
import type { ContigRename } from './reference-alleles.ts'
import type { SkippedRows } from './skipped-rows.ts'

/** Options of {@link writeVcf}. */
export interface VcfOptions {
  /**
   * Which rows and individuals share a file: one file of all (`'none'`), one for each chromosome, or one for each individual.
   * Default `'none'`.
   */
  readonly by?: 'none' | 'chromosome' | 'individual' | undefined
  /** Names of columns that are no individuals, where they have other names than the usual ones. */
  readonly columns?: GenotypeColumnNames | undefined
  /** Columns of genotypes, in the order of the file. Default: all columns without another role. */
  readonly individuals?: readonly string[] | undefined
  /**
   * How genotypes are written. `'letters'`: one IUPAC letter for the two bases of a diploid (`A`, `R`), or both (`AG`). `'calls'`: as in VCF, with
   * bases or allele numbers (`A/G`, `0|1`, and `A` or `1` for one chromosome). `'dosage'`: how many alternate alleles (0, 1, 2).
   * Default: found out.
   */
  readonly genotypes?: GenotypeNotation | undefined
  /**
   * Where the reference comes from: the column REF (default), or the most frequent allele of each row (`'major'`), which is then marked by `PR` in
   * INFO. With `fasta` it comes from there.
   */
  readonly reference?: 'column' | 'major' | undefined
  /** A FASTA file with the reference, not compressed; it is mapped. A column REF must agree with it: rows that don't are skipped. */
  readonly fasta?: string | undefined
  /** Rename chromosomes: `'chr'` makes `chr1` of `1`, `'no-chr'` the other way round. */
  readonly rename?: ContigRename | undefined
  /** Rows to write: all (default), or those where an individual of the file has an alternate allele. */
  readonly sites?: 'all' | 'variant' | undefined
  /** Version in the first line. Default `'4.3'`; `'4.2'` is for programs as old as vcftools 0.1.16. */
  readonly version?: '4.2' | '4.3' | undefined
  /** Compress by BGZF, and write an index. Default: whether the path of a single file ends in `.gz` or `.bgz`. */
  readonly compress?: boolean | undefined
  /** Level of the compression, 1 (fast) to 9 (small). Default 6, as bgzip has. */
  readonly level?: number | undefined
  /** The index of a compressed file, or none. Default `'tbi'`, and `'csi'` where a position is beyond 2^29. */
  readonly index?: 'tbi' | 'csi' | false | undefined
  /** How many threads format and compress. The files are the same for any number. Default: one for each core. */
  readonly workers?: number | undefined
  /** Called after each file. */
  readonly onProgress?: ((progress: VcfProgress) => void) | undefined
  /** Stops the writing; the promise rejects with the signal's reason. Files that are finished stay. */
  readonly signal?: AbortSignal | undefined
}

/** Progress of {@link writeVcf}. */
export interface VcfProgress {
  /** How many files are written, and how many there will be. */
  readonly files: number
  readonly totalFiles: number
}

/** Rows of a file or of several, by what became of them. */
export interface VcfCounts {
  /** Lines that were written: `variant + homozygousReference + missing`. */
  readonly records: number
  /** Lines where an individual has an alternate allele. */
  readonly variant: number
  /** Lines where all calls are of the reference. */
  readonly homozygousReference: number
  /** Lines without a call. */
  readonly missing: number
  /** Rows left out by `sites: 'variant'`. */
  readonly leftOut: number
  /** Rows that VCF can't express, by reason. */
  readonly skipped: readonly SkippedRows[]
}

/** A file that was written. */
export interface VcfFile extends VcfCounts {
  readonly path: string
  /** Path of its index, if there is one. */
  readonly index?: string
  /** The chromosome or the individual that it is of. */
  readonly of?: string
  readonly bytes: number
}

/** What {@link writeVcf} has done. */
export interface VcfReport extends VcfCounts {
  /** Rows of the table. With `by: 'individual'` each of them counts once for each file. */
  readonly rows: number
  readonly files: readonly VcfFile[]
  /** Chromosomes or individuals without a row that could be written: they have no file. */
  readonly withoutFile: readonly string[]
  /** Names of the chromosomes, as they were written. */
  readonly contigs: readonly string[]
  /** Whether the rows had to be sorted. */
  readonly sorted: boolean
}

const types: OptionTypes<VcfOptions> = {
  by: oneOf('none', 'chromosome', 'individual'),
  columns: [
    (value) => typeof value === 'object' && value !== null,
    "an object such as { reference: 'ref_allele' }",
  ],
  individuals: [isStringList, 'a list of names of columns'],
  genotypes: oneOf('letters', 'calls', 'dosage'),
  reference: oneOf('column', 'major'),
  fasta: [isString, 'the path of a FASTA file'],
  rename: oneOf('chr', 'no-chr'),
  sites: oneOf('all', 'variant'),
  version: oneOf('4.2', '4.3'),
  compress: boolean,
  level: wholeNumber(1, 9),
  index: (name, value) => {
    if (value !== false) oneOf('tbi', 'csi')(name, value)
  },
  workers: wholeNumber(1, 1024),
  onProgress: callback,
  signal,
}

const columnTypes: OptionTypes<GenotypeColumnNames> = {
  chromosome: [isString, 'the name of a column'],
  position: [isString, 'the name of a column'],
  id: [isString, 'the name of a column'],
  reference: [isString, 'the name of a column'],
  alternate: [isString, 'the name of a column'],
}

/**
 * Checks the options of writeVcf.
 *
 * @throws TypeError; OneCopyError `ERR_OPTION`
 */
export function requireVcfOptions(options: VcfOptions): void {
  requireOptions('writeVcf', options, types)
  if (options.columns !== undefined)
    requireOptions('`columns` of writeVcf', options.columns, columnTypes)
  if (options.fasta !== undefined && options.reference === 'major')
    throw new OneCopyError(
      'ERR_OPTION',
      "Expected `fasta` or `reference: 'major'`, got both. The FASTA file says what the reference is.",
    )
}
