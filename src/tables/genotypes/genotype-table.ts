/** The columns of a genotype table by their roles. */

import { OneCopyError, show } from '../../errors.ts'
import { suggestNames } from '../../nearest-names.ts'
import type { Column } from '../columns/columns.ts'
import type { Table } from '../table/table.ts'

/** Names of columns that are no individuals. */
export interface GenotypeColumnNames {
  /** Default: `CHROM`, `#CHROM`, `chrom`, `chr` or `chromosome`. */
  readonly chromosome?: string | undefined
  /** Counted from 1. Default: `POS`, `pos`, `position` or `bp`. */
  readonly position?: string | undefined
  /** Default: `ID`, `id`, `rsid`, `rs#`, `rs`, `snp` or `marker`, if there is one. */
  readonly id?: string | undefined
  /** Default: `REF`, `ref` or `reference`, if there is one. */
  readonly reference?: string | undefined
  /** Alternate alleles, with commas between them. Default: `ALT`, `alt` or `alternate`, if there is one. */
  readonly alternate?: string | undefined
}

/** Columns of a genotype table. */
export interface GenotypeTable {
  readonly table: Table
  readonly chromosome: Column
  readonly position: Column
  readonly id: Column | undefined
  readonly reference: Column | undefined
  readonly alternate: Column | undefined
  /** Both alleles where nobody says which is the reference, as in PLINK's files: A2, A1. */
  readonly alleles: readonly [Column, Column] | undefined
  readonly individuals: readonly Column[]
}

type Role = keyof GenotypeColumnNames

/** Names of each role, in small letters. */
const knownNames: Readonly<Record<Role, readonly string[]>> = {
  chromosome: ['chrom', '#chrom', 'chr', 'chromosome'],
  position: ['pos', 'position', 'bp'],
  id: ['id', 'rsid', 'rs#', 'rs', 'snp', 'marker'],
  reference: ['ref', 'reference'],
  alternate: ['alt', 'alternate'],
}

/** Columns beside the calls that genotype files have, in small letters. */
const otherNames: ReadonlySet<string> = new Set([
  'qual',
  'filter',
  'info',
  'format',
  'a1',
  'a2',
  'cm',
  'alleles',
  'strand',
  'assembly#',
  'assembly',
  'center',
  'protlsid',
  'assaylsid',
  'panellsid',
  'panel',
  'qccode',
])

/**
 * Finds the columns of a genotype table.
 *
 * @param names - columns that have other names than the usual ones
 * @param individuals - names of the columns of calls; default: all columns without another role
 * @throws OneCopyError `ERR_INDEX` when a column isn't there, `ERR_FORMAT` when there are no individuals
 */
export function findGenotypeColumns(
  table: Table,
  names: GenotypeColumnNames = {},
  individuals?: readonly string[],
): GenotypeTable {
  const find = (role: Role): Column | undefined => {
    const name = names[role]
    if (name !== undefined) return table.column(name)
    return table.columns.find((column) => knownNames[role].includes(column.name.toLowerCase()))
  }
  const chromosome = find('chromosome') ?? refuseRole(table, 'chromosome', 'CHROM')
  const position = find('position') ?? refuseRole(table, 'position', 'POS')
  const [id, reference, alternate] = [find('id'), find('reference'), find('alternate')]
  const roles = new Set([chromosome, position, id, reference, alternate])
  const plain = (name: string): Column | undefined =>
    table.has(name) ? table.column(name) : undefined
  const [a1, a2] = [plain('A1'), plain('A2')]
  const people =
    individuals?.map((name) => table.column(name)) ??
    table.columns.filter(
      (column) => !roles.has(column) && !otherNames.has(column.name.toLowerCase()),
    )
  if (people.length === 0)
    throw new OneCopyError(
      'ERR_FORMAT',
      `Expected columns of individuals beside ${table.names.map((name) => `'${name}'`).join(', ')}, got none. ` +
        'Each individual is a column of genotypes.',
    )
  const twice = people.find((column, i) => roles.has(column) || people.indexOf(column) !== i)
  if (twice !== undefined)
    throw new OneCopyError(
      'ERR_INDEX',
      `Expected each individual once and in a column of its own, got '${twice.name}' twice.`,
    )
  return {
    table,
    chromosome,
    position,
    id,
    reference,
    alternate,
    alleles: a1 !== undefined && a2 !== undefined ? [a2, a1] : undefined,
    individuals: people,
  }
}

function refuseRole({ names }: Table, role: Role, usual: string): never {
  const known = knownNames[role].map((name) => `'${name}'`).join(', ')
  throw new OneCopyError(
    'ERR_INDEX',
    `Expected a column of the ${role} such as ${show(usual)} (${known}, in any case), got none of them. ` +
      `Name it by \`columns: { ${role}: … }\`. ${suggestNames(usual, names)}`,
    { details: { role } },
  )
}
