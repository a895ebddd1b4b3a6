/** A genotype matrix becomes a VCF for each chromosome; its memory is compared with that of pandas' Pool. */

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type MemoryReport, plotReports, startMonitor } from 'onecopy/monitor'
import { readCsv, writeVcf } from 'onecopy/tables'

// stackoverflow.com/questions/49429368: the matrix of 250 MB took 6 GB, since each worker of the Pool got copies of frames.
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '200000' },
    individuals: { type: 'string', default: '31' },
    workers: { type: 'string', default: '3' },
    // Plots the memory over time to this file: .html, .svg or .png.
    plot: { type: 'string' },
    // Runs pandas, too, where Python has it.
    pandas: { type: 'boolean', default: false },
  },
})
const [rows, individuals, workers] = [values.rows, values.individuals, values.workers].map(
  Number,
) as [number, number, number]

const folder = await mkdtemp(join(tmpdir(), 'genome-'))
try {
  const path = join(folder, 'matrix.tsv')
  await writeMatrix(path)
  const reports = new Map([['onecopy', await runOurs(path)]])
  if (values.pandas && hasPandas()) reports.set("pandas' Pool", await runPandas(path))
  for (const [name, { peak }] of reports)
    console.log(`${name}: ${((peak.hard ?? NaN) / 1e6).toFixed(0)} MB at the peak`)
  if (values.plot !== undefined) await plotReports(reports, values.plot)
} finally {
  await rm(folder, { recursive: true })
}

async function runOurs(path: string): Promise<MemoryReport> {
  const monitor = startMonitor()
  // matrix = pd.read_csv(…): one byte a cell, in memory that exists once.
  const matrix = await readCsv(path, { schema: { CHROM: 'category', REF: 'category' } })
  // frames = [frame for _, frame in matrix.groupby('CHROM')]; Pool(3).map(matrix_to_vcf, frames): no frame is made or sent.
  const report = await writeVcf(matrix, join(folder, 'vcf'), { by: 'chromosome', workers })
  console.log(`${report.records} records of ${report.rows} rows in ${report.files.length} files`)
  return monitor.stop()
}

async function runPandas(path: string): Promise<MemoryReport> {
  await mkdir(join(folder, 'pool'))
  const program = join(import.meta.dirname, 'pool.py')
  const child = spawn('python3', [program, path, join(folder, 'pool'), String(workers)], {
    stdio: 'inherit',
  })
  const monitor = startMonitor({ pid: child.pid! })
  await once(child, 'exit')
  return monitor.stop()
}

function hasPandas(): boolean {
  return spawnSync('python3', ['-c', 'import pandas']).status === 0
}

/** A matrix like the question's: 22 chromosomes, a letter for each individual. */
async function writeMatrix(path: string): Promise<void> {
  const file = createWriteStream(path)
  const names = Array.from({ length: individuals }, (_, k) => `S${k + 1}`)
  file.write(`${['CHROM', 'POS', 'REF', ...names].join('\t')}\n`)
  for (let row = 0; row < rows; row++) {
    const [reference, alternate, both] = [
      ['A', 'G', 'R'],
      ['C', 'T', 'Y'],
      ['G', 'T', 'K'],
    ][row % 3]!
    const letters = names.map((_, k) => {
      const draw = (row * 7919 + k * 104_729) % 100
      if (draw < 2) return 'N'
      return draw < 80 ? reference : draw < 94 ? both : alternate
    })
    const chromosome = 1 + Math.floor((22 * row) / rows)
    const line = `${[chromosome, 1 + 61 * row, reference, ...letters].join('\t')}\n`
    if (!file.write(line)) await once(file, 'drain')
  }
  file.end()
  await once(file, 'finish')
}
