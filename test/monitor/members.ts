/** Starts processes whose memory a test rules. */

import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { MemberRequest } from '../fixtures/monitor/member.ts'

/** A running `fixtures/monitor/member.ts`. */
export interface Member {
  readonly pid: number
  /** Makes it use memory, and waits until it does. */
  touch(what: MemberRequest): Promise<void>
}

/**
 * Runs `work` with `count` processes that are ready, and ends them after it.
 */
export async function withMembers(
  count: number,
  work: (members: readonly Member[]) => Promise<void>,
): Promise<void> {
  const file = new URL('../fixtures/monitor/member.ts', import.meta.url)
  const children = Array.from({ length: count }, () => fork(file))
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
