/** The header of a VCF. */

import { OneCopyError } from '../../errors.ts'

/** A chromosome in a header. */
export interface Contig {
  readonly name: string
  /** In bases; undefined when nobody says. */
  readonly length?: number | undefined
}

/** What stands in a header. */
export interface VcfHeader {
  readonly contigs: readonly Contig[]
  readonly individuals: readonly string[]
  /** Path of the FASTA file that REF comes from. */
  readonly reference?: string | undefined
  /** Whether REF is only the most frequent allele. */
  readonly isProvisional: boolean
  readonly version: '4.2' | '4.3'
}

/**
 * The lines of a header. What we write means the same in both versions.
 *
 * @see samtools.github.io/hts-specs/VCFv4.3.pdf
 */
export function vcfHeader(header: VcfHeader): string {
  const { contigs, individuals, reference, isProvisional } = header
  const lines = [`##fileformat=VCFv${header.version}`]
  if (reference !== undefined) lines.push(`##reference=file://${encodeURI(reference)}`)
  for (const { name, length } of contigs)
    lines.push(`##contig=<ID=${name}${length === undefined ? '' : `,length=${length}`}>`)
  if (isProvisional)
    lines.push(
      '##INFO=<ID=PR,Number=0,Type=Flag,Description="Provisional reference allele, may not be based on real reference genome">',
    )
  lines.push('##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">')
  const columns = ['#CHROM', 'POS', 'ID', 'REF', 'ALT', 'QUAL', 'FILTER', 'INFO', 'FORMAT']
  return `${[...lines, [...columns, ...individuals].join('\t')].join('\n')}\n`
}

/** Names of chromosomes that VCF allows. */
const contigName = /^[0-9A-Za-z!#$%&+./:;?@^_|~-][0-9A-Za-z!#$%&*+./:;=?@^_|~-]*$/

/** @throws OneCopyError `ERR_VALUE` for a name that VCF doesn't allow */
export function requireContigNames(names: readonly string[]): void {
  const wrong = names.find((name) => !contigName.test(name))
  if (wrong === undefined) return
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected names of chromosomes without blanks, commas, quotes and brackets, as VCF allows them, got '${wrong}'.`,
    { details: { contig: wrong } },
  )
}

/** @throws OneCopyError `ERR_VALUE` for a name of an individual that would break its line */
export function requireIndividualNames(names: readonly string[]): void {
  // oxlint-disable-next-line no-control-regex -- these are what must not be there
  const wrong = names.find((name) => name === '' || /[\u0000-\u001F]/.test(name))
  if (wrong === undefined) return
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected names of individuals without tabs and line ends, and not empty, got ${JSON.stringify(wrong)}. Rename the column.`,
    { details: { individual: wrong } },
  )
}
