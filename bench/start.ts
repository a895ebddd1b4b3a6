/** How fast a program starts on a pool of threads: fresh processes, ours and piscina's. */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describeMachine, formatMachine, formatTable, median, record } from './harness.ts'

/** Milliseconds that each part of a program took. */
type Figures = Record<string, number>

const contestants = ['onecopy', 'piscina'] as const
const rounds = Number(process.env['ROUNDS'] ?? 21)
const machine = describeMachine()
const parts: Readonly<Record<string, string>> = {
  import: 'import of the package',
  first: 'first task',
  tiny: '1,000 tiny tasks, one by one',
  'rows in': '100 tasks that get 1,000 plain objects',
  'rows out': '100 tasks that return 1,000 plain objects',
}

/** Runs the program in a process of its own, which uses dist/ (npm run build). */
function runProgram(contestant: string): Figures {
  const program = fileURLToPath(new URL('./tasks/start-program.mjs', import.meta.url))
  const args = [program, contestant]
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Figures
}

const runs: Record<string, Figures[]> = Object.fromEntries(contestants.map((name) => [name, []]))
for (let round = 0; round <= rounds; round++) {
  for (const name of contestants) {
    const figures = runProgram(name)
    if (round > 0) runs[name]!.push(figures)
  }
}

console.log(`Programs on 2 worker threads; median and quickest of ${rounds} processes, in ms.`)
console.log(`${formatMachine(machine)}\n`)
const rows = [['', 'onecopy', 'quickest', 'piscina', 'quickest', 'onecopy : piscina']]
const medians: Record<string, Figures> = { onecopy: {}, piscina: {} }
for (const [part, label] of Object.entries(parts)) {
  const cells = contestants.flatMap((name) => {
    const times = runs[name]!.map((figures) => figures[part]!)
    medians[name]![part] = median(times)
    return [median(times).toFixed(1), Math.min(...times).toFixed(1)]
  })
  const ratio = medians['onecopy']![part]! / medians['piscina']![part]!
  rows.push([label, ...cells, ratio.toFixed(2)])
}
console.log(formatTable(rows))
record('start', machine, medians)
