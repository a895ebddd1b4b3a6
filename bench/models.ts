/**
 * What model files take: opening, saving, memory of several processes, a cold start. Uses dist/ for the start
 * (npm run build), and 9 GB of disk.
 */

import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { arange, createArray, type NDArray, shared } from '../src/arrays/index.ts'
import { saveContainer } from '../src/container/index.ts'
import { KNeighborsRegressor } from '../src/learn/index.ts'
import { saveModel } from '../src/models/index.ts'
import {
  describeMachine,
  formatMachine,
  formatTable,
  inTemporaryFolder,
  median,
  record,
} from './harness.ts'

const rounds = Number(process.env['ROUNDS'] ?? 15)
const processes = 8
const machine = describeMachine()
const task = fileURLToPath(new URL('./tasks/open-model.ts', import.meta.url))
const figures: Record<string, Record<string, number>> = {}

/** Runs a part of the task in a process of its own. */
function run(what: string, path: string): Record<string, number> {
  const { stdout, stderr } = spawnSync(process.execPath, [task, what, path], { encoding: 'utf8' })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Record<string, number>
}

async function measureOpening(folder: string): Promise<void> {
  const large = join(folder, 'large.onecopy')
  await saveContainer(large, { schema: 1, arrays: new Map([['a.npy', shared([100_000_000])]]) })
  figures['800 MB, one array'] = run('open', large)
  const many = join(folder, 'many.onecopy')
  const small = arange(0, 256).reshape(16, 16)
  const names = Array.from({ length: 10_000 }, (_, i): [string, NDArray] => [`p/${i}.npy`, small])
  await saveContainer(many, { schema: 1, arrays: new Map(names) })
  figures['10,000 arrays'] = run('open', many)
}

/** Of an array of zeros that takes no disk. */
function measureSaving(folder: string): void {
  const path = join(folder, 'saved.onecopy')
  createArray(`${path}.npy`, { dtype: 'float64', shape: [500_000, 1000] })
  figures['saving 4 GB'] = run('save', path)
}

/** A model that is little but its data. */
async function saveNeighbors(path: string, width: number): Promise<void> {
  const X = shared([Math.round(25e6 / width), width])
  // Rows near a few centers, as data have them.
  for (let i = 0; i < X.size; i++) X.data[i] = Math.sin(i * i) + 10 * (Math.floor(i / width) % 50)
  await saveModel(await new KNeighborsRegressor().fit(X, X.column(0).copy()), path)
}

async function measureSharing(path: string, width: number): Promise<void> {
  const children = Array.from({ length: processes }, () => fork(task, ['share', path, `${width}`]))
  const answers = async (message: string): Promise<unknown[]> =>
    Promise.all(
      children.map(async (child) => {
        const answer = once(child, 'message')
        child.send(message)
        return (await answer)[0] as unknown
      }),
    )
  await Promise.all(children.map((child: ChildProcess) => once(child, 'message')))
  const pssOf = async (): Promise<number> =>
    ((await answers('tell')) as { pss: number }[]).reduce((sum, { pss }) => sum + pss, 0)
  const start = await pssOf()
  await answers('open')
  const more = (await pssOf()) - start
  for (const child of children) child.send('end')
  const { size } = statSync(path)
  figures[`${processes} processes`] = { startBytes: start, moreBytes: more, ratio: more / size }
}

function measureStart(path: string, width: number): void {
  const program = fileURLToPath(new URL('./tasks/predict-one.mjs', import.meta.url))
  const times: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now()
    const { status, stderr } = spawnSync(process.execPath, [program, path, `${width}`])
    if (status !== 0) throw new Error(String(stderr))
    if (round > 0) times.push(performance.now() - start)
  }
  figures['cold start'] = { medianMs: median(times), quickestMs: Math.min(...times) }
}

await inTemporaryFolder(async (folder) => {
  await measureOpening(folder)
  measureSaving(folder)
  const width = 20
  const path = join(folder, 'neighbors.onecopy')
  await saveNeighbors(path, width)
  await measureSharing(path, width)
  measureStart(path, width)
})

const text = (name: string, key: string, digits = 1): string => figures[name]![key]!.toFixed(digits)
const megabytes = (name: string, key: string): string => (figures[name]![key]! / 1e6).toFixed(0)
console.log('Model files: container of .npy members at 64-byte offsets, mapped.')
console.log(`${formatMachine(machine)}\n`)
const opening = (name: string): string[] => [
  `open ${name}`,
  `${text(name, 'medianMs', 2)} ms (first in a process ${text(name, 'firstMs')} ms), ${text(name, 'maps', 0)} map`,
]
console.log(
  formatTable([
    ['', ''],
    opening('800 MB, one array'),
    opening('10,000 arrays'),
    [
      'save 4 GB of a mapped file',
      `${text('saving 4 GB', 'wallMs', 0)} ms, ${text('saving 4 GB', 'cpuMs', 0)} ms of processor, ${megabytes('saving 4 GB', 'peakBytes')} MB anonymous and shared memory`,
    ],
    [
      `${processes} processes predict with a model of 200 MB`,
      `PSS ${megabytes(`${processes} processes`, 'moreBytes')} MB above their start, ${text(`${processes} processes`, 'ratio', 2)} x the file`,
    ],
    [
      'a process that predicts one row with it, from start to end',
      `${text('cold start', 'medianMs', 0)} ms, quickest of ${rounds} ${text('cold start', 'quickestMs', 0)} ms`,
    ],
  ]),
)
record('models', machine, figures)
