/** Reads genotype files of all layouts into tables. */

import { isString, oneOf, type OptionTypes, requireOptions, signal } from '../../options.ts'
import type { Table } from '../table/table.ts'
import {
  type GenotypeLayout,
  genotypeLayouts,
  type ReadGenotypes,
  recogniseLayout,
} from './layouts/layout.ts'
import { readGenotypeMatrix, readHapmap } from './layouts/read-matrix.ts'
import { readPersonal } from './layouts/read-personal.ts'
import { readBed, readPed, readTped } from './layouts/read-plink.ts'
import { readVcf } from './read-vcf.ts'

/** Options of {@link readGenotypes}. */
export interface ReadGenotypesOptions {
  /** Layout of the file. Default: recognised. */
  readonly layout?: GenotypeLayout | undefined
  /** A file whose first line holds the names of the columns of a matrix that has none. */
  readonly header?: string | undefined
  /** What the person of a `23andme` or `ancestry` file is called. Default: the name of the file. */
  readonly individual?: string | undefined
  /** Stops the reading; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

const types: OptionTypes<ReadGenotypesOptions> = {
  layout: oneOf(...genotypeLayouts),
  header: [isString, 'the path of a file with the names of columns'],
  individual: [isString, 'the name of a person'],
  signal,
}

/**
 * Reads genotypes into a table of the columns CHROM, POS, where there are such ID, REF and ALT (A1 and A2 for PLINK's binary files), and one
 * of categories for each individual, a byte a call. {@link writeVcf} takes the table; for all layouts but matrices and HapMap with
 * `genotypes: 'calls'`.
 *
 * @param path - the file; for PLINK's the `.ped`, `.tped` or `.bed` file, with the others beside it
 * @throws OneCopyError `ERR_FORMAT` when the file has another layout or is damaged, `ERR_FILE`
 */
export async function readGenotypes(
  path: string,
  options: ReadGenotypesOptions = {},
): Promise<Table> {
  return (await readGenotypeFile(path, options)).table
}

/** Like {@link readGenotypes}, with what else is known of the file. */
export async function readGenotypeFile(
  path: string,
  options: ReadGenotypesOptions,
): Promise<ReadGenotypes> {
  requireOptions('readGenotypes', options, types)
  const { header, individual } = options
  const layout = options.layout ?? (header === undefined ? recogniseLayout(path) : 'matrix')
  if (layout === 'matrix') return readGenotypeMatrix(path, options)
  if (layout === 'hapmap') return readHapmap(path, options)
  if (layout === '23andme' || layout === 'ancestry')
    return readPersonal(path, layout, { individual, signal: options.signal })
  if (layout === 'ped') return readPed(path, options.signal)
  if (layout === 'tped') return readTped(path, options.signal)
  if (layout === 'bed') return readBed(path, options.signal)
  const table = await readVcf(path, { signal: options.signal })
  return { table, layout, notation: 'calls', lines: { path, first: 0 } }
}
