/** Hard memory that a program needs above what it starts with. */

import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

/** Milliseconds between two looks. */
const intervalMs = 2

/**
 * Runs a program and watches its anonymous + shmem memory, from its message `'ready'` (everything
 * loaded, no data opened) to its end. It must be one process; it gets `'go'` when the watch begins.
 *
 * @returns bytes at the peak above those at `'ready'`
 */
export async function peakAbove(program: string, args: readonly string[]): Promise<number> {
  const child = fork(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  await new Promise((resolve) => child.once('message', resolve))
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const start = hardBytes(child.pid!) ?? 0
  let peak = start
  child.send('go')
  while (child.exitCode === null && child.signalCode === null) {
    peak = Math.max(peak, hardBytes(child.pid!) ?? 0)
    await setTimeout(intervalMs)
  }
  if ((await exit) !== 0) throw new Error(`${program} ${args.join(' ')} failed.`)
  return peak - start
}

/** The child's side: says that it is ready, and waits for the watch to begin. */
export async function waitForWatch(): Promise<void> {
  if (process.send === undefined) return
  globalThis.gc?.()
  process.send('ready')
  await new Promise((resolve) => process.once('message', resolve))
  process.disconnect()
}

function hardBytes(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    const kib = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1])
    const bytes = (kib('RssAnon') + kib('RssShmem')) * 1024
    return Number.isNaN(bytes) ? undefined : bytes
  } catch {
    return undefined
  }
}
