/** Runs `onecopy vcf`: reads genotypes, writes VCF and reports. */

import { isOneCopyError, OneCopyError } from '../../errors.ts'
import { formatCount, formatNumber } from '../../format.ts'
import {
  type GenotypeLayout,
  type GenotypeNotation,
  type SkippedRows,
  type VcfOptions,
  type VcfReport,
  writeVcf,
} from '../../tables/index.ts'
import { readGenotypeFile, reasonTexts } from '../../tables/internal.ts'
import { statFile } from '../input/stat-file.ts'
import { asUsage, UsageError } from '../output/failure.ts'
import type { Progress } from '../output/progress.ts'

/** What the command is asked for. */
export interface VcfRequest {
  readonly input: string
  readonly out: string
  readonly by: 'none' | 'chromosome' | 'individual' | undefined
  readonly layout: GenotypeLayout | undefined
  readonly genotypes: GenotypeNotation | undefined
  readonly header: string | undefined
  /** `major`, or the name of a column. */
  readonly reference: string | undefined
  /** Level of the compression; undefined: as the name of the file says. */
  readonly level: number | undefined
  readonly isJson: boolean
  readonly options: Pick<
    VcfOptions,
    'fasta' | 'rename' | 'sites' | 'index' | 'individuals' | 'workers' | 'version'
  >
}

/**
 * Writes genotypes as VCF, and the report to standard output, or to stderr where the VCF goes there.
 *
 * @throws UsageError when what was given can't be used; OneCopyError `ERR_VALUE` when no row could be written
 */
export async function runVcf(request: VcfRequest, progress: Progress): Promise<void> {
  const started = performance.now()
  const { input, out, isJson } = request
  const by = request.by ?? (isFile(out) ? 'none' : 'chromosome')
  requirePlace(out, by)
  progress.stage(`Reading ${input}`)
  const { header, layout, genotypes } = request
  const read = await asUsage(() => readGenotypeFile(input, { layout, header }))
  progress.finish(`Read ${formatCount(read.table.rows, 'row')} (${read.layout}).`)
  progress.stage('Writing VCF')
  const report = await asInput(read.lines, () =>
    writeVcf(read.table, out, {
      ...request.options,
      by,
      genotypes: genotypes ?? read.notation,
      ...referenceOf(request.reference, read.layout),
      ...(request.level === undefined ? {} : { compress: true, level: request.level }),
      onProgress: ({ files, totalFiles }) => progress.update(`${files} of ${totalFiles} files`),
    }),
  )
  progress.end()
  const seconds = (performance.now() - started) / 1000
  const said = isJson
    ? jsonReport(report, read.lines, seconds)
    : textReport(report, read.lines, seconds)
  ;(out === '-' ? process.stderr : process.stdout).write(said)
}

/** The file that has a line for each row. */
interface SourceLines {
  readonly path: string
  /** Line of row 0; 0 when lines of a header stand before it. */
  readonly first: number
}

function isFile(path: string): boolean {
  return path === '-' || /\.vcf(\.b?gz)?$/.test(path)
}

function requirePlace(out: string, by: string): void {
  const isFolder = out === '-' ? undefined : statFile(out)?.isDirectory()
  if (by === 'none' && isFolder === true)
    throw new UsageError(`Expected --out to be a file for --by none, but '${out}' is a folder.`)
  if (by !== 'none' && (isFile(out) || isFolder === false))
    throw new UsageError(`Expected --out to be a folder for --by ${by}, got '${out}'.`)
}

function referenceOf(reference: string | undefined, layout: GenotypeLayout): VcfOptions {
  if (reference === undefined) return {}
  if (reference === 'major') return { reference: 'major' }
  if (layout !== 'bed') return { columns: { reference } }
  if (reference === 'A2') return { columns: { reference: 'A2', alternate: 'A1' } }
  throw new UsageError(`Expected --ref to be major or A2 for a .bed file, got '${reference}'.`)
}

/** Errors that the input has caused, with the lines of its rows. */
async function asInput<T>(lines: SourceLines, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isOneCopyError(error)) throw error
    const { skipped, rows } = error.details
    if (error.code === 'ERR_VALUE' && Array.isArray(skipped))
      throw new OneCopyError(
        'ERR_VALUE',
        `Not one of ${formatCount(rows as number, 'row')} of ${lines.path} could be written as VCF: ` +
          `${(skipped as SkippedRows[]).map((one) => skippedText(one, lines)).join('; ')}. Nothing was written.`,
        { cause: error, details: error.details },
      )
    if (['ERR_FILE', 'ERR_MEMORY', 'ERR_PLATFORM'].includes(error.code)) throw error
    throw new UsageError(error.message, { cause: error })
  }
}

function textReport(report: VcfReport, lines: SourceLines, seconds: number): string {
  const { records, variant, homozygousReference, missing, leftOut, files, withoutFile } = report
  const out = [
    `Wrote ${formatCount(records, 'record')} of ${formatCount(report.rows, 'row')} to ${formatCount(files.length, 'file')} in ${seconds.toFixed(1)} s.`,
    `  with an alternate allele   ${formatNumber(variant)}`,
    `  homozygous reference only  ${formatNumber(homozygousReference)}`,
    `  all calls missing          ${formatNumber(missing)}`,
  ]
  if (leftOut > 0) out.push(`  left out by --sites        ${formatNumber(leftOut)}`)
  for (const one of report.skipped) out.push(`Skipped ${skippedText(one, lines)}.`)
  if (withoutFile.length > 0)
    out.push(
      `No file, since no row could be written: ${withoutFile.slice(0, 10).join(', ')}${withoutFile.length > 10 ? ', …' : ''}.`,
    )
  if (report.sorted) out.push('The rows were not in the order of VCF and have been sorted.')
  return `${out.join('\n')}\n`
}

/** `3 rows with a genotype … (lines 5, 8, 9)`. */
function skippedText(
  { reason, rows, first }: SkippedRows,
  { path, first: line }: SourceLines,
): string {
  const places = line === 0 ? first.map((row) => row + 1) : first.map((row) => row + line)
  const what = `${line === 0 ? 'record' : 'line'}${rows === 1 ? '' : 's'}`
  const more = rows > first.length ? ', …' : ''
  return `${formatCount(rows, 'row')} ${reasonTexts[reason]} (${what} ${places.join(', ')}${more} of ${path})`
}

function jsonReport(report: VcfReport, { path, first }: SourceLines, seconds: number): string {
  const skipped = report.skipped.map(({ reason, rows, first: numbers }) => ({
    reason,
    rows,
    firstRows: numbers,
    ...(first === 0 ? {} : { firstLines: numbers.map((row) => row + first) }),
  }))
  return `${JSON.stringify({ input: path, seconds, ...report, skipped }, undefined, 2)}\n`
}
