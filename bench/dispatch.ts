/** Tasks a second that do nothing: ours on threads and processes, and piscina. */

import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { delayed, Parallel } from '../src/parallel/index.ts'
import {
  compare,
  describeMachine,
  formatMachine,
  formatTable,
  record,
  time,
  type Timing,
} from './harness.ts'
import { nothing } from './tasks/nothing.ts'

/** How many calls are kept going, and how many are counted. */
interface Load {
  readonly inFlight: number
  readonly tasks: number
}

/** Runs one task, with a promise of its own. */
type Call = (i: number) => Promise<unknown>

const loads: readonly Load[] = [
  { inFlight: 1000, tasks: 100_000 },
  { inFlight: 64, tasks: 50_000 },
  { inFlight: 1, tasks: 5000 },
]
const workers = 2
const rounds = 7
const machine = describeMachine()

async function keepGoing(call: Call, { inFlight, tasks }: Load): Promise<void> {
  let started = 0
  const lane = async (): Promise<void> => {
    while (started < tasks) await call(started++)
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
}

/** What is used of piscina. */
interface PiscinaModule {
  readonly Piscina: new (options: object) => {
    run(value: unknown, options: object): Promise<unknown>
    destroy(): Promise<void>
  }
}

/**
 * Piscina from the folder in `PEERS`, or from this package; undefined where it is not installed. Its task is
 * the same file.
 */
function findPiscina(): InstanceType<PiscinaModule['Piscina']> | undefined {
  try {
    const require = createRequire(pathToFileURL(`${process.env['PEERS'] ?? process.cwd()}/`))
    const { Piscina } = require('piscina') as PiscinaModule
    const filename = new URL('./tasks/nothing.ts', import.meta.url).href
    return new Piscina({ filename, minThreads: workers, maxThreads: workers })
  } catch {
    console.log('piscina is not installed here (PEERS=folder names where it is); it is left out.\n')
    return undefined
  }
}

const threads = new Parallel({ workers, backend: 'threads' })
const processes = new Parallel({ workers, backend: 'processes' })
const piscina = findPiscina()
const task = delayed(nothing)
const calls: Record<string, Call> = {
  threads: (i) => threads.run([task(i)]),
  processes: (i) => processes.run([task(i)]),
  ...(piscina && { piscina: (i: number) => piscina.run(i, { name: 'nothing' }) }),
}

console.log(
  `Tasks that do nothing, ${workers} workers; median of ${rounds} rounds, each task its own promise.`,
)
console.log(`${formatMachine(machine)}\n`)
const figures: Record<string, Record<string, number>> = {}
const rows = [['in flight', ...Object.keys(calls).map((name) => `${name}/s`), 'threads : piscina']]
for (const load of loads) {
  const contestants = Object.fromEntries(
    Object.entries(calls).map(([name, call]) => [name, () => time(() => keepGoing(call, load))]),
  ) as Record<string, () => Promise<Timing>>
  const timings = await compare(contestants, rounds)
  const rates = Object.fromEntries(
    Object.entries(timings).map(([name, { wallMs }]) => [
      name,
      Math.round((load.tasks / wallMs) * 1000),
    ]),
  )
  figures[load.inFlight] = rates
  const ratio =
    rates['piscina'] === undefined
      ? 'n/a'
      : `${(rates['threads']! / rates['piscina']).toFixed(1)} x`
  rows.push([
    String(load.inFlight),
    ...Object.values(rates).map((rate) => rate.toLocaleString('en')),
    ratio,
  ])
}
console.log(formatTable(rows))
record('dispatch', machine, figures)
await Promise.all([threads.close(), processes.close(), piscina?.destroy()])
