/** Starts processes whose memory a test rules. */

import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** A running `fixtures/monitor/member.ts`. */
export interface Member {
  readonly pid: number
  /** Makes it touch bytes and keep them (`keep`) or give them back at once (`spike`). */
  touch(what: { keep?: number; spike?: number }): Promise<void>
}

/**
 * Runs `work` with `count` processes that are ready, and ends them after it.
 *
 * @param descriptor - an open file that each of them inherits
 */
export async function withMembers(
  count: number,
  work: (members: readonly Member[]) => Promise<void>,
  descriptor?: number,
): Promise<void> {
  const file = new URL('../fixtures/monitor/member.ts', import.meta.url)
  const inherited = descriptor === undefined ? [] : [descriptor]
  const children = Array.from({ length: count }, () =>
    fork(file, { stdio: ['ignore', 'inherit', 'inherit', 'ipc', ...inherited] }),
  )
  try {
    await Promise.all(children.map((child) => once(child, 'message')))
    await work(children.map(asMember))
  } finally {
    const exits = children.map(ended)
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(exits)
  }
}

function asMember(child: ChildProcess): Member {
  return {
    pid: child.pid!,
    touch: async (what) => {
      child.send(what)
      await once(child, 'message')
    },
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}
