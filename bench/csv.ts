/** readCsv against pandas: whole processes, their CPU seconds and memory. */

import { execFileSync, spawn } from 'node:child_process'
import { closeSync, openSync, statSync, writeSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { startMonitor } from '../src/monitor/index.ts'
import {
  compare,
  describeMachine,
  formatMachine,
  formatTable,
  inTemporaryFolder,
  record,
  type Timing,
} from './harness.ts'
import { makeRandom } from './random.ts'

const rounds = 7
const python = process.env['PYTHON'] ?? '/usr/bin/python3'
const repository = resolve(import.meta.dirname, '..')

/** What each file may cost: CPU seconds of the whole process, MB at its peak. */
const goals = { floats: { cpu: 1.1, peak: 130 }, genome: { cpu: 0.2, peak: 80 } }

/** Runs a command and prints what it took; Node can't ask for the CPU time of a child. */
const timeChild = `
import json, resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1:], check=True)
wall = time.perf_counter() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({'wallMs': wall * 1e3, 'cpuMs': (used.ru_utime + used.ru_stime) * 1e3}))
`

await inTemporaryFolder(async (folder) => {
  const module = buildPackage()
  const files = { floats: writeFloats(folder), genome: writeGenome(folder) }
  const machine = describeMachine()
  console.log(`${formatMachine(machine)}\n`)
  const figures: Record<string, object> = {}
  for (const file of ['floats', 'genome'] as const) {
    const programs = programsFor(module, files[file], file === 'genome')
    const names = Object.keys(programs)
    const timings = await compare(
      Object.fromEntries(names.map((name) => [name, () => runProcess(programs[name]!)])),
      rounds,
    )
    const rows: string[][] = []
    for (const name of names) {
      const peak = await measurePeak(programs[name]!)
      const { wallMs, cpuMs } = timings[name]!
      const ratio = cpuMs / timings['onecopy']!.cpuMs
      rows.push([
        name,
        (cpuMs / 1e3).toFixed(2),
        (wallMs / 1e3).toFixed(2),
        peak.toFixed(0),
        ratio.toFixed(2),
      ])
      figures[`${file}, ${name}`] = { cpuMs, wallMs, peakMB: peak }
    }
    const size = (statSync(files[file]).size / 1e6).toFixed(0)
    const { cpu, peak } = goals[file]
    console.log(
      formatTable([[`${file}, ${size} MB`, 'CPU s', 'wall s', 'peak MB', 'CPU ratio'], ...rows]),
    )
    console.log(`goal: ${cpu} CPU s, ${peak} MB anonymous + shmem\n`)
  }
  record('csv', machine, figures)
})

/** The library as users get it. */
function buildPackage(): string {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: repository, stdio: 'inherit' })
  return join(repository, 'dist/tables/index.js')
}

/** Command lines of the processes to compare; those of pandas only where Python has it. */
function programsFor(module: string, path: string, isGenome: boolean): Record<string, string[]> {
  const node = (code: string): string[] => [process.execPath, '--input-type=module', '-e', code]
  const pandas = (call: string): string[] => [python, '-c', `import pandas as pd\n${call}`]
  const separator = isGenome ? ", sep='\\t'" : ''
  const texts = "{f'S{k}': 'category' for k in range(32)}"
  return {
    onecopy: node(`import { readCsv } from '${module}'; await readCsv('${path}')`),
    ...(hasPandas()
      ? {
          pandas: pandas(`pd.read_csv('${path}'${separator})`),
          ...(isGenome
            ? { 'pandas, categories': pandas(`pd.read_csv('${path}'${separator}, dtype=${texts})`) }
            : { 'pandas, exact': pandas(`pd.read_csv('${path}', float_precision='round_trip')`) }),
          'pandas, import alone': pandas(''),
        }
      : {}),
    'Node alone': node(''),
  }
}

function hasPandas(): boolean {
  try {
    execFileSync(python, ['-c', 'import pandas'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Runs a process to its end; its CPU time is what the system counts for its children. */
async function runProcess([command = '', ...args]: readonly string[]): Promise<Timing> {
  const timer = ['-c', timeChild, command, ...args]
  return JSON.parse(execFileSync(python, timer, { encoding: 'utf8' })) as Timing
}

/** Peak of anonymous + shmem memory of a process, in MB. */
async function measurePeak([command = '', ...args]: readonly string[]): Promise<number> {
  const child = spawn(command, args, { stdio: 'inherit' })
  const monitor = startMonitor({ pid: child.pid!, intervalMs: 10 })
  await new Promise((done) => child.once('exit', done))
  const { peak } = await monitor.stop()
  return (peak.hard ?? NaN) / 1e6
}

/** 1M × 10 numbers of about 17 digits. */
function writeFloats(folder: string): string {
  const header = Array.from({ length: 10 }, (_, k) => `c${k}`).join(',')
  const random = makeRandom()
  return writeRows(join(folder, 'floats.csv'), header, 1_000_000, () =>
    Array.from({ length: 10 }, () => random() + random() * 2 ** -32).join(','),
  )
}

/** 500k × 34: chromosome, position, and 32 columns of single letters. */
function writeGenome(folder: string): string {
  const header = ['CHROM', 'POS', ...Array.from({ length: 32 }, (_, k) => `S${k}`)].join('\t')
  const random = makeRandom()
  let position = 10_000
  return writeRows(join(folder, 'genome.tsv'), header, 500_000, (row) => {
    position += Math.floor(random() * 100)
    const letters = Array.from(
      { length: 32 },
      () => 'ACGTNRYKMSW'[Math.floor(random() * random() * 11)],
    )
    return [1 + Math.floor(row / 22_728), position, ...letters].join('\t')
  })
}

function writeRows(path: string, header: string, rows: number, row: (i: number) => string): string {
  const file = openSync(path, 'w')
  writeSync(file, `${header}\n`)
  for (let i = 0; i < rows; i += 10_000)
    writeSync(file, Array.from({ length: 10_000 }, (_, k) => `${row(i + k)}\n`).join(''))
  closeSync(file)
  return path
}
