/** What watching a tree costs it and us, beside mprof with PSS. */

import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { sampleTree } from '../src/monitor/index.ts'
import {
  describeMachine,
  formatMachine,
  formatTable,
  inTemporaryFolder,
  record,
} from './harness.ts'
import type { MemberRequest } from './tasks/memory-member.ts'

const seconds = Number(process.argv.find((word) => /^\d+$/.test(word)) ?? 30)
const mprof = ['/usr/bin/python3-mprof', '/usr/bin/mprof'].find((path) => existsSync(path))

/** What a contestant found, and what it took while the tree was probed. */
interface Watched {
  /** The part of one core that it took. */
  readonly share: number
  readonly hz: number
  /** Bytes of the whole tree, at the end. */
  readonly total: number
  /** Calls of mmap and munmap in the watched processes, in milliseconds. */
  readonly median: number
  readonly p999: number
  readonly longest: number
}

const machine = describeMachine()
const root = fork(new URL('./tasks/memory-member.ts', import.meta.url))
try {
  await once(root, 'message')
  await ask({ hold: 'everything' })
  const alone = await watch(async () => undefined)
  const ours = await watch(ourMonitor)
  const truth = sampleTree(root.pid, { pss: true }).processes.reduce(
    (sum, { rollup }) => sum + rollup!.pssAnonymous! + rollup!.pssShmem!,
    0,
  )
  const theirs = mprof ? await watch(mprofWithPss) : undefined
  const again = await watch(async () => undefined)
  print(truth, { alone, ours, ...(theirs ? { mprof: theirs } : {}), again })
} finally {
  root.kill()
}

/** Probes the tree while somebody watches it. */
async function watch(
  watcher: () => Promise<{ share: number; hz: number; total: number } | undefined>,
): Promise<Watched> {
  const watching = watcher()
  await setTimeout(3000)
  const took = (await ask({ probeMs: 1000 * seconds })) as number[]
  const found = (await watching) ?? { share: 0, hz: 0, total: NaN }
  took.sort((a, b) => a - b)
  const at = (part: number): number => took[Math.floor(part * (took.length - 1))]! / 1000
  return { ...found, median: at(0.5), p999: at(0.999), longest: at(1) }
}

async function ourMonitor(): Promise<{ share: number; hz: number; total: number }> {
  const ms = 1000 * seconds + 2000
  const watcher = fork(new URL('./tasks/memory-watcher.ts', import.meta.url), [
    String(root.pid),
    String(ms),
  ])
  const [found] = (await once(watcher, 'message')) as [
    { share: number; samples: number; hard: number; pss: number; rss: number; pssTotal?: number },
  ]
  console.log(
    `ours: ${found.pss} reads of PSS; the sum of RSS is ${mega(found.rss)}, of PSS ${mega(found.pssTotal ?? NaN)}`,
  )
  return { share: found.share, hz: (1000 * found.samples) / ms, total: found.hard }
}

async function mprofWithPss(): Promise<{ share: number; hz: number; total: number }> {
  let found = { share: NaN, hz: NaN, total: NaN }
  await inTemporaryFolder(async (folder) => {
    const output = join(folder, 'mprof.dat')
    const options = ['-C', '-T', '0.1', '--backend', 'psutil_pss', '-o', output]
    const peer = spawn('/usr/bin/python3', [mprof!, 'attach', ...options, String(root.pid)], {
      stdio: 'ignore',
    })
    await setTimeout(2000)
    const [start, before] = [performance.now(), cpuMsOf(peer)]
    await setTimeout(1000 * seconds)
    const share = (cpuMsOf(peer) - before) / (performance.now() - start)
    peer.kill('SIGINT') // so that it writes what it has
    await once(peer, 'exit')
    const samples = [...readFileSync(output, 'utf8').matchAll(/^MEM (\S+) (\S+)$/gm)]
    const [first, last] = [samples[0]!, samples.at(-1)!]
    const hz = (samples.length - 1) / (Number(last[2]) - Number(first[2]))
    found = { share, hz, total: Number(last[1]) * 1_048_576 }
  })
  return found
}

function cpuMsOf({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return 10 * (Number(fields[11]) + Number(fields[12]))
}

async function ask(request: MemberRequest): Promise<unknown> {
  root.send(request)
  return ((await once(root, 'message')) as [unknown])[0]
}

function mega(bytes: number): string {
  return Number.isNaN(bytes) ? 'n/a' : `${(bytes / 1e6).toFixed(1)} MB`
}

function print(truth: number, figures: Readonly<Record<string, Watched>>): void {
  const rows = Object.entries(figures).map(([name, it]) => [
    name,
    `${(100 * it.share).toFixed(2)} %`,
    it.hz.toFixed(1),
    mega(it.total),
    it.median.toFixed(3),
    it.p999.toFixed(2),
    it.longest.toFixed(1),
  ])
  const head = ['watcher', 'of one core', 'Hz', 'total', 'mmap median ms', 'p99.9', 'longest']
  console.log(`\n${formatMachine(machine)}, ${seconds} s each`)
  console.log(formatTable([head, ...rows]))
  console.log(`\nAnonymous + shmem of the tree by the kernel's own division (PSS): ${mega(truth)}.`)
  record('monitor', machine, { truth, ...figures })
}
