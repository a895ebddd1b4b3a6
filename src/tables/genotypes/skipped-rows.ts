/** Why rows of a genotype table can't be written as VCF. */

/** Reasons by the numbers that the core gives; from 7 on they are ours. */
export const defectNumbers = { referenceDiffers: 7, beyondContig: 8, unknownContig: 9 } as const

/** A reason as a word for programs. */
export type SkipReason = (typeof reasons)[number]

const reasons = [
  'none',
  'chromosome',
  'position',
  'reference',
  'alternate',
  'genotype',
  'allele',
  'reference-differs',
  'beyond-contig',
  'unknown-contig',
] as const

/** Each reason as a clause that follows a number of rows. */
export const reasonTexts: Readonly<Record<SkipReason, string>> = {
  none: '',
  chromosome: 'without a chromosome',
  position: 'without a position from 1 to 2147483647',
  reference: 'whose reference is none of A, C, G, T and N',
  alternate: 'whose alternate alleles are not valid, or equal to the reference or each other',
  genotype: 'with a genotype that VCF cannot express, such as an insertion without its bases',
  allele: 'with an allele number above the number of alternate alleles',
  'reference-differs': 'whose reference differs from the FASTA file',
  'beyond-contig': 'beyond the end of their chromosome in the FASTA file',
  'unknown-contig': 'on a chromosome that the FASTA file does not have',
}

/** Rows that were skipped for one reason. */
export interface SkippedRows {
  readonly reason: SkipReason
  readonly rows: number
  /** The first five of them, counted from 0. */
  readonly first: readonly number[]
}

/** Rows of each reason, from the core's counts. */
export function skippedRows(counts: Float64Array, firstRows: Float64Array): SkippedRows[] {
  return reasons.flatMap((reason, i) => {
    const first = [...firstRows.subarray(5 * i, 5 * i + 5)].filter((row) => row >= 0)
    return counts[i]! > 0 ? [{ reason, rows: counts[i]!, first }] : []
  })
}

/** Skipped rows of several files together. */
export function mergeSkipped(lists: readonly (readonly SkippedRows[])[]): SkippedRows[] {
  return reasons.flatMap((reason) => {
    const same = lists.flat().filter((one) => one.reason === reason)
    if (same.length === 0) return []
    const rows = same.reduce((sum, one) => sum + one.rows, 0)
    const first = [...new Set(same.flatMap((one) => one.first))]
      .toSorted((a, b) => a - b)
      .slice(0, 5)
    return [{ reason, rows, first }]
  })
}
