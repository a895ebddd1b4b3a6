/**
 * What Arrow files take: writing, opening, and processes that read one column. Takes 10 GB of disk, or what GB says.
 */

import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createArray } from '../src/arrays/index.ts'
import { NumberColumn, Table, writeArrow } from '../src/tables/index.ts'
import {
  describeMachine,
  formatMachine,
  formatTable,
  inTemporaryFolder,
  median,
  record,
} from './harness.ts'

const gigabytes = Number(process.env['GB'] ?? 10)
const rounds = Number(process.env['ROUNDS'] ?? 9)
const processes = 8
const width = 5
const rows = Math.round((gigabytes * 1e9) / 8 / width)
const machine = describeMachine()
const task = fileURLToPath(new URL('./tasks/open-arrow.ts', import.meta.url))

/** What a process that opens the file reports. */
interface Opening {
  /** Milliseconds the first time in a process, and the second time. */
  readonly first: number
  readonly again: number
  /** Anonymous and shared memory that opening took, in bytes. */
  readonly growth: number
}

function open(path: string): Opening {
  const { stdout, stderr } = spawnSync(process.execPath, [task, 'open', path], { encoding: 'utf8' })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Opening
}

/** Processes that each sum the first column. Returns what all of them took above their start. */
async function share(path: string): Promise<{ hard: number; pss: number }> {
  const children = Array.from({ length: processes }, () => fork(task, ['share', path]))
  const ask = async (message: string): Promise<{ hard: number; pss: number }> => {
    const answers = await Promise.all(
      children.map(async (child: ChildProcess) => {
        const answer = once(child, 'message')
        child.send(message)
        return (await answer)[0] as { hard: number; pss: number }
      }),
    )
    const sum = (pick: (one: { hard: number; pss: number }) => number): number =>
      answers.reduce((total, one) => total + pick(one), 0)
    return { hard: sum(({ hard }) => hard), pss: sum(({ pss }) => pss) }
  }
  await Promise.all(children.map((child) => once(child, 'message')))
  const start = await ask('tell')
  const end = await ask('sum')
  for (const child of children) child.send('end')
  return { hard: end.hard - start.hard, pss: end.pss - start.pss }
}

const toMB = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

console.log(formatMachine(machine))
await inTemporaryFolder(async (folder) => {
  const columns = Array.from({ length: width }, (_, i) => {
    // Zeros that take no disk.
    const values = createArray(join(folder, `${i}.npy`), { dtype: 'float64', shape: [rows] })
    return new NumberColumn(`x${i}`, values, 0)
  })
  const path = join(folder, 'large.arrow')
  const start = performance.now()
  await writeArrow(path, new Table(columns))
  const seconds = (performance.now() - start) / 1000
  const { size } = statSync(path)
  const openings = Array.from({ length: rounds }, () => open(path))
  const of = (name: keyof Opening): number => median(openings.map((one) => one[name]))
  const shared = await share(path)
  console.log(
    `\n${formatTable([
      [`a file of ${toMB(size)}, ${width} columns`, ''],
      ['writing it', `${seconds.toFixed(1)} s, ${(size / 1e9 / seconds).toFixed(2)} GB/s`],
      ['opening it, the first time in a process', `${of('first').toFixed(2)} ms`],
      ['opening it again', `${of('again').toFixed(2)} ms`],
      ['memory that opening takes', toMB(of('growth'))],
      [
        `${processes} processes sum one column of ${toMB(8 * rows)}`,
        `${toMB(shared.hard)} of their own, ${toMB(shared.pss)} with the file`,
      ],
    ])}`,
  )
  const figures = { size, seconds, openings, processes, shared, column: 8 * rows }
  record('arrow', machine, figures)
})
