/** Hard memory that a program and its workers take above their start. */

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { sampleTree } from '../src/monitor/index.ts'

/** Milliseconds between two looks. */
const intervalMs = 5

/** What a program told of itself, and what was seen of it. */
export interface TreePeak<Report> {
  readonly report: Report
  /** Bytes of anonymous + shmem memory at the peak above those at the start. */
  readonly growth: number
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
  const start = sampleTree(child.pid).hard!
  let peak = start
  const told = once(child, 'message')
  const exit = once(child, 'exit')
  child.send('go')
  const end = new AbortController()
  const stop = (): void => end.abort()
  void Promise.race([told, exit]).then(stop, stop)
  while (!end.signal.aborted) {
    peak = Math.max(peak, sampleTree(child.pid).hard ?? 0)
    await setTimeout(intervalMs)
  }
  await exit
  if (child.exitCode !== 0) throw new Error(`${program.pathname} ${args.join(' ')} failed.`)
  const [report] = (await told) as [Report]
  return { report, growth: peak - start }
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
