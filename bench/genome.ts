/** Genotype matrices as VCF: onecopy beside pandas' Pool and bcftools, as whole processes. */

import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { startMonitor } from '../src/monitor/index.ts'
import {
  describeMachine,
  formatMachine,
  formatTable,
  inTemporaryFolder,
  record,
} from './harness.ts'
import { makeRandom } from './random.ts'

const python = process.env['PYTHON'] ?? '/usr/bin/python3'
const repository = resolve(import.meta.dirname, '..')

/** The question's size takes pandas minutes: only with `--pandas-at-full-size`. */
const isFull = process.argv.includes('--pandas-at-full-size')

/** Runs a command and prints what it and its children took. */
const timeChild = `
import json, resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
wall = time.perf_counter() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({'wall': wall, 'cpu': used.ru_utime + used.ru_stime}))
`

/** A program, and what it may take: CPU seconds, and MB of anonymous + shmem memory of its tree. */
interface Program {
  readonly command: readonly string[]
  readonly goal?: { readonly cpu: number; readonly peak: number }
}

await inTemporaryFolder(async (folder) => {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: repository, stdio: 'inherit' })
  const machine = describeMachine()
  console.log(`${formatMachine(machine)}\n`)
  const small = writeMatrix(join(folder, 'small.tsv'), 500_000)
  const large = writeMatrix(join(folder, 'large.tsv'), 4_000_000)
  const figures: Record<string, object> = {}
  const measure = async (title: string, programs: Readonly<Record<string, Program>>) => {
    const rows: string[][] = []
    for (const [name, { command, goal }] of Object.entries(programs)) {
      emptyFolder(folder)
      const taken = timed(command)
      emptyFolder(folder)
      const peak = await peakOf(command)
      figures[`${title}, ${name}`] = { ...taken, peakMB: peak }
      const goalText = goal === undefined ? '' : `${goal.cpu} s, ${goal.peak} MB`
      rows.push([name, taken.cpu.toFixed(2), taken.wall.toFixed(2), peak.toFixed(0), goalText])
    }
    console.log(`${formatTable([[title, 'CPU s', 'wall s', 'peak MB', 'goal'], ...rows])}\n`)
  }
  const out = join(folder, 'out')
  const ours = (matrix: string, ...options: string[]): string[] => [
    process.execPath,
    join(repository, 'dist/cli/main.js'),
    'vcf',
    matrix,
    '-o',
    out,
    ...options,
  ]
  const pool = (matrix: string): Program => ({
    command: [python, join(repository, 'examples/pool.py'), matrix, out, '2'],
  })
  const hasPandas = spawnSync(python, ['-c', 'import pandas']).status === 0

  await measure(`4M × 34 by chromosome, ${sizeOf(large)} MB`, {
    onecopy: { command: ours(large), goal: { cpu: 4, peak: 300 } },
    ...(hasPandas && isFull ? { "pandas' Pool": pool(large) } : {}),
  })
  await measure(`500k × 34 by chromosome, ${sizeOf(small)} MB`, {
    onecopy: { command: ours(small) },
    'onecopy, 1 worker': { command: ours(small, '--workers', '1') },
    'onecopy, 8 workers': { command: ours(small, '--workers', '8') },
    'onecopy, BGZF level 1': { command: ours(small, '--compress', '1') },
    ...(hasPandas ? { "pandas' Pool": pool(small) } : {}),
  })
  const people = ['--by', 'individual']
  const split = splitPrograms(folder, small, ours)
  await measure('500k × 34 as 34 individuals, text', {
    onecopy: { command: ours(small, ...people), goal: { cpu: 1.5, peak: 140 } },
    ...(split === undefined ? {} : { 'bcftools +split, of a VCF': split.text }),
  })
  await measure('500k × 34 as 34 individuals, BGZF with an index', {
    'onecopy, level 1': {
      command: ours(small, ...people, '--compress', '1'),
      goal: { cpu: 8, peak: 140 },
    },
    'onecopy, level 6': { command: ours(small, ...people, '--compress', '6') },
    ...(split === undefined ? {} : { 'bcftools +split, no index': split.compressed }),
  })
  record('genome', machine, figures)
})

/** bcftools needs a VCF of all individuals first, which costs it nothing here. */
function splitPrograms(
  folder: string,
  matrix: string,
  ours: (matrix: string, ...options: string[]) => string[],
): { text: Program; compressed: Program } | undefined {
  if (spawnSync('bcftools', ['--version']).error !== undefined) return undefined
  const [command = '', ...args] = ours(matrix)
  const path = join(folder, 'all.vcf.gz')
  execFileSync(command, args.with(args.indexOf('-o') + 1, path), { stdio: 'ignore' })
  const split = (form: string): Program => ({
    command: ['bcftools', '+split', path, `-O${form}`, '-o', join(folder, 'out')],
  })
  return { text: split('v'), compressed: split('z') }
}

function emptyFolder(folder: string): void {
  rmSync(join(folder, 'out'), { recursive: true, force: true })
  mkdirSync(join(folder, 'out'))
}

function sizeOf(path: string): string {
  return (statSync(path).size / 1e6).toFixed(0)
}

function timed(command: readonly string[]): { wall: number; cpu: number } {
  const said = execFileSync(python, ['-c', timeChild, ...command], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return JSON.parse(said) as { wall: number; cpu: number }
}

/** Peak of anonymous + shmem memory of a process and its children, in MB. */
async function peakOf([command = '', ...args]: readonly string[]): Promise<number> {
  const child = spawn(command, args, { stdio: 'ignore' })
  const monitor = startMonitor({ pid: child.pid!, intervalMs: 10 })
  await new Promise((done) => child.once('exit', done))
  const { peak } = await monitor.stop()
  return (peak.hard ?? NaN) / 1e6
}

/** A matrix like the question's: CHROM, POS, REF and a letter for each of 34 individuals. */
function writeMatrix(path: string, rows: number): string {
  const heterozygous: Readonly<Record<string, string>> = {
    AC: 'M',
    AG: 'R',
    AT: 'W',
    CG: 'S',
    CT: 'Y',
    GT: 'K',
  }
  const random = makeRandom()
  const names = Array.from({ length: 34 }, (_, k) => `S${k + 1}`)
  const file = openSync(path, 'w')
  writeSync(file, `${['CHROM', 'POS', 'REF', ...names].join('\t')}\n`)
  let position = 0
  const line = (row: number): string => {
    position = (row * 22) % rows < 22 ? 1 : position + 1 + Math.floor(60 * random())
    const first = Math.floor(4 * random())
    const [reference, alternate] = [
      'ACGT'[first]!,
      'ACGT'[(first + 1 + Math.floor(3 * random())) % 4]!,
    ]
    const both = heterozygous[[reference, alternate].toSorted().join('')]!
    const frequency = random() / 2
    const letters = names.map(() => {
      const draw = random()
      if (draw < 0.02) return 'N'
      return draw < 0.6 * frequency ? both : draw < frequency ? alternate : reference
    })
    return `${[1 + Math.floor((22 * row) / rows), position, reference, ...letters].join('\t')}\n`
  }
  for (let from = 0; from < rows; from += 10_000)
    writeSync(file, Array.from({ length: 10_000 }, (_, k) => line(from + k)).join(''))
  closeSync(file)
  return path
}
