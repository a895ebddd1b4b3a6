/** Hard memory that a program and its workers take above their start. */

import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { sampleTree } from '../src/monitor/index.ts'

/** Milliseconds between two looks. */
const intervalMs = 5

/** What a program told of itself, and what was seen of it. */
export interface TreePeak<Report> {
  readonly report: Report
  /** Bytes of anonymous + shmem memory at the peak above those at the start. */
  readonly growth: number
  /** All bytes of anonymous + shmem memory at the peak. */
  readonly peak: number
}

/**
 * Runs a program and watches it and all its children from outside, from its message `'ready'` to the one that
 * reports what it did; it gets `'go'` when the watch begins.
 */
export async function treePeak<Report>(
  program: URL,
  args: readonly string[],
): Promise<TreePeak<Report>> {
  const child = fork(program, args)
  await once(child, 'message')
  const told = once(child, 'message')
  const exit = once(child, 'exit')
  const memory = await memoryOf(child.pid!, () => {
    child.send('go')
    return Promise.race([told, exit])
  })
  await exit
  if (child.exitCode !== 0) throw new Error(`${program.pathname} ${args.join(' ')} failed.`)
  const [report] = (await told) as [Report]
  return { report, ...memory }
}

/**
 * The same of a Python program: its `prepare()` comes before the watch, its `work()` is watched.
 */
export async function pythonPeak(program: string): Promise<Omit<TreePeak<unknown>, 'report'>> {
  const loop = `
prepare()
print('ready', flush=True)
input()
work()
print('done', flush=True)
input()
`
  const child = spawn(process.env['PYTHON'] ?? '/usr/bin/python3', ['-c', program + loop], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  if ((await lines.next()).done === true) throw new Error('The Python program failed to start.')
  await setTimeout(500)
  let isDone = false
  const memory = await memoryOf(child.pid!, async () => {
    child.stdin.write('go\n')
    isDone = (await lines.next()).value === 'done'
  })
  child.stdin.end('\n')
  if (!isDone) throw new Error('The Python program failed; its own words stand above.')
  return memory
}

/** The hard memory of a tree at its peak while something runs. */
async function memoryOf(
  pid: number,
  run: () => Promise<unknown>,
): Promise<{ growth: number; peak: number }> {
  const start = sampleTree(pid).hard!
  let peak = start
  const end = new AbortController()
  const stop = (): void => end.abort()
  void run().then(stop, stop)
  while (!end.signal.aborted) {
    peak = Math.max(peak, sampleTree(pid).hard ?? 0)
    await setTimeout(intervalMs)
  }
  return { growth: peak - start, peak }
}

/** The program's side: says that it is warm, and waits for the watch to begin. */
export async function waitForWatch(): Promise<void> {
  await setTimeout(1500) // memory that nobody uses has gone by then
  globalThis.gc?.()
  process.send!('ready')
  await once(process, 'message')
}

/** The program's last word. */
export function tell(report: object): void {
  process.send!(report, () => process.disconnect())
}
