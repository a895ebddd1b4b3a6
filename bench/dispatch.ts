/** Tasks a second that do nothing: ours, three pools of Node, and joblib. */

import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { delayed, Parallel } from '../src/parallel/index.ts'
import {
  compare,
  describeMachine,
  formatMachine,
  formatTable,
  PythonPeer,
  record,
  time,
  type Timing,
} from './harness.ts'
import { nothing } from './tasks/nothing.ts'

/** How many calls are kept going, and how many are counted of ours; peers run a part of them. */
interface Load {
  readonly inFlight: number
  readonly tasks: number
}

/** Runs one task, with a promise of its own. */
type Call = (i: number) => Promise<unknown>

/** Somebody who runs tasks. */
interface Contestant {
  /** Part of a load's tasks that it runs, so that the slow ones don't take all the time. */
  readonly part: number
  run(load: Load): Promise<Timing>
  close(): unknown
}

const loads: readonly Load[] = [
  { inFlight: 1000, tasks: 100_000 },
  { inFlight: 64, tasks: 50_000 },
  { inFlight: 1, tasks: 10_000 },
]
const workers = 2
const rounds = Number(process.env['ROUNDS'] ?? 7)
const machine = describeMachine()
const require = createRequire(pathToFileURL(`${process.env['PEERS'] ?? process.cwd()}/`))
const taskUrl = new URL('./tasks/nothing.ts', import.meta.url).href

async function keepGoing(call: Call, { inFlight, tasks }: Load): Promise<void> {
  let started = 0
  const lane = async (): Promise<void> => {
    while (started < tasks) await call(started++)
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
}

function contestant(call: Call, part: number, close: () => unknown): Contestant {
  return { part, close, run: (load) => time(() => keepGoing(call, load)) }
}

/** Ours, each call a `run` of one task. */
function ours(backend: 'threads' | 'processes'): Contestant {
  const parallel = new Parallel({ workers, backend })
  const task = delayed(nothing)
  return contestant(
    (i) => parallel.run([task(i)]),
    1,
    () => parallel.close(),
  )
}

/** A peer from the folder in `PEERS`, or from this package; undefined where it is not installed. */
async function peer(
  name: string,
  make: () => Contestant | Promise<Contestant | undefined>,
): Promise<Contestant | undefined> {
  try {
    return await make()
  } catch (error) {
    console.log(`${name} doesn't run here; it is left out (${(error as Error).message}).\n`)
    return undefined
  }
}

/** What is used of piscina and tinypool. */
type TaskPool = new (options: object) => {
  run(value: unknown, options: object): Promise<unknown>
  destroy(): Promise<void>
}

function taskPool(Pool: TaskPool): Contestant {
  const pool = new Pool({
    filename: taskUrl,
    minThreads: workers,
    maxThreads: workers,
  })
  return contestant(
    (i) => pool.run(i, { name: 'nothing' }),
    0.2,
    () => pool.destroy(),
  )
}

function workerpool(): Contestant {
  const module = require('workerpool') as {
    pool(
      script: string,
      options: object,
    ): {
      exec(name: string, args: unknown[]): Promise<unknown>
      terminate(): unknown
    }
  }
  const script = fileURLToPath(new URL('./tasks/nothing-workerpool.mjs', import.meta.url))
  const options = { minWorkers: workers, maxWorkers: workers, workerType: 'thread' }
  const pool = module.pool(script, options)
  return contestant(
    (i) => pool.exec('nothing', [i]),
    0.1,
    () => pool.terminate(),
  )
}

/** A list of all results from one call: joblib has no promise for each. */
async function joblib(): Promise<Contestant | undefined> {
  const part = 0.5
  const functions = loads.map(
    ({ inFlight, tasks }) => `
def load_${inFlight}():
    pool(n_jobs=${workers}${inFlight === 1 ? ', pre_dispatch=1, batch_size=1' : ''})(
        delayed(abs)(i) for i in range(${Math.round(tasks * (inFlight === 1 ? 0.1 : part))}))`,
  )
  const python = await PythonPeer.start(
    'joblib',
    `from joblib import Parallel as pool, delayed\n${functions.join('\n')}\n`,
  )
  if (python === undefined) return undefined
  return {
    part,
    async run({ inFlight }) {
      const { wallMs, cpuMs } = await python.time(`load_${inFlight}`)
      return inFlight === 1 ? { wallMs: wallMs * 5, cpuMs: cpuMs * 5 } : { wallMs, cpuMs }
    },
    close: () => python.close(),
  }
}

const found: Record<string, Contestant | undefined> = {
  threads: ours('threads'),
  processes: ours('processes'),
  piscina: await peer('piscina', () =>
    taskPool((require('piscina') as { Piscina: TaskPool }).Piscina),
  ),
  tinypool: await peer('tinypool', async () => {
    const { href } = pathToFileURL(require.resolve('tinypool'))
    return taskPool(((await import(href)) as { Tinypool: TaskPool }).Tinypool)
  }),
  workerpool: await peer('workerpool', workerpool),
  joblib: await peer('joblib', joblib),
}
const contestants = Object.entries(found).filter(
  (entry): entry is [string, Contestant] => entry[1] !== undefined,
)

console.log(
  `Tasks that do nothing, ${workers} workers; median of ${rounds} rounds; each task its own promise, error and result ` +
    '(joblib: one call for all).',
)
console.log(`${formatMachine(machine)}\n`)
const figures: Record<string, Record<string, number>> = {}
const rows = [
  ['in flight', ...contestants.map(([name]) => `${name}/s`), 'threads : piscina', 'µs CPU a task'],
]
for (const load of loads) {
  const timings = await compare(
    Object.fromEntries(
      contestants.map(([name, one]) => [
        name,
        () => one.run({ ...load, tasks: Math.round(load.tasks * one.part) }),
      ]),
    ) as Record<string, () => Promise<Timing>>,
    rounds,
  )
  const rates = Object.fromEntries(
    contestants.map(([name, { part }]) => [
      name,
      Math.round((load.tasks * part * 1000) / timings[name]!.wallMs),
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
    ((timings['threads']!.cpuMs * 1000) / load.tasks).toFixed(2),
  ])
}
console.log(formatTable(rows))
record('dispatch', machine, figures)
for (const [, contestant] of contestants) await contestant.close()
