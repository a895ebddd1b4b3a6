/** A genotype table made ready to be written: sites, calls and order. */

import { resolve } from 'node:path'
import { OneCopyError } from '../../errors.ts'
import type { GenotypeSites, KernelTextColumn } from '../../native/index.ts'
import type { Column } from '../columns/columns.ts'
import type { Table } from '../table/table.ts'
import { type Fasta, openFasta } from './fasta.ts'
import { findGenotypeColumns, type GenotypeTable } from './genotype-table.ts'
import {
  type CodedCalls,
  codeCalls,
  codeColumn,
  type CodedColumn,
  kernelNames,
  kernelTexts,
  numbersOf,
} from './kernel-columns.ts'
import {
  mostFrequentAlleles,
  type ReferenceAlleles,
  referenceFromFasta,
  renameContig,
} from './reference-alleles.ts'
import { orderSites, type SiteOrder } from './site-order.ts'
import { type Contig, requireContigNames, requireIndividualNames } from './vcf-header.ts'
import type { VcfOptions } from './vcf-options.ts'

/** A genotype table as the core takes it. */
export interface GenotypeRows {
  readonly sites: GenotypeSites
  readonly calls: CodedCalls
  readonly individuals: readonly string[]
  readonly order: SiteOrder
  /** All chromosomes by code. */
  readonly contigs: readonly Contig[]
  readonly positions: ArrayLike<number>
  /** Path of the FASTA file that the reference comes from. */
  readonly fasta: string | undefined
  /** Whether the reference is only the most frequent allele. */
  readonly isProvisional: boolean
}

/**
 * Finds the columns of a table, their references and their order. Nothing of the table is copied but positions that are neither int32 nor
 * float64.
 *
 * @throws OneCopyError when columns are lacking, hold something else, or the reference is unknown
 */
export function prepareGenotypes(table: Table, options: VcfOptions): GenotypeRows {
  const found = findGenotypeColumns(table, options.columns, options.individuals)
  const individuals = found.individuals.map(({ name }) => name)
  requireIndividualNames(individuals)
  const calls = codeCalls(found.individuals, options.genotypes)
  const chromosome = renameContigs(codeColumn(found.chromosome), options)
  requireContigNames(chromosome.texts)
  const positions = positionsOf(found)
  const fasta = options.fasta === undefined ? undefined : openFasta(options.fasta)
  const { sites, isProvisional } = makeSites(
    found,
    { calls, chromosome, positions },
    options,
    fasta,
  )
  return {
    sites,
    calls,
    individuals,
    order: orderSites(chromosome.codes, chromosome.texts.length, positions),
    contigs: chromosome.texts.map((name) => ({ name, length: fasta?.sequences.get(name)?.length })),
    positions,
    fasta: fasta === undefined ? undefined : resolve(fasta.path),
    isProvisional,
  }
}

/** What is known of the rows before their references are. */
interface KnownColumns {
  readonly calls: CodedCalls
  readonly chromosome: CodedColumn
  readonly positions: Int32Array | Float64Array
}

function makeSites(
  found: GenotypeTable,
  { calls, chromosome, positions }: KnownColumns,
  options: VcfOptions,
  fasta: Fasta | undefined,
): { sites: GenotypeSites; isProvisional: boolean } {
  const { rows } = found.table
  const isProvisional = options.reference === 'major'
  const isLetters = calls.kind !== 'numbers'
  const stated = found.reference === undefined ? undefined : upperCase(codeColumn(found.reference))
  const [first, other] = found.alleles ?? []
  const isStated = stated !== undefined
  const reference = stated ?? (first && upperCase(codeColumn(first)))
  const alternateColumn = found.alternate ?? (isStated ? undefined : other)
  const alternate = alternateColumn && upperCase(codeColumn(alternateColumn))
  if (!isLetters) requireAlleles(reference, alternate)
  let alleles: ReferenceAlleles = {}
  if (fasta !== undefined)
    alleles = referenceFromFasta(
      { rows, chromosome, position: positions, first: reference, alternate, isStated },
      fasta,
    )
  else if (isProvisional) alleles = mostFrequentAlleles(rows, calls.kernel, isLetters)
  else if (!isStated) throw refuseReference(found)
  const used = isLetters ? (alleles.reference ?? reference!) : reference!
  // Where the reference is another allele than the column says, alternate alleles are those that calls have.
  const keepsAlternate = !isLetters || alleles.reference === undefined
  return {
    isProvisional,
    sites: {
      rows,
      chromosome: kernelTexts(chromosome),
      position: positions,
      id: found.id === undefined ? null : kernelIds(found.id),
      reference: kernelTexts(used),
      alternate: alternate === undefined || !keepsAlternate ? null : kernelTexts(alternate),
      defects: alleles.defects ?? null,
      swaps: isLetters ? null : (alleles.swaps ?? null),
    },
  }
}

function renameContigs(column: CodedColumn, { rename }: VcfOptions): CodedColumn {
  const texts = column.texts.map((name) => renameContig(name, rename))
  const twice = texts.find((name, i) => texts.indexOf(name) !== i)
  if (twice === undefined) return { ...column, texts }
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected different chromosomes, got two that are called '${twice}' when renamed by '${rename}'. Rename them in the table.`,
    { details: { contig: twice } },
  )
}

function positionsOf({ position }: GenotypeTable): Int32Array | Float64Array {
  const values: unknown = position.kind === 'number' && position.values.toTypedArray()
  return values instanceof Int32Array && position.missing === 0 ? values : numbersOf(position)
}

/** Bases in capitals; names in angle brackets stay. */
function upperCase(column: CodedColumn): CodedColumn {
  const texts = column.texts.map((text) => (text.includes('<') ? text : text.toUpperCase()))
  return { ...column, texts }
}

/** @throws OneCopyError `ERR_VALUE` for a name of a row that VCF doesn't allow */
function kernelIds(column: Column): KernelTextColumn {
  const kernel = column.kind === 'text' ? kernelNames(column) : kernelTexts(codeColumn(column))
  const { bytes, starts } = kernel.texts
  let wrong = bytes.findIndex((byte) => byte <= 32)
  let row = 0
  if (wrong < 0) {
    row = kernel.codes.findIndex((code: number) => code >= 0 && starts[code] === starts[code + 1])
    wrong = row
  } else row = starts.findLastIndex((start) => start <= wrong)
  if (wrong < 0) return kernel
  const text = Buffer.from(bytes.subarray(starts[row], starts[row + 1])).toString('utf8')
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected names of rows in column '${column.name}' without blanks, got ${JSON.stringify(text)}. Rename it, or leave the column out.`,
    { details: { column: column.name } },
  )
}

function requireAlleles(
  reference: CodedColumn | undefined,
  alternate: CodedColumn | undefined,
): void {
  if (reference !== undefined && alternate !== undefined) return
  throw new OneCopyError(
    'ERR_INDEX',
    'Expected columns REF and ALT beside genotypes of allele numbers or counts, which say nothing without them. ' +
      'Name them by `columns: { reference: …, alternate: … }`.',
  )
}

function refuseReference({ table, alleles }: GenotypeTable): OneCopyError {
  const columns =
    alleles === undefined
      ? 'a column REF'
      : "a column REF (A1 and A2 only say which allele is less frequent; `columns: { reference: 'A2', alternate: 'A1' }` uses them all the same)"
  return new OneCopyError(
    'ERR_OPTION',
    `Expected to know the reference allele of each row: by ${columns}, by a FASTA file (\`fasta\`, --fasta), ` +
      "or, as a guess that is marked in each row, by the most frequent allele (`reference: 'major'`, --ref major). " +
      `The table has ${table.names
        .slice(0, 8)
        .map((name) => `'${name}'`)
        .join(', ')}${table.names.length > 8 ? ', …' : ''}.`,
  )
}
