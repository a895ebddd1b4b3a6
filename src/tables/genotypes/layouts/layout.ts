/** Layouts of genotype files, and how a file's own is recognised. */

import { OneCopyError } from '../../../errors.ts'
import type { Table } from '../../table/table.ts'
import type { GenotypeNotation } from '../calls.ts'
import { readHead } from '../text-lines.ts'

/** Layouts that genotypes are read from. */
export const genotypeLayouts = [
  'matrix',
  'hapmap',
  '23andme',
  'ancestry',
  'ped',
  'tped',
  'bed',
  'vcf',
] as const

/**
 * A layout. `matrix`: a row a site, with columns such as CHROM, POS and REF, and a column of letters, pairs, dosages or calls for each individual.
 * `hapmap`: TASSEL's `.hmp.txt`. `23andme`, `ancestry`: raw data of one person. `ped`, `tped`, `bed`: PLINK's, with the files beside it.
 * `vcf`: VCF.
 */
export type GenotypeLayout = (typeof genotypeLayouts)[number]

/** Genotypes that were read, and where. */
export interface ReadGenotypes {
  readonly table: Table
  readonly layout: GenotypeLayout
  /** How the genotypes are written; undefined: the texts tell. */
  readonly notation: GenotypeNotation | undefined
  /** The file that has a line for each row, and the line of row 0. */
  readonly lines: { readonly path: string; readonly first: number }
}

/** Bytes in which a layout shows: names of thousands of individuals fit. */
const headBytes = 1 << 20

/**
 * Recognises the layout of a file by its content, and PLINK's text files by their names.
 *
 * @throws OneCopyError `ERR_FORMAT` when it is none of those known, `ERR_FILE`
 */
export function recogniseLayout(path: string): GenotypeLayout {
  const head = readHead(path, headBytes)
  if (head[0] === 0x6c && head[1] === 0x1b) return 'bed'
  if (path.endsWith('.vcf.gz') || path.endsWith('.vcf.bgz')) return 'vcf'
  if (path.endsWith('.tped')) return 'tped'
  if (path.endsWith('.ped')) return 'ped'
  if (head[0] === 0x1f && head[1] === 0x8b)
    throw new OneCopyError(
      'ERR_FORMAT',
      `${path} is compressed, and only VCF is read so. Decompress it (\`gunzip\`), or say that it is one: \`layout: 'vcf'\`, --format vcf.`,
      { details: { path } },
    )
  const text = head.toString('utf8')
  if (text.startsWith('##fileformat=VCF')) return 'vcf'
  const lines = text.split(/\r?\n/)
  const isComment = (line: string): boolean => line.startsWith('#') && !/^#chrom\b/i.test(line)
  const comments = lines.filter((line) => isComment(line))
  const header = lines.find((line) => line.trim() !== '' && !isComment(line)) ?? ''
  const names = header.split(/[\t,; ]/).map((name) => name.replaceAll('"', '').trim().toLowerCase())
  if (names[0] === 'rs#' || (names[0] === 'rs' && names[1] === 'alleles')) return 'hapmap'
  if (names.includes('allele1') && names.includes('allele2')) return 'ancestry'
  if (
    comments.some((line) => /^#\s*rsid\s+chromosome\s+position\s+genotype/i.test(line)) ||
    names.join(' ') === 'rsid chromosome position genotype'
  )
    return '23andme'
  const hasOne = (...known: string[]): boolean => known.some((name) => names.includes(name))
  if (hasOne('chrom', '#chrom', 'chr', 'chromosome') && hasOne('pos', 'position', 'bp'))
    return 'matrix'
  throw new OneCopyError(
    'ERR_FORMAT',
    `Could not recognise the layout of ${path}, which begins with ${JSON.stringify(header.slice(0, 60))}. ` +
      `Say which it is: ${genotypeLayouts.join(', ')}. A matrix needs columns such as CHROM and POS; names in a file of their own are given as its header.`,
    { details: { path } },
  )
}
