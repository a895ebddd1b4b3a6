/** How soon an answer comes: from a warm pool, and from the start of one. */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { delayed, Parallel } from '../src/parallel/index.ts'
import {
  describeMachine,
  formatMachine,
  formatTable,
  median,
  PythonPeer,
  record,
} from './harness.ts'
import { nothing } from './tasks/nothing.ts'

type BackendName = 'threads' | 'processes'

const backends: readonly BackendName[] = ['threads', 'processes']
const rounds = Number(process.env['ROUNDS'] ?? 15)
const warmCalls = 300
const machine = describeMachine()

/** Median milliseconds of a `run` of two tasks, one after the other, and with a pause before each. */
async function warm(
  backend: BackendName,
): Promise<{ readonly next: number; readonly later: number }> {
  const parallel = new Parallel({ workers: 2, backend })
  const task = delayed(nothing)
  const measure = async (calls: number, pauseMs: number): Promise<number> => {
    const times: number[] = []
    for (let i = 0; i < calls; i++) {
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs))
      const start = performance.now()
      await parallel.run([task(i), task(i)])
      times.push(performance.now() - start)
    }
    return median(times)
  }
  await measure(warmCalls, 0)
  const figures = { next: await measure(warmCalls, 0), later: await measure(100, 5) }
  await parallel.close()
  return figures
}

/**
 * Milliseconds from `new Parallel` to the first result, in a program of its own that uses dist/ (npm run build); its
 * imports apart.
 *
 * @param tasks - the module of the task: for one in TypeScript each worker loads Node's own compiler first
 */
function cold(backend: BackendName, tasks: string): number {
  const program = fileURLToPath(new URL('./tasks/first-result.mjs', import.meta.url))
  const args = [program, backend, import.meta.resolve(tasks)]
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (stdout === '') throw new Error(stderr)
  return Number(stdout)
}

async function joblib(): Promise<number | undefined> {
  const python = await PythonPeer.start(
    'joblib',
    `
from joblib import Parallel, delayed
pool = Parallel(n_jobs=2)
pool.__enter__()
def call():
    for _ in range(50): pool(delayed(abs)(i) for i in range(2))
`,
  )
  if (python === undefined) return undefined
  await python.time('call')
  const { wallMs } = await python.time('call')
  python.close()
  return wallMs / 50
}

console.log(`A run of two tasks that do nothing on 2 workers; cold: median of ${rounds} programs.`)
console.log(`${formatMachine(machine)}\n`)
const figures: Record<string, Record<string, number>> = {}
const rows = [['', 'warm ms', 'after 5 ms of rest', 'cold ms', 'quickest', 'cold ms, task in .ts']]
for (const backend of backends) {
  const { next, later } = await warm(backend)
  const colds: number[] = []
  const typed: number[] = []
  for (let i = 0; i < rounds; i++) {
    colds.push(cold(backend, './tasks/nothing.mjs'))
    typed.push(cold(backend, './tasks/nothing.ts'))
  }
  const quickest = Math.min(...colds)
  figures[backend] = { warm: next, later, cold: median(colds), quickest, typed: median(typed) }
  rows.push([
    backend,
    next.toFixed(3),
    later.toFixed(3),
    median(colds).toFixed(0),
    quickest.toFixed(0),
    median(typed).toFixed(0),
  ])
}
const peer = await joblib()
if (peer !== undefined) {
  figures['joblib'] = { warm: peer }
  rows.push(['joblib', peer.toFixed(3), '', '', '', ''])
}
console.log(formatTable(rows))
record('latency', machine, figures)
