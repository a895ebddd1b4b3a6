/** What the benchmarks share: machine, medians, rounds, Python peers, records. */

import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { native } from '../src/native/index.ts'

/** What one run of something took. */
export interface Timing {
  readonly wallMs: number
  /** Processor time of all threads: what a busy machine disturbs least. */
  readonly cpuMs: number
}

/** Where and when figures were measured. */
export interface Machine {
  readonly date: string
  readonly cpu: string
  readonly cores: number
  /** Mean number of running processes over the last minute; above 0 the figures are disturbed. */
  readonly load: number
  readonly node: string
  readonly simd: string
}

/** Describes this machine as it is now. */
export function describeMachine(): Machine {
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]?.model.trim() ?? process.arch,
    cores: availableParallelism(),
    load: loadavg()[0]!,
    node: process.version,
    simd: native.simdLevel(),
  }
}

/** The machine as one line. */
export function formatMachine({ cpu, cores, load, node, simd }: Machine): string {
  return `${cpu}, ${cores} cores, load ${load.toFixed(1)}, Node ${node}, ${simd}`
}

/** The middle value; the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2
}

/** Times one run of our own work, in this process. */
export async function time(work: () => unknown): Promise<Timing> {
  const [start, before] = [performance.now(), process.cpuUsage()]
  await work()
  const { user, system } = process.cpuUsage(before)
  return { wallMs: performance.now() - start, cpuMs: (user + system) / 1000 }
}

/**
 * Runs contestants in turn, so that whatever disturbs the machine disturbs all of them.
 *
 * @param contestants - each runs once a round and says what it took
 * @param rounds - counted after one more that warms up
 * @returns each one's median
 */
export async function compare<Name extends string>(
  contestants: Readonly<Record<Name, () => Promise<Timing>>>,
  rounds: number,
): Promise<Record<Name, Timing>> {
  const names = Object.keys(contestants) as Name[]
  const timings = new Map(names.map((name) => [name, [] as Timing[]]))
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const timing = await contestants[name]()
      if (round > 0) timings.get(name)!.push(timing)
    }
  }
  const middle = (list: readonly Timing[]): Timing => ({
    wallMs: median(list.map(({ wallMs }) => wallMs)),
    cpuMs: median(list.map(({ cpuMs }) => cpuMs)),
  })
  return Object.fromEntries(names.map((name) => [name, middle(timings.get(name)!)])) as Record<
    Name,
    Timing
  >
}

/** A Python program that stays alive between rounds and times its own functions. */
export class PythonPeer {
  readonly #process: ChildProcess
  readonly #answers: AsyncIterator<string>

  /**
   * @param program - Python source that defines functions without parameters; run by Debian's
   *   Python, or by the one that the variable `PYTHON` names
   * @param env - added to the environment, for example `OPENBLAS_NUM_THREADS`
   */
  constructor(program: string, env: Readonly<Record<string, string>> = {}) {
    const loop = `
import json, sys, time
def ready(): pass
for line in sys.stdin:
    wall, cpu = time.perf_counter(), time.process_time()
    globals()[line.strip()]()
    took = {'wallMs': (time.perf_counter() - wall) * 1e3, 'cpuMs': (time.process_time() - cpu) * 1e3}
    print(json.dumps(took), flush=True)
`
    this.#process = spawn(process.env['PYTHON'] ?? '/usr/bin/python3', ['-c', program + loop], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const lines = createInterface({ input: this.#process.stdout! })
    this.#answers = lines[Symbol.asyncIterator]()
    this.#process.once('error', () => lines.close())
    this.#process.stdin!.on('error', () => lines.close())
  }

  /**
   * Starts a peer that may be missing here; then it is said, and undefined.
   *
   * @param name - what is said to be missing; the peer's own words stand above
   */
  static async start(
    name: string,
    program: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<PythonPeer | undefined> {
    const peer = new PythonPeer(program, env)
    try {
      await peer.time('ready')
      return peer
    } catch {
      console.log(`${name} doesn't run here; it is left out.\n`)
      return undefined
    }
  }

  /** Its process. */
  get pid(): number {
    return this.#process.pid!
  }

  /** Runs a function of the program. */
  async time(name: string): Promise<Timing> {
    this.#process.stdin!.write(`${name}\n`)
    const { value, done } = await this.#answers.next()
    if (done) throw new Error(`The Python peer ended in ${name}(); its own words stand above.`)
    return JSON.parse(value) as Timing
  }

  close(): void {
    this.#process.stdin!.end()
  }
}

/** Runs `work` in an empty folder that is removed afterwards, also when the process fails. */
export async function inTemporaryFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'onecopy-bench-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  try {
    await work(folder)
  } finally {
    process.off('exit', remove)
    remove()
  }
}

/** Rows of text in aligned columns: the first to the left, the others to the right. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, j) => Math.max(...rows.map((row) => row[j]!.length)))
  return rows
    .map((row) =>
      row
        .map((cell, j) => (j === 0 ? cell.padEnd(widths[j]!) : cell.padStart(widths[j]!)))
        .join('  '),
    )
    .join('\n')
}

/** With `--record` on the command line, keeps figures as `bench/records/<date>-<name>.json`. */
export function record(name: string, machine: Machine, figures: object): void {
  if (!process.argv.includes('--record')) return
  const folder = join(import.meta.dirname, 'records')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${machine.date}-${name}.json`)
  writeFileSync(path, `${JSON.stringify({ name, machine, figures }, null, 2)}\n`)
  console.log(`Recorded in ${path}`)
}
