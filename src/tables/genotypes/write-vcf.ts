/** Writes a genotype table as VCF files. */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { getSystemErrorMessage } from 'node:util'
import { openPendingFile } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import { kernelThreads, native, stopJobsOn, type WrittenGenotypes } from '../../native/index.ts'
import type { Table } from '../table/table.ts'
import type { PendingFile } from '../../pending-file.ts'
import { type GenotypeRows, prepareGenotypes } from './genotype-rows.ts'
import { mergeSkipped, reasonTexts, skippedRows } from './skipped-rows.ts'
import { binScheme, type IndexKind, makeIndex, tbiLimit } from './vcf-index.ts'
import { vcfHeader } from './vcf-header.ts'
import {
  requireVcfOptions,
  type VcfCounts,
  type VcfFile,
  type VcfOptions,
  type VcfReport,
} from './vcf-options.ts'

/** Files that are brought to the disk while others are written. */
const mostFinishing = 4

/**
 * Writes genotypes as VCF 4.3: one file, one for each chromosome, or one for each individual. Lines are formatted by native threads from the
 * columns where they are, so the memory beside the table is about 2 MB for each thread. Rows that are out of order are sorted by an index of
 * 4 bytes a row. Each file appears under its name when it is complete, and its index after it.
 *
 * @param table - columns of the chromosome, the position, the reference, and one of genotypes for each individual
 * @param path - the file; with `by` the folder, made if needed; `-` is standard output
 * @returns what became of all rows
 * @throws OneCopyError `ERR_INDEX`, `ERR_FORMAT`, `ERR_VALUE` or `ERR_OPTION` when columns or the reference are lacking or wrong; `ERR_VALUE`
 *   when no row at all could be written; `ERR_FILE`. Finished files stay
 * @see samtools.github.io/hts-specs/VCFv4.3.pdf
 *
 * @example
 * ```ts
 * const table = await readCsv('matrix.tsv', { schema: { CHROM: 'category' } })
 * const report = await writeVcf(table, 'vcf', { by: 'chromosome' })
 * console.log(report.records, report.files.map(({ path }) => path))
 * ```
 */
export async function writeVcf(
  table: Table,
  path: string,
  options: VcfOptions = {},
): Promise<VcfReport> {
  requireVcfOptions(options)
  options.signal?.throwIfAborted()
  const rows = prepareGenotypes(table, options)
  const outputs = planOutputs(path, rows, options)
  if (path !== '-' && outputs.isFolder) makeFolder(path)
  return stopJobsOn(options.signal, () => writeAll(rows, outputs.files, options))
}

/** A file to write. */
interface Output {
  readonly path: string
  readonly of?: string
  /** Numbers of the individuals. */
  readonly individuals: readonly number[]
  /** Places in the order. */
  readonly start: number
  readonly stop: number
  readonly isCompressed: boolean
}

async function writeAll(
  rows: GenotypeRows,
  outputs: readonly Output[],
  options: VcfOptions,
): Promise<VcfReport> {
  const files: VcfFile[] = []
  const withoutFile: string[] = []
  const skipped: VcfCounts['skipped'][number][][] = []
  const finishing = new Set<Promise<void>>()
  let failure: { error: unknown } | undefined
  let finished = 0
  const finish = async (i: number, written: WrittenOutput): Promise<void> => {
    try {
      files[i] = await written.finish()
      options.onProgress?.({ files: ++finished, totalFiles: outputs.length })
    } catch (error) {
      failure ??= { error }
    }
  }
  try {
    for (const [i, output] of outputs.entries()) {
      if (failure !== undefined) break
      options.signal?.throwIfAborted()
      const written = await writeOutput(rows, output, options)
      const isEmpty = written.counts.records + written.counts.leftOut === 0
      skipped.push([...written.counts.skipped])
      if (isEmpty && written.counts.skipped.length > 0) {
        written.drop()
        if (outputs.length === 1) throw refuseAll(rows, skipped)
        withoutFile.push(output.of!)
        continue
      }
      const tracked = finish(i, written).finally(() => finishing.delete(tracked))
      finishing.add(tracked)
      if (finishing.size >= mostFinishing) await Promise.race(finishing)
    }
  } finally {
    // Files that are complete get their names, whatever happened to others.
    await Promise.all(finishing)
  }
  if (failure !== undefined) throw failure.error
  const done = files.filter((file) => file !== undefined)
  if (done.length === 0 && outputs.length > 0) throw refuseAll(rows, skipped)
  return {
    rows: rows.sites.rows,
    ...sumCounts(done, skipped),
    files: done,
    withoutFile,
    contigs: rows.contigs.map(({ name }) => name),
    sorted: rows.order.order !== undefined,
  }
}

/** A file that is complete but for its name. */
interface WrittenOutput {
  readonly counts: VcfCounts
  /** Gives it its name, and then its index. */
  finish(): Promise<VcfFile>
  /** Leaves nothing of it. */
  drop(): void
}

async function writeOutput(
  rows: GenotypeRows,
  output: Output,
  options: VcfOptions,
): Promise<WrittenOutput> {
  const isStream = output.path === '-'
  const file = isStream ? undefined : openPendingFile(output.path)
  try {
    const kind = isStream || !output.isCompressed ? undefined : indexKind(rows, output, options)
    const scheme = binScheme(kind ?? 'tbi', kind === 'csi' ? longestContig(rows, output) : 1)
    const written = await native.writeGenotypes(
      file?.fd ?? 1,
      Buffer.from(headerOf(rows, output, options)),
      rows.sites,
      {
        distinct: rows.calls.kernel.distinct,
        individuals: output.individuals.map((k) => rows.calls.kernel.individuals[k]!),
      },
      rowsOf(rows, output),
      {
        isLetters: rows.calls.kind !== 'numbers',
        isVariantOnly: options.sites === 'variant',
        info: rows.isProvisional ? 'PR' : '.',
        level: output.isCompressed ? (options.level ?? 6) : -1,
        withIndex: kind !== undefined,
        ...scheme,
      },
      options.workers ?? kernelThreads(),
    )
    if (written.error !== 0) throw writeFailure(output.path, written.error)
    const counts = countsOf(written)
    const { path, of } = output
    const done = { path, ...(of === undefined ? {} : { of }), ...counts, bytes: written.bytes }
    return {
      counts,
      drop: () => file?.close(),
      finish: async () => {
        await nameFile(file)
        if (kind === undefined) return done
        const index = `${path}.${kind}`
        const names = rows.contigs.map(({ name }) => name)
        const indexFile = openPendingFile(index)
        try {
          await indexFile.write(makeIndex(kind, scheme, written, names))
        } catch (error) {
          indexFile.close()
          throw error
        }
        await nameFile(indexFile)
        return { ...done, index }
      },
    }
  } catch (error) {
    file?.close()
    throw error
  }
}

async function nameFile(file: PendingFile | undefined): Promise<void> {
  try {
    await file?.replace()
  } finally {
    file?.close()
  }
}

function writeFailure(path: string, errno: number): Error {
  const reason = getSystemErrorMessage(-errno)
  const where = path === '-' ? 'standard output' : path
  const error = new OneCopyError('ERR_FILE', `Could not write ${where}: ${reason}.`, {
    details: { path, errno },
  })
  // A reader that has seen enough has closed the pipe; who prints knows this code.
  return path === '-' && errno === 32 ? Object.assign(new Error(reason), { code: 'EPIPE' }) : error
}

function headerOf(
  rows: GenotypeRows,
  { individuals }: Output,
  { version = '4.3' }: VcfOptions,
): string {
  return vcfHeader({
    contigs: rows.contigs,
    individuals: individuals.map((k) => rows.individuals[k]!),
    reference: rows.fasta,
    isProvisional: rows.isProvisional,
    version,
  })
}

function rowsOf({ order: { order } }: GenotypeRows, { start, stop }: Output) {
  return order === undefined
    ? { ranges: Float64Array.of(start, stop) }
    : { numbers: order.subarray(start, stop) }
}

function countsOf(written: WrittenGenotypes): VcfCounts {
  const { variant, homozygous, missing, leftOut } = written
  return {
    records: variant + homozygous + missing,
    variant,
    homozygousReference: homozygous,
    missing,
    leftOut,
    skipped: skippedRows(written.defects, written.defectRows),
  }
}

function sumCounts(files: readonly VcfFile[], skipped: readonly VcfCounts['skipped'][]): VcfCounts {
  const sum = (name: Exclude<keyof VcfCounts, 'skipped'>): number =>
    files.reduce((total, file) => total + file[name], 0)
  return {
    records: sum('records'),
    variant: sum('variant'),
    homozygousReference: sum('homozygousReference'),
    missing: sum('missing'),
    leftOut: sum('leftOut'),
    skipped: mergeSkipped(skipped),
  }
}

function refuseAll({ sites }: GenotypeRows, lists: readonly VcfCounts['skipped'][]): OneCopyError {
  const skipped = mergeSkipped(lists)
  const reasons = skipped
    .map(
      ({ reason, rows, first }) =>
        `${rows} ${reasonTexts[reason]} (rows ${first.join(', ')}${rows > first.length ? ', …' : ''})`,
    )
    .join('; ')
  return new OneCopyError(
    'ERR_VALUE',
    `Not one of ${sites.rows} rows could be written as VCF: ${reasons}. Rows are counted from 0. Nothing was written.`,
    { details: { rows: sites.rows, skipped } },
  )
}

/** The index of a file: TBI, or CSI where a position is beyond its reach. */
function indexKind(rows: GenotypeRows, output: Output, options: VcfOptions): IndexKind | undefined {
  if (options.index === false) return undefined
  if (options.index === 'csi') return 'csi'
  const longest = longestContig(rows, output)
  if (longest <= tbiLimit) return 'tbi'
  if (options.index === undefined) return 'csi'
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`index\` to be 'csi', got 'tbi': ${output.path} has a position of ${longest}, and a TBI index ends at ${tbiLimit}.`,
  )
}

/** The greatest position of a file, with room for its alleles, or the length of a chromosome. */
function longestContig(rows: GenotypeRows, { start, stop }: Output): number {
  const known = lastLongest.get(rows)
  if (known?.start === start && known.stop === stop) return known.longest
  const longest = findLongest(rows, start, stop)
  lastLongest.set(rows, { start, stop, longest })
  return longest
}

/** That of the last file: files of individuals all have the same rows. */
const lastLongest = new WeakMap<GenotypeRows, { start: number; stop: number; longest: number }>()

function findLongest(
  { positions, order, contigs, sites }: GenotypeRows,
  start: number,
  stop: number,
): number {
  let longest = 0
  for (let i = start; i < stop; i++) {
    const position = positions[order.order?.[i] ?? i]!
    if (position > longest) longest = position
  }
  const { starts } = sites.reference.texts
  let allele = 1
  for (let k = 1; k < starts.length; k++) allele = Math.max(allele, starts[k]! - starts[k - 1]!)
  const lengths = contigs.map(({ length = 0 }) => length)
  return lengths.reduce((most, one) => Math.max(most, one), longest + allele - 1)
}

function planOutputs(
  path: string,
  rows: GenotypeRows,
  options: VcfOptions,
): { isFolder: boolean; files: Output[] } {
  const everyone = rows.individuals.map((_, k) => k)
  const all = { start: 0, stop: rows.sites.rows }
  const { by = 'none' } = options
  if (by === 'none') {
    const isCompressed = options.compress ?? /\.b?gz$/.test(path)
    return { isFolder: false, files: [{ path, individuals: everyone, ...all, isCompressed }] }
  }
  if (path === '-')
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected the path of a folder for \`by: '${by}'\`, got '-'.`,
    )
  const isCompressed = options.compress ?? false
  const ending = isCompressed ? '.vcf.gz' : '.vcf'
  const plans =
    by === 'individual'
      ? everyone.map((k) => ({ of: rows.individuals[k]!, individuals: [k], ...all }))
      : rows.order.contigs.map(({ contig, start, stop }) => ({
          of: rows.contigs[contig]!.name,
          individuals: everyone,
          start,
          stop,
        }))
  const names = fileNames(plans.map(({ of }) => of))
  const files = plans.map((plan, i) => ({
    ...plan,
    path: join(path, names[i]! + ending),
    isCompressed,
  }))
  return { isFolder: true, files }
}

/** Names of files for chromosomes or individuals, without what a file system doesn't allow. */
function fileNames(names: readonly string[]): string[] {
  const taken = new Map<string, string>()
  return names.map((name) => {
    const plain = name.replaceAll('/', '_').replace(/^\.+/, (points) => '_'.repeat(points.length))
    const other = taken.get(plain)
    if (other !== undefined)
      throw new OneCopyError(
        'ERR_VALUE',
        `Expected different names of files, got '${plain}' for '${other}' and for '${name}'. Rename one of them.`,
      )
    taken.set(plain, name)
    return plain
  })
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new OneCopyError('ERR_FILE', `Could not make the folder ${path}: ${reason}.`, {
      cause,
      details: { path },
    })
  }
}
